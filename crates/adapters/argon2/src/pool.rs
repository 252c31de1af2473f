//! The threads that hash, and the queue before them.

use std::{
    io,
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread,
    time::Duration,
};

use async_trait::async_trait;
use fastauth_domain::password::{NewPassword, PasswordHash, PresentedPassword};
use fastauth_ports::{
    passwords::{HashPasswords, Match},
    unavailable::Unavailable,
};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::{hashing::Hashing, parameters::Parameters};

/// How many jobs may wait for each thread. At 20 to 40 ms each, the last of them waits for about two
/// seconds, which is as long as a person does.
const WAITING_PER_THREAD: usize = 64;
/// When a caller that found no place may come again.
const RETRY_AFTER: Duration = Duration::from_secs(2);
/// The lowest priority there is: whoever does anything else goes first.
const NICE: i32 = 19;

type Job = Box<dyn FnOnce(&mut Hashing) + Send>;

/// Hashes passwords with Argon2id. Its threads end when it is dropped and their queue is empty.
#[derive(Debug)]
pub struct Argon2Hasher {
    queue: SyncSender<Job>,
}

/// The hashing threads could not be started.
#[derive(Debug, thiserror::Error)]
#[error("the password hashing threads could not be started")]
pub struct NotStarted(#[from] io::Error);

impl Argon2Hasher {
    /// Starts one hashing thread per core.
    pub fn start(parameters: &Parameters) -> Result<Self, NotStarted> {
        let cores = thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
        Self::start_with(parameters, cores)
    }

    /// Starts this many hashing threads. Each has a place to hash in, for as long as it lives.
    pub fn start_with(
        parameters: &Parameters,
        threads: NonZero<usize>,
    ) -> Result<Self, NotStarted> {
        let (queue, jobs) = sync_channel(WAITING_PER_THREAD * threads.get());
        let jobs = Arc::new(Mutex::new(jobs));
        for number in 1..=threads.get() {
            let (jobs, hashing) = (Arc::clone(&jobs), Hashing::new(parameters.clone()));
            thread::Builder::new()
                .name(format!("fastauth-hash-{number}"))
                .spawn(move || work(&jobs, hashing))?;
        }
        Ok(Self { queue })
    }

    /// Queues a piece of work. It belongs to the queue from then on: a caller that goes away keeps
    /// its place, and its work is dropped when its turn comes.
    async fn run<A: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Hashing) -> Result<A, Unavailable> + Send + 'static,
    ) -> Result<A, Unavailable> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |hashing| {
            if !answer.is_closed() {
                // Nobody listens any more: nothing to be done about it.
                let _ = answer.send(work(hashing));
            }
        });
        self.queue.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => {
                Unavailable::new("too many passwords wait to be hashed").retry_after(RETRY_AFTER)
            }
            TrySendError::Disconnected(_) => Unavailable::new("the hashing threads are gone"),
        })?;
        answered.await.map_err(Unavailable::new)?
    }
}

#[async_trait]
impl HashPasswords for Argon2Hasher {
    async fn hash(&self, password: &NewPassword) -> Result<PasswordHash, Unavailable> {
        let password = Zeroizing::new(password.expose().to_vec());
        self.run(move |hashing| hashing.hash(&password)).await
    }

    async fn renew(&self, password: &PresentedPassword) -> Result<PasswordHash, Unavailable> {
        let password = Zeroizing::new(password.expose().to_vec());
        self.run(move |hashing| hashing.hash(&password)).await
    }

    async fn verify<'a>(
        &self,
        password: &PresentedPassword,
        stored: Option<&'a PasswordHash>,
    ) -> Result<Match, Unavailable> {
        let password = Zeroizing::new(password.expose().to_vec());
        let stored = stored.cloned();
        self.run(move |hashing| hashing.verify(&password, stored.as_ref())).await
    }
}

fn work(jobs: &Mutex<Receiver<Job>>, mut hashing: Hashing) {
    give_way();
    loop {
        // The lock is held while waiting; the next thread gets it with the next job.
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        // The caller learns of a panic because its answer never comes.
        if catch_unwind(AssertUnwindSafe(|| job(&mut hashing))).is_err() {
            tracing::error!("a password could not be hashed: the hashing code panicked");
        }
    }
}

/// Lowers this thread's priority. Where that is refused, hashing merely competes.
fn give_way() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICE);
}
