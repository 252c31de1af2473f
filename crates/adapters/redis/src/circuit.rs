//! Leaving a server alone that does not answer.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// For how long a server is left alone after it has failed. Whoever comes then does not wait for it.
const REST: Duration = Duration::from_secs(1);

/// Whether there is any use in asking a server. One caller after each rest finds out.
#[derive(Debug, Default)]
pub(crate) struct Circuit(Mutex<State>);

#[derive(Debug, Default)]
enum State {
    /// It has answered the last time.
    #[default]
    Closed,
    /// It has failed, and is left alone until then.
    Open(Instant),
}

/// What an answer means to whoever watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It is as before.
    None,
    /// It does not answer any more.
    Down,
    /// It answers again.
    Up,
}

impl Circuit {
    /// Whether to ask. Whoever is told so after a rest is the only one until the server has answered.
    pub(crate) fn admits(&self) -> bool {
        let mut state = self.state();
        match *state {
            State::Closed => true,
            State::Open(until) => {
                let is_over = Instant::now() >= until;
                if is_over {
                    *state = State::Open(Instant::now() + REST);
                }
                is_over
            }
        }
    }

    pub(crate) fn note(&self, answered: bool) -> Turn {
        let mut state = self.state();
        let was_closed = matches!(*state, State::Closed);
        *state = if answered { State::Closed } else { State::Open(Instant::now() + REST) };
        match (was_closed, answered) {
            (true, true) | (false, false) => Turn::None,
            (true, false) => Turn::Down,
            (false, true) => Turn::Up,
        }
    }

    /// No invariant spans two statements, so that a poisoned lock is as good as any.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_server_that_failed_is_left_alone_and_then_tried_by_one() {
        let circuit = Circuit::default();
        assert!(circuit.admits() && circuit.admits());
        assert_eq!(circuit.note(true), Turn::None);
        assert_eq!(circuit.note(false), Turn::Down);
        assert!(!circuit.admits());
        assert_eq!(circuit.note(false), Turn::None, "others had asked before");
        advance(REST).await;
        assert!(circuit.admits() && !circuit.admits());
        assert_eq!(circuit.note(true), Turn::Up);
        assert!(circuit.admits() && circuit.admits());
    }
}
