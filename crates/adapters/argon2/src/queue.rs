//! The bounded queue before the threads that hash.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

use fastauth_ports::unavailable::Unavailable;
use tokio::sync::oneshot;

use crate::hashing::Hashing;

/// First in, first out. Only jobs that somebody still waits for count.
pub(crate) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
    places: usize,
}

/// Every place is taken by a job that somebody waits for.
#[derive(Debug)]
pub(crate) struct Full;

/// A piece of work that somebody waits for, or once did.
pub(crate) trait Job: Send {
    fn is_abandoned(&self) -> bool;
    fn run(self: Box<Self>, hashing: &mut Hashing);
}

/// Work and the way back for its answer. Whatever the work holds is dropped, and so wiped, with it.
pub(crate) struct Awaited<A, W> {
    pub(crate) work: W,
    pub(crate) answer: oneshot::Sender<Result<A, Unavailable>>,
}

struct State {
    jobs: VecDeque<Box<dyn Job>>,
    is_closed: bool,
}

impl Queue {
    pub(crate) const fn new(places: usize) -> Self {
        let state = State { jobs: VecDeque::new(), is_closed: false };
        Self { state: Mutex::new(state), changed: Condvar::new(), places }
    }

    /// Takes a place at the end. Callers that left give up theirs to those who come.
    pub(crate) fn push(&self, job: Box<dyn Job>) -> Result<(), Full> {
        let mut state = self.state();
        if state.jobs.len() >= self.places {
            state.jobs.retain(|job| !job.is_abandoned());
        }
        if state.jobs.len() >= self.places {
            return Err(Full);
        }
        state.jobs.push_back(job);
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// Waits for the next job that somebody waits for; `None` once the queue is closed and empty.
    pub(crate) fn next(&self) -> Option<Box<dyn Job>> {
        let mut state = self.state();
        loop {
            while let Some(job) = state.jobs.pop_front() {
                if !job.is_abandoned() {
                    return Some(job);
                }
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
}

#[cfg(test)]
mod tests {
    use super::*;

    type Answer = oneshot::Receiver<Result<u8, Unavailable>>;

    fn job(number: u8) -> (Box<dyn Job>, Answer) {
        let (answer, answered) = oneshot::channel();
        (Box::new(Awaited { work: move |_: &mut Hashing| Ok(number), answer }), answered)
    }

    fn pushed(queue: &Queue, number: u8) -> Answer {
        let (job, answered) = job(number);
        queue.push(job).unwrap();
        answered
    }

    /// The number of the next job.
    fn next(queue: &Queue, answer: Answer) -> u8 {
        let mut hashing =
            Hashing::new(crate::parameters::Parameters::new(8, 1, 1).unwrap()).unwrap();
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
        assert!(queue.push(job(3).0).is_err());
        drop(first);
        let fourth = pushed(&queue, 4);
        assert!(queue.push(job(5).0).is_err());
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
}
