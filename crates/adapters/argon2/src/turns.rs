//! Who may have a password hashed next.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use fastauth_domain::visitor::ClientNetwork;
use fastauth_ports::unavailable::Unavailable;
use tokio::sync::oneshot;

/// When a caller that found no place may come again: by then all who wait now have been served, as a
/// rule.
const RETRY_AFTER: Duration = Duration::from_secs(2);
/// After how long a turn has come too late, as it does where those before wait for a database that does
/// not answer: nobody waits that long for a page.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(15);

/// So many turns at once, and so many places to wait for one.
///
/// Clients take turns, so that one who asks for much waits for itself and not for the others; what
/// one of them asks for is done in the order in which it came. Only callers that still wait count.
pub(crate) struct Turns {
    state: Mutex<State>,
    places: usize,
    longest_wait: Duration,
}

/// A turn. Dropped, it goes to whoever is next.
pub(crate) struct Permit(Arc<Turns>);

/// Every place is taken by a caller that still waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords wait to be hashed")]
pub(crate) struct Full;

impl From<Full> for Unavailable {
    fn from(full: Full) -> Self {
        Self::busy(full).retry_after(RETRY_AFTER)
    }
}

struct State {
    /// There is none while anybody waits.
    free: usize,
    /// The line whose turn is next comes first, and none is empty.
    lines: VecDeque<Line>,
}

/// The callers of one client. Whoever is not known is one client.
struct Line {
    client: Option<ClientNetwork>,
    callers: VecDeque<Caller>,
}

struct Caller {
    since: Instant,
    answer: oneshot::Sender<Result<Permit, Full>>,
}

impl Turns {
    pub(crate) const fn new(turns: usize, places: usize, longest_wait: Duration) -> Self {
        let state = State { free: turns, lines: VecDeque::new() };
        Self { state: Mutex::new(state), places, longest_wait }
    }

    /// Waits for a turn, if there is a place to wait. Whoever goes away while waiting gives up theirs.
    pub(crate) async fn take(
        self: &Arc<Self>,
        client: Option<ClientNetwork>,
    ) -> Result<Permit, Unavailable> {
        let answer = {
            let mut state = self.state();
            if state.free > 0 {
                state.free -= 1;
                return Ok(Permit(Arc::clone(self)));
            }
            state.queue_up(client, self.places)?
        };
        Ok(answer.await.map_err(Unavailable::new)??)
    }

    /// Whether somebody would have a turn, or a place to wait for one, at the moment.
    pub(crate) fn has_room(&self, client: Option<&ClientNetwork>) -> Result<(), Full> {
        let mut state = self.state();
        if state.free > 0 || state.has_place(self.places) {
            return Ok(());
        }
        state.longest_to_displace_for(client).map(drop).ok_or(Full)
    }

    /// No invariant spans two statements, so that a poisoned lock is as good as any.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let next = self.0.state().next(self.0.longest_wait);
        if let Some(next) = next {
            // Sent to a caller that leaves at this moment, it is dropped, and so passed on, again.
            let _ = next.answer.send(Ok(Self(Arc::clone(&self.0))));
        }
    }
}

impl State {
    /// Takes a place. When there is none, the client that has most gives up its last to one that has
    /// fewer.
    fn queue_up(
        &mut self,
        client: Option<ClientNetwork>,
        places: usize,
    ) -> Result<oneshot::Receiver<Result<Permit, Full>>, Full> {
        if !self.has_place(places) {
            let longest = self.longest_to_displace_for(client.as_ref()).ok_or(Full)?;
            let displaced = longest.callers.pop_back().ok_or(Full)?;
            let _ = displaced.answer.send(Err(Full));
        }
        let (sender, answer) = oneshot::channel();
        let caller = Caller { since: Instant::now(), answer: sender };
        match self.lines.iter_mut().find(|line| line.client == client) {
            Some(line) => line.callers.push_back(caller),
            None => self.lines.push_back(Line { client, callers: VecDeque::from([caller]) }),
        }
        Ok(answer)
    }

    fn has_place(&mut self, places: usize) -> bool {
        if self.waiting() >= places {
            self.forget_those_who_left();
        }
        self.waiting() < places
    }

    fn waiting(&self) -> usize {
        self.lines.iter().map(|line| line.callers.len()).sum()
    }

    fn forget_those_who_left(&mut self) {
        for line in &mut self.lines {
            line.callers.retain(|caller| !caller.answer.is_closed());
        }
        self.lines.retain(|line| !line.callers.is_empty());
    }

    /// The client that has most places, unless this one would have as many with one of them.
    fn longest_to_displace_for(&mut self, client: Option<&ClientNetwork>) -> Option<&mut Line> {
        let own = self.lines.iter().find(|line| line.client.as_ref() == client);
        let own = own.map_or(0, |line| line.callers.len());
        let longest = self.lines.iter_mut().max_by_key(|line| line.callers.len())?;
        (longest.callers.len() > own + 1).then_some(longest)
    }

    /// The next caller of the client whose turn it is, which then goes to the end. If nobody waits,
    /// there is one more turn.
    fn next(&mut self, longest_wait: Duration) -> Option<Caller> {
        while let Some(mut line) = self.lines.pop_front() {
            while let Some(caller) = line.callers.pop_front() {
                if caller.answer.is_closed() {
                    continue;
                }
                if caller.since.elapsed() > longest_wait {
                    let _ = caller.answer.send(Err(Full));
                    continue;
                }
                if !line.callers.is_empty() {
                    self.lines.push_back(line);
                }
                return Some(caller);
            }
        }
        self.free += 1;
        None
    }
}

#[cfg(test)]
mod tests {
    use std::{pin::Pin, thread};

    use futures_util::{FutureExt, future::BoxFuture};

    use super::*;

    type Waiting = BoxFuture<'static, Result<Permit, Unavailable>>;

    fn turns(places: usize) -> Arc<Turns> {
        Arc::new(Turns::new(1, places, LONGEST_WAIT))
    }

    /// Somebody from a network of this number, who has to wait.
    fn waits(turns: &Arc<Turns>, client: u8) -> Waiting {
        let mut waiting = asks(turns, client);
        assert!(waiting.as_mut().now_or_never().is_none());
        waiting
    }

    fn asks(turns: &Arc<Turns>, client: u8) -> Waiting {
        let turns = Arc::clone(turns);
        let client = ClientNetwork::containing([192, 0, 2, client].into());
        async move { turns.take(Some(client)).await }.boxed()
    }

    fn answer(waiting: &mut Waiting) -> Option<Result<Permit, Unavailable>> {
        Pin::new(waiting).now_or_never()
    }

    /// The order in which those who wait get their turns once this one is over.
    fn order<const N: usize>(first: Permit, waiting: [Waiting; N]) -> Vec<usize> {
        let mut turn = Some(first);
        let mut waiting = waiting.map(Some);
        let mut order = Vec::new();
        while turn.take().is_some() {
            for (number, slot) in waiting.iter_mut().enumerate() {
                if let Some(Ok(next)) = slot.as_mut().and_then(answer) {
                    (*slot, turn) = (None, Some(next));
                    order.push(number);
                }
            }
        }
        order
    }

    #[test]
    fn a_client_has_its_turns_in_the_order_in_which_it_asked() {
        let turns = turns(3);
        let first = asks(&turns, 1).now_or_never().unwrap().unwrap();
        let waiting = [1, 1, 1].map(|client| waits(&turns, client));
        assert_eq!(order(first, waiting), [0, 1, 2]);
    }

    #[test]
    fn clients_take_turns_whoever_asks_for_more() {
        let turns = turns(5);
        let first = asks(&turns, 1).now_or_never().unwrap().unwrap();
        let waiting = [1, 1, 1, 2, 3].map(|client| waits(&turns, client));
        assert_eq!(order(first, waiting), [0, 3, 4, 1, 2]);
    }

    #[test]
    fn whoever_has_most_places_gives_up_the_last_to_whoever_has_fewer() {
        let turns = turns(3);
        let first = asks(&turns, 1).now_or_never().unwrap().unwrap();
        let [one, mut two, mut three] = [1, 1, 1].map(|client| waits(&turns, client));
        let four = waits(&turns, 2);
        let refused = answer(&mut three).unwrap().err().unwrap();
        assert!(refused.is_busy() && refused.retry_in() == RETRY_AFTER);
        let five = waits(&turns, 3);
        assert!(answer(&mut two).unwrap().is_err());
        for late in 1..=4 {
            assert!(asks(&turns, late).now_or_never().unwrap().is_err(), "{late}");
        }
        assert_eq!(order(first, [one, four, five]), [0, 1, 2]);
    }

    #[test]
    fn those_who_left_are_passed_over_and_their_places_given_away() {
        let turns = turns(2);
        let first = asks(&turns, 1).now_or_never().unwrap().unwrap();
        let [one, two] = [1, 1].map(|client| waits(&turns, client));
        assert!(asks(&turns, 1).now_or_never().unwrap().is_err());
        drop(one);
        let three = waits(&turns, 1);
        assert!(asks(&turns, 1).now_or_never().unwrap().is_err());
        drop(two);
        assert_eq!(order(first, [three]), [0]);
    }

    #[test]
    fn a_turn_that_is_over_when_nobody_waits_is_there_for_the_next() {
        let turns = turns(1);
        for _ in 0..3 {
            let turn = asks(&turns, 1).now_or_never().unwrap().unwrap();
            let left = waits(&turns, 1);
            drop((left, turn));
        }
        assert!(asks(&turns, 1).now_or_never().unwrap().is_ok());
    }

    #[test]
    fn whoever_has_waited_for_too_long_is_told_so_and_the_turn_is_the_next_ones() {
        let turns = Arc::new(Turns::new(1, 3, Duration::from_millis(100)));
        let first = asks(&turns, 1).now_or_never().unwrap().unwrap();
        let mut late = waits(&turns, 1);
        thread::sleep(Duration::from_millis(150));
        let next = waits(&turns, 2);
        assert_eq!(order(first, [next]), [0]);
        assert!(answer(&mut late).unwrap().err().unwrap().is_busy());
    }

    #[test]
    fn there_is_room_for_whoever_would_have_a_place() {
        let turns = turns(2);
        let network = |client| ClientNetwork::containing([192, 0, 2, client].into());
        let has_room = |client| turns.has_room(Some(&network(client))).is_ok();
        assert!(has_room(1));
        let first = asks(&turns, 1).now_or_never().unwrap().unwrap();
        let waiting = [1, 1].map(|client| {
            assert!(has_room(client));
            waits(&turns, client)
        });
        assert!(!has_room(1) && has_room(2), "a client that has fewer places gets one");
        assert_eq!(order(first, waiting), [0, 1], "and nobody lost theirs by the question");
    }

    #[test]
    fn a_turn_is_passed_on_by_whoever_leaves_with_it() {
        let turns = turns(2);
        let first = asks(&turns, 1).now_or_never().unwrap().unwrap();
        let (leaving, mut next) = (waits(&turns, 1), waits(&turns, 1));
        drop(first);
        assert!(answer(&mut next).is_none());
        drop(leaving);
        assert!(answer(&mut next).unwrap().is_ok());
    }
}
