//! A few log lines of a kind each second, however often there is a reason for one: whoever can cause a
//! line with each request could otherwise fill a disk.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// How many lines there is room for in a second.
const MOST: u32 = 5;
const SECOND: Duration = Duration::from_secs(1);

/// Makes room for lines of one kind.
#[derive(Debug, Default)]
pub(crate) struct FewLines(Mutex<Said>);

#[derive(Debug, Default)]
struct Said {
    /// When the second began that is counted.
    began: Option<Instant>,
    lines: u32,
    left_out: u64,
}

impl FewLines {
    /// Whether there is room for a line: then it is said how many there was none for since the last one.
    pub(crate) fn one_more(&self) -> Option<u64> {
        let now = Instant::now();
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if said.began.is_none_or(|began| now.duration_since(began) >= SECOND) {
            (said.began, said.lines) = (Some(now), 0);
        }
        if said.lines == MOST {
            said.left_out += 1;
            return None;
        }
        said.lines += 1;
        Some(std::mem::take(&mut said.left_out))
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_few_are_said_each_second_and_the_next_tells_how_many_were_not() {
        let lines = FewLines::default();
        let said = |times| (0..times).filter_map(|_| lines.one_more()).collect::<Vec<_>>();
        assert_eq!(said(1_000), [0; 5]);
        advance(Duration::from_millis(999)).await;
        assert!(said(5).is_empty());
        advance(Duration::from_millis(1)).await;
        assert_eq!(said(6), [1_000, 0, 0, 0, 0]);
        advance(Duration::from_mins(1)).await;
        assert_eq!(said(2), [1, 0]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_happens_now_and_then_is_said_each_time() {
        let lines = FewLines::default();
        for _ in 0..100 {
            assert_eq!(lines.one_more(), Some(0));
            advance(SECOND / 5).await;
        }
    }
}
