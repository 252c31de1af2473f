//! The bounded queue before the threads that hash.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use fastauth_domain::visitor::ClientNetwork;
use fastauth_ports::unavailable::Unavailable;
use tokio::sync::oneshot;

use crate::hashing::Hashing;

/// When a caller that found no place may come again: by then all who wait now have been served.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// Clients take turns, so that one who asks for much waits for itself and not for the others; what
/// one of them asks for is done in the order in which it came. Only jobs that somebody still waits
/// for count.
pub(crate) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
    places: usize,
}

/// Every place is taken by a job that somebody waits for.
#[derive(Debug, thiserror::Error)]
#[error("too many passwords wait to be hashed")]
pub(crate) struct Full;

impl From<Full> for Unavailable {
    fn from(full: Full) -> Self {
        Self::new(full).retry_after(RETRY_AFTER)
    }
}

/// A piece of work that somebody waits for, or once did.
pub(crate) trait Job: Send {
    fn is_abandoned(&self) -> bool;
    fn run(self: Box<Self>, hashing: &mut Hashing);
    fn refuse(self: Box<Self>, full: Full);
}

/// Work and the way back for its answer. Whatever the work holds is dropped, and so wiped, with it.
pub(crate) struct Awaited<A, W> {
    pub(crate) work: W,
    pub(crate) answer: oneshot::Sender<Result<A, Unavailable>>,
}

struct State {
    /// The line whose turn is next comes first, and none is empty.
    lines: VecDeque<Line>,
    is_closed: bool,
}

/// What one client waits for. Whoever is not known is one client.
struct Line {
    client: Option<ClientNetwork>,
    jobs: VecDeque<Box<dyn Job>>,
}

impl Queue {
    pub(crate) const fn new(places: usize) -> Self {
        let state = State { lines: VecDeque::new(), is_closed: false };
        Self { state: Mutex::new(state), changed: Condvar::new(), places }
    }

    /// Takes a place. Callers that left give up theirs to those who come, and when there is none, the
    /// client that has most gives up its last to one that has fewer.
    pub(crate) fn push(
        &self,
        client: Option<ClientNetwork>,
        job: Box<dyn Job>,
    ) -> Result<(), Full> {
        let mut state = self.state();
        if state.is_full(self.places) {
            state.forget_abandoned();
        }
        let displaced = if state.is_full(self.places) {
            Some(state.displace_for(client.as_ref()).ok_or(Full)?)
        } else {
            None
        };
        state.append(client, job);
        drop(state);
        if let Some(displaced) = displaced {
            displaced.refuse(Full);
        }
        self.changed.notify_one();
        Ok(())
    }

    /// Waits for the next job that somebody waits for; `None` once the queue is closed and empty.
    pub(crate) fn next(&self) -> Option<Box<dyn Job>> {
        let mut state = self.state();
        loop {
            if let Some(job) = state.take_turn() {
                return Some(job);
            }
            if state.is_closed {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Sends the threads home when nothing is left to do.
    pub(crate) fn close(&self) {
        self.state().is_closed = true;
        self.changed.notify_all();
    }

    /// No invariant spans two statements, so that a poisoned lock is as good as any.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_full(&self, places: usize) -> bool {
        self.lines.iter().map(|line| line.jobs.len()).sum::<usize>() >= places
    }

    fn forget_abandoned(&mut self) {
        for line in &mut self.lines {
            line.jobs.retain(|job| !job.is_abandoned());
        }
        self.lines.retain(|line| !line.jobs.is_empty());
    }

    /// Takes its last job from the client that has most, unless this one would then have as many.
    fn displace_for(&mut self, client: Option<&ClientNetwork>) -> Option<Box<dyn Job>> {
        let own = self.lines.iter().find(|line| line.client.as_ref() == client);
        let own = own.map_or(0, |line| line.jobs.len());
        let longest = self.lines.iter_mut().max_by_key(|line| line.jobs.len())?;
        if longest.jobs.len() > own + 1 { longest.jobs.pop_back() } else { None }
    }

    fn append(&mut self, client: Option<ClientNetwork>, job: Box<dyn Job>) {
        match self.lines.iter_mut().find(|line| line.client == client) {
            Some(line) => line.jobs.push_back(job),
            None => self.lines.push_back(Line { client, jobs: VecDeque::from([job]) }),
        }
    }

    /// The next job of the client whose turn it is, who then goes to the end.
    fn take_turn(&mut self) -> Option<Box<dyn Job>> {
        while let Some(mut line) = self.lines.pop_front() {
            while let Some(job) = line.jobs.pop_front() {
                if job.is_abandoned() {
                    continue;
                }
                if !line.jobs.is_empty() {
                    self.lines.push_back(line);
                }
                return Some(job);
            }
        }
        None
    }
}

impl<A, W> Job for Awaited<A, W>
where
    A: Send,
    W: FnOnce(&mut Hashing) -> Result<A, Unavailable> + Send,
{
    fn is_abandoned(&self) -> bool {
        self.answer.is_closed()
    }

    fn run(self: Box<Self>, hashing: &mut Hashing) {
        let Self { work, answer } = *self;
        // Whoever left in the meantime does not get an answer.
        let _ = answer.send(work(hashing));
    }

    fn refuse(self: Box<Self>, full: Full) {
        let _ = self.answer.send(Err(full.into()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{parameters::Parameters, pepper::Peppers};

    type Answer = oneshot::Receiver<Result<u8, Unavailable>>;

    fn job(number: u8) -> (Box<dyn Job>, Answer) {
        let (answer, answered) = oneshot::channel();
        (Box::new(Awaited { work: move |_: &mut Hashing| Ok(number), answer }), answered)
    }

    fn client(number: u8) -> ClientNetwork {
        ClientNetwork::containing([192, 0, 2, number].into())
    }

    fn pushed(queue: &Queue, number: u8) -> Answer {
        let (job, answered) = job(number);
        queue.push(None, job).unwrap();
        answered
    }

    fn pushed_by(queue: &Queue, client: ClientNetwork, number: u8) -> Answer {
        let (job, answered) = job(number);
        queue.push(Some(client), job).unwrap();
        answered
    }

    /// The number of the next job.
    fn next(queue: &Queue, answer: Answer) -> u8 {
        let parameters = Parameters::new(8, 1, 1).unwrap();
        let mut hashing = Hashing::new(&parameters, Peppers::default()).unwrap();
        queue.next().unwrap().run(&mut hashing);
        answer.blocking_recv().unwrap().unwrap()
    }

    #[test]
    fn jobs_come_out_in_the_order_they_went_in() {
        let queue = Queue::new(3);
        let answers = [1, 2, 3].map(|number| pushed(&queue, number));
        assert_eq!(answers.map(|answer| next(&queue, answer)), [1, 2, 3]);
    }

    #[test]
    fn a_full_queue_takes_a_job_only_where_a_caller_left() {
        let queue = Queue::new(2);
        let (first, second) = (pushed(&queue, 1), pushed(&queue, 2));
        assert!(queue.push(None, job(3).0).is_err());
        drop(first);
        let fourth = pushed(&queue, 4);
        assert!(queue.push(None, job(5).0).is_err());
        assert_eq!((next(&queue, second), next(&queue, fourth)), (2, 4));
    }

    #[test]
    fn a_job_that_nobody_waits_for_is_passed_over() {
        let queue = Queue::new(3);
        let answers = [1, 2, 3].map(|number| pushed(&queue, number));
        let [first, second, third] = answers;
        drop((first, second));
        assert_eq!(next(&queue, third), 3);
        drop(pushed(&queue, 4));
        queue.close();
        assert!(queue.next().is_none());
    }

    #[test]
    fn a_closed_queue_is_emptied_first() {
        let queue = Queue::new(2);
        let answer = pushed(&queue, 1);
        queue.close();
        assert_eq!(next(&queue, answer), 1);
        assert!(queue.next().is_none());
    }

    #[test]
    fn clients_take_turns_whoever_asked_for_more() {
        let queue = Queue::new(5);
        let many = [1, 2, 3].map(|number| pushed_by(&queue, client(1), number));
        let fourth = pushed_by(&queue, client(2), 4);
        let fifth = pushed(&queue, 5);
        let [first, second, third] = many;
        let turns = [first, fourth, fifth, second, third];
        assert_eq!(turns.map(|answer| next(&queue, answer)), [1, 4, 5, 2, 3]);
    }

    #[test]
    fn whoever_has_most_places_gives_up_the_last_to_whoever_has_fewer() {
        let queue = Queue::new(3);
        let [first, second, third] = [1, 2, 3].map(|number| pushed_by(&queue, client(1), number));
        let fourth = pushed_by(&queue, client(2), 4);
        let refused = third.blocking_recv().unwrap().unwrap_err();
        assert_eq!(refused.retry_in(), RETRY_AFTER);
        let fifth = pushed_by(&queue, client(3), 5);
        assert!(second.blocking_recv().unwrap().is_err());
        for late in 1..=4 {
            assert!(queue.push(Some(client(late)), job(6).0).is_err(), "{late}");
        }
        assert_eq!([first, fourth, fifth].map(|answer| next(&queue, answer)), [1, 4, 5]);
    }
}
