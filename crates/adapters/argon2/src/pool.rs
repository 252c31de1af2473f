//! The threads that hash.

use std::{
    io,
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
};

use async_trait::async_trait;
use fastauth_domain::{
    password::{NewPassword, PasswordHash, PresentedPassword},
    visitor::Origin,
};
use fastauth_ports::{
    passwords::{HashPasswords, Match, Turn},
    unavailable::Unavailable,
};
#[cfg(target_os = "linux")]
use thread_priority::{
    NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy,
    set_thread_priority_and_policy, thread_native_id,
};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::{
    hashing::Hashing,
    parameters::Parameters,
    pepper::Peppers,
    turns::{LONGEST_WAIT, Turns},
};

/// How many callers have their turn at once, for each thread. What they do before and after their
/// hash, which is to ask the database, is done while others hash.
const TURNS: usize = 4;
/// How many callers may wait for each thread, at most.
const MOST_PLACES: u64 = 64;
/// How much memory the hashes that are waited for may fill for each thread: that of 64 of the default
/// cost (19,456 KiB, twice). A thread takes 16 to 30 ms for one of those, so that the last in the queue
/// waits for one to two seconds, which is as long as a person does; dearer hashes get fewer places.
const QUEUED_KIB: u64 = MOST_PLACES * 2 * 19_456;

/// Hashes passwords with Argon2id, on threads of its own and for any async runtime.
///
/// When it is dropped its threads are not waited for; each ends when what was begun is done.
pub struct Argon2Hasher {
    turns: Arc<Turns>,
    jobs: mpsc::Sender<Job>,
}

/// A piece of work, which does nothing if nobody waits for it any more. Whatever it holds is dropped,
/// and so wiped, with it.
type Job = Box<dyn FnOnce(&mut Hashing) + Send>;

/// What hashing needs was not to be had.
#[derive(Debug, thiserror::Error)]
pub enum NotStarted {
    /// The operating system starts no more threads.
    #[error("the password hashing threads could not be started")]
    Threads(#[from] io::Error),
    /// There is too little memory for every thread, or no randomness.
    #[error("the memory or the randomness for hashing passwords could not be had")]
    Resources(#[from] Unavailable),
}

impl Argon2Hasher {
    /// Starts one hashing thread per core.
    pub fn start(parameters: &Parameters, peppers: &Peppers) -> Result<Self, NotStarted> {
        let cores = thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
        Self::start_with(parameters, peppers, cores)
    }

    /// Starts this many hashing threads. Each has a place to hash in, for as long as it lives.
    pub fn start_with(
        parameters: &Parameters,
        peppers: &Peppers,
        threads: NonZero<usize>,
    ) -> Result<Self, NotStarted> {
        let places = places_per_thread(parameters).saturating_mul(threads.get());
        let turns = Arc::new(Turns::new(threads.get().saturating_mul(TURNS), places, LONGEST_WAIT));
        let (jobs, queue) = mpsc::channel();
        let queue = Arc::new(Mutex::new(queue));
        for number in 1..=threads.get() {
            let (queue, hashing) = (Arc::clone(&queue), Hashing::new(parameters, peppers.clone())?);
            thread::Builder::new()
                .name(format!("fastauth-hash-{number}"))
                .spawn(move || work(&queue, hashing))?;
        }
        Ok(Self { turns, jobs })
    }

    /// Has a thread do a piece of work. Once asked for it belongs to the threads, wherever its caller is,
    /// and so does the turn: callers that leave make no room for others before their work is out of the
    /// way.
    async fn run<A: Send + 'static>(
        &self,
        turn: &Turn,
        work: impl FnOnce(&mut Hashing) -> Result<A, Unavailable> + Send + 'static,
    ) -> Result<A, Unavailable> {
        let (answer, answered) = oneshot::channel();
        let share = turn.share();
        let job: Job = Box::new(move |hashing| {
            if !answer.is_closed() {
                // Whoever left in the meantime does not get an answer.
                let _ = answer.send(work(hashing));
            }
            drop(share);
        });
        self.jobs.send(job).map_err(|_| Unavailable::new("the hashing threads have ended"))?;
        answered.await.map_err(Unavailable::new)?
    }
}

#[async_trait]
impl HashPasswords for Argon2Hasher {
    async fn turn(&self, asked_from: &Origin) -> Result<Turn, Unavailable> {
        self.turns.take(asked_from.network()).await.map(Turn::holding)
    }

    fn has_room(&self, asked_from: &Origin) -> Result<(), Unavailable> {
        self.turns.has_room(asked_from.network().as_ref()).map_err(Unavailable::from)
    }

    async fn hash(&self, password: &NewPassword, turn: &Turn) -> Result<PasswordHash, Unavailable> {
        let password = Zeroizing::new(password.expose().to_vec());
        self.run(turn, move |hashing| hashing.hash(&password)).await
    }

    async fn renew(
        &self,
        password: &PresentedPassword,
        turn: &Turn,
    ) -> Result<PasswordHash, Unavailable> {
        let password = Zeroizing::new(password.expose().to_vec());
        self.run(turn, move |hashing| hashing.hash(&password)).await
    }

    async fn verify<'a>(
        &self,
        password: &PresentedPassword,
        stored: Option<&'a PasswordHash>,
        turn: &Turn,
    ) -> Result<Match, Unavailable> {
        let password = Zeroizing::new(password.expose().to_vec());
        let stored = stored.cloned();
        self.run(turn, move |hashing| hashing.verify(&password, stored.as_ref())).await
    }
}

impl std::fmt::Debug for Argon2Hasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Argon2Hasher").finish_non_exhaustive()
    }
}

fn places_per_thread(parameters: &Parameters) -> usize {
    let places = (QUEUED_KIB / parameters.filled_kib()).clamp(1, MOST_PLACES);
    usize::try_from(places).unwrap_or(1)
}

/// Works until nobody can ask for anything any more.
fn work(queue: &Mutex<mpsc::Receiver<Job>>, mut hashing: Hashing) {
    give_way();
    loop {
        // Whichever thread waits here waits for all of them.
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        // The caller learns of a panic because its answer never comes.
        if catch_unwind(AssertUnwindSafe(|| job(&mut hashing))).is_err() {
            tracing::error!("a password could not be hashed: the hashing code panicked");
        }
    }
}

/// Has this thread run only where no other wants to: whoever does anything else goes first. Where that
/// is not to be had, hashing merely competes.
///
/// Beside two threads that hash without pause, the slowest thousandth of the requests of those who are
/// signed in takes 14 ms so, and 50 ms where the threads are merely of the lowest priority (nice 19).
fn give_way() {
    #[cfg(target_os = "linux")]
    let _ = set_thread_priority_and_policy(
        thread_native_id(),
        ThreadPriority::Min,
        ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle),
    );
}

#[cfg(test)]
mod tests {
    use std::{
        cell::RefCell,
        time::{Duration, Instant},
    };

    use futures_util::FutureExt;
    use tokio::task::JoinSet;

    use super::*;

    fn parameters() -> Parameters {
        Parameters::new(8, 1, 1).unwrap()
    }

    fn one_thread() -> Arc<Argon2Hasher> {
        let (peppers, one) = (Peppers::default(), NonZero::<usize>::MIN);
        Arc::new(Argon2Hasher::start_with(&parameters(), &peppers, one).unwrap())
    }

    /// A hasher whose only thread waits until the gate is opened, by sending or by dropping it.
    async fn held() -> (Arc<Argon2Hasher>, mpsc::Sender<()>, JoinSet<Result<u8, Unavailable>>) {
        let (hasher, (gate, opened), mut held) = (one_thread(), mpsc::channel(), JoinSet::new());
        let (begun, begins) = oneshot::channel();
        let first = Arc::clone(&hasher);
        held.spawn(async move {
            let wait = move |_: &mut Hashing| {
                let _ = (begun.send(()), opened.recv());
                Ok(0)
            };
            first.run(&Turn::free(), wait).await
        });
        begins.await.unwrap();
        (hasher, gate, held)
    }

    #[tokio::test]
    async fn as_many_have_their_turn_at_once_as_keep_the_threads_busy() {
        let hasher = one_thread();
        let origin = Origin::default();
        let mut turns = Vec::new();
        for _ in 0..TURNS {
            turns.push(hasher.turn(&origin).await.unwrap());
        }
        let late = Arc::clone(&hasher);
        let late = tokio::spawn(async move { late.turn(&Origin::default()).await.map(drop) });
        tokio::task::yield_now().await;
        assert!(!late.is_finished());
        drop(turns.pop());
        late.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn the_work_of_a_caller_that_left_is_never_begun() {
        let (hasher, gate, _held) = held().await;
        let (begun, begins) = mpsc::channel();
        let mut leaving = JoinSet::new();
        let left = Arc::clone(&hasher);
        leaving.spawn(async move { left.run(&Turn::free(), move |_| Ok(begun.send(()))).await });
        tokio::task::yield_now().await;
        leaving.shutdown().await;
        gate.send(()).unwrap();
        assert_eq!(hasher.run(&Turn::free(), |_| Ok(1)).await.unwrap(), 1);
        assert!(begins.try_recv().is_err());
    }

    #[tokio::test]
    async fn callers_that_leave_keep_their_turns_until_their_work_is_out_of_the_way() {
        let (hasher, gate, _held) = held().await;
        let origin = Origin::default();
        for _ in 0..TURNS {
            let turn = hasher.turn(&origin).await.unwrap();
            let asked = hasher.run(&turn, |_| Ok(())).now_or_never();
            assert!(asked.is_none(), "the thread is held, and the caller has left");
        }
        let mut late = hasher.turn(&origin);
        assert!((&mut late).now_or_never().is_none(), "their work is still there");
        gate.send(()).unwrap();
        assert!(late.await.is_ok());
    }

    #[tokio::test]
    async fn work_that_has_begun_is_finished_without_its_caller() {
        let (hasher, gate, held) = held().await;
        drop(held);
        gate.send(()).unwrap();
        assert_eq!(hasher.run(&Turn::free(), |_| Ok(1)).await.unwrap(), 1);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn the_one_thread_of_a_runtime_goes_on_while_a_password_is_hashed() {
        let (hasher, (gate, opened), turn) = (one_thread(), mpsc::channel(), Turn::free());
        let hashed = hasher.run(&turn, move |_| Ok(opened.recv().is_ok()));
        let (hashed, sent) = tokio::join!(hashed, async { gate.send(()) });
        assert!(hashed.unwrap() && sent.is_ok());
    }

    #[tokio::test]
    async fn a_panic_is_an_error_for_its_caller_and_no_loss_for_the_rest() {
        let hasher = one_thread();
        for _ in 0..3 {
            let panicking = |_: &mut Hashing| -> Result<u8, Unavailable> { panic!("on purpose") };
            assert!(hasher.run(&Turn::free(), panicking).await.is_err());
        }
        assert_eq!(hasher.run(&Turn::free(), |_| Ok(1)).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn the_threads_end_with_the_hasher() {
        thread_local!(static KEPT: RefCell<Option<Arc<()>>> = const { RefCell::new(None) });
        let (hasher, alive) = (one_thread(), Arc::new(()));
        let kept = Arc::clone(&alive);
        let keep = move |_: &mut Hashing| Ok(KEPT.replace(Some(kept)));
        hasher.run(&Turn::free(), keep).await.unwrap();
        assert_eq!(Arc::strong_count(&alive), 2);
        drop(hasher);
        let patience = Instant::now() + Duration::from_secs(30);
        while Arc::strong_count(&alive) > 1 {
            assert!(Instant::now() < patience, "a thread is still there");
            thread::sleep(Duration::from_millis(1));
        }
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn the_threads_are_named_and_give_way() {
        let stat = |_: &mut Hashing| {
            std::fs::read_to_string("/proc/thread-self/stat").map_err(Unavailable::new)
        };
        let stat = one_thread().run(&Turn::free(), stat).await.unwrap();
        let (name, numbers) = stat.rsplit_once(") ").unwrap();
        assert!(name.ends_with("(fastauth-hash-1"), "{name}");
        assert_eq!(numbers.split(' ').nth(38), Some("5"), "SCHED_IDLE: {numbers}");
    }

    #[test]
    fn dearer_hashes_get_fewer_places() {
        let places = |memory_kib, iterations| {
            places_per_thread(&Parameters::new(memory_kib, iterations, 1).unwrap())
        };
        assert_eq!((places(8, 1), places(19_456, 2)), (64, 64));
        assert_eq!((places(65_536, 3), places(262_144, 10)), (12, 1));
    }
}
