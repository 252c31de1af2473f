//! The threads that hash.

use std::{
    io,
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
};

use async_trait::async_trait;
use fastauth_domain::{
    password::{NewPassword, PasswordHash, PresentedPassword},
    visitor::{ClientNetwork, Origin},
};
use fastauth_ports::{
    passwords::{HashPasswords, Match},
    unavailable::Unavailable,
};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::{
    hashing::Hashing,
    parameters::Parameters,
    pepper::Peppers,
    queue::{Awaited, Queue},
};

/// How many jobs may wait for each thread, at most.
const MOST_PLACES: u64 = 64;
/// How much memory the jobs that wait for one thread may fill: that of 64 hashes of the default cost
/// (19,456 KiB, twice). A thread takes 16 to 30 ms for one of those, so that the last in the queue
/// waits for one to two seconds, which is as long as a person does; dearer hashes get fewer places.
const QUEUED_KIB: u64 = MOST_PLACES * 2 * 19_456;
/// The lowest priority there is: whoever does anything else goes first. Measured beside two threads
/// that hash without pause, it takes the slowest hundredth of token checks from 22 ms to 5 ms.
#[cfg(target_os = "linux")]
const NICE: i32 = 19;

/// Hashes passwords with Argon2id, on threads of its own and for any async runtime.
///
/// When it is dropped its threads are not waited for; each ends after the hash it is at.
pub struct Argon2Hasher {
    queue: Arc<Queue>,
}

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
        Self::start_with_places(parameters, peppers, threads, places)
    }

    fn start_with_places(
        parameters: &Parameters,
        peppers: &Peppers,
        threads: NonZero<usize>,
        places: usize,
    ) -> Result<Self, NotStarted> {
        let hasher = Self { queue: Arc::new(Queue::new(places)) };
        for number in 1..=threads.get() {
            let (queue, hashing) =
                (Arc::clone(&hasher.queue), Hashing::new(parameters, peppers.clone())?);
            thread::Builder::new()
                .name(format!("fastauth-hash-{number}"))
                .spawn(move || work(&queue, hashing))?;
        }
        Ok(hasher)
    }

    /// Queues a piece of work. From its turn on it belongs to the thread that does it, wherever its
    /// caller is; a caller that goes away before gives up its place.
    async fn run<A: Send + 'static>(
        &self,
        client: Option<ClientNetwork>,
        work: impl FnOnce(&mut Hashing) -> Result<A, Unavailable> + Send + 'static,
    ) -> Result<A, Unavailable> {
        let (answer, answered) = oneshot::channel();
        self.queue.push(client, Box::new(Awaited { work, answer }))?;
        answered.await.map_err(Unavailable::new)?
    }
}

#[async_trait]
impl HashPasswords for Argon2Hasher {
    async fn hash(
        &self,
        password: &NewPassword,
        asked_from: &Origin,
    ) -> Result<PasswordHash, Unavailable> {
        let password = Zeroizing::new(password.expose().to_vec());
        self.run(asked_from.network(), move |hashing| hashing.hash(&password)).await
    }

    async fn renew(
        &self,
        password: &PresentedPassword,
        asked_from: &Origin,
    ) -> Result<PasswordHash, Unavailable> {
        let password = Zeroizing::new(password.expose().to_vec());
        self.run(asked_from.network(), move |hashing| hashing.hash(&password)).await
    }

    async fn verify<'a>(
        &self,
        password: &PresentedPassword,
        stored: Option<&'a PasswordHash>,
        asked_from: &Origin,
    ) -> Result<Match, Unavailable> {
        let password = Zeroizing::new(password.expose().to_vec());
        let stored = stored.cloned();
        self.run(asked_from.network(), move |hashing| hashing.verify(&password, stored.as_ref()))
            .await
    }
}

impl Drop for Argon2Hasher {
    fn drop(&mut self) {
        self.queue.close();
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

fn work(queue: &Queue, mut hashing: Hashing) {
    give_way();
    while let Some(job) = queue.next() {
        // The caller learns of a panic because its answer never comes.
        if catch_unwind(AssertUnwindSafe(|| job.run(&mut hashing))).is_err() {
            tracing::error!("a password could not be hashed: the hashing code panicked");
        }
    }
}

/// Lowers this thread's priority. Where that is refused, hashing merely competes.
fn give_way() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICE);
}

#[cfg(test)]
mod tests {
    use std::{
        sync::mpsc,
        time::{Duration, Instant},
    };

    use tokio::task::{JoinSet, yield_now};

    use super::*;

    fn parameters() -> Parameters {
        Parameters::new(8, 1, 1).unwrap()
    }

    /// A hasher with one thread, and two places to wait for it.
    fn one_thread() -> Arc<Argon2Hasher> {
        let one = NonZero::<usize>::MIN;
        Arc::new(
            Argon2Hasher::start_with_places(&parameters(), &Peppers::default(), one, 2).unwrap(),
        )
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
            first.run(None, wait).await
        });
        begins.await.unwrap();
        (hasher, gate, held)
    }

    #[tokio::test]
    async fn a_full_queue_refuses_at_once_until_a_caller_leaves() {
        let (hasher, gate, mut held) = held().await;
        let mut waiting = JoinSet::new();
        for _ in 0..2 {
            let hasher = Arc::clone(&hasher);
            waiting.spawn(async move { hasher.run(None, |_| Ok(1)).await });
        }
        yield_now().await;
        let refused = hasher.run(None, |_| Ok(2)).await.unwrap_err();
        assert!(refused.retry_in() >= Duration::from_secs(1));
        waiting.shutdown().await;
        let late = Arc::clone(&hasher);
        held.spawn(async move { late.run(None, |_| Ok(3)).await });
        yield_now().await;
        gate.send(()).unwrap();
        let answers: Vec<_> = held.join_all().await.into_iter().map(Result::unwrap).collect();
        assert_eq!(answers.len(), 2);
        assert!(answers.contains(&3));
    }

    #[tokio::test]
    async fn the_work_of_a_caller_that_left_is_never_begun() {
        let (hasher, gate, _held) = held().await;
        let (begun, begins) = mpsc::channel();
        let mut leaving = JoinSet::new();
        let left = Arc::clone(&hasher);
        leaving.spawn(async move { left.run(None, move |_| Ok(begun.send(()))).await });
        yield_now().await;
        leaving.shutdown().await;
        gate.send(()).unwrap();
        assert_eq!(hasher.run(None, |_| Ok(1)).await.unwrap(), 1);
        assert!(begins.try_recv().is_err());
    }

    #[tokio::test]
    async fn work_that_has_begun_is_finished_without_its_caller() {
        let (hasher, gate, held) = held().await;
        drop(held);
        gate.send(()).unwrap();
        assert_eq!(hasher.run(None, |_| Ok(1)).await.unwrap(), 1);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn the_one_thread_of_a_runtime_goes_on_while_a_password_is_hashed() {
        let (hasher, (gate, opened)) = (one_thread(), mpsc::channel());
        let hashed = hasher.run(None, move |_| Ok(opened.recv().is_ok()));
        let (hashed, sent) = tokio::join!(hashed, async { gate.send(()) });
        assert!(hashed.unwrap() && sent.is_ok());
    }

    #[tokio::test]
    async fn a_panic_is_an_error_for_its_caller_and_no_loss_for_the_rest() {
        let hasher = one_thread();
        for _ in 0..3 {
            let panicking = |_: &mut Hashing| -> Result<u8, Unavailable> { panic!("on purpose") };
            assert!(hasher.run(None, panicking).await.is_err());
        }
        assert_eq!(hasher.run(None, |_| Ok(1)).await.unwrap(), 1);
    }

    #[test]
    fn the_threads_end_with_the_hasher() {
        let (peppers, threads) = (Peppers::default(), NonZero::new(3).unwrap());
        let hasher = Argon2Hasher::start_with(&parameters(), &peppers, threads).unwrap();
        let queue = Arc::downgrade(&hasher.queue);
        assert_eq!(queue.strong_count(), 4);
        drop(hasher);
        let patience = Instant::now() + Duration::from_secs(30);
        while queue.strong_count() > 0 {
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
        let stat = one_thread().run(None, stat).await.unwrap();
        let (name, numbers) = stat.rsplit_once(") ").unwrap();
        assert!(name.ends_with("(fastauth-hash-1"), "{name}");
        assert_eq!(numbers.split(' ').nth(16), Some("19"), "{numbers}");
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
