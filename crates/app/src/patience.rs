//! How long the server waits for a client to read.
//!
//! Whoever asks for much and reads nothing keeps a place, and whoever reads a little now and then would
//! keep it for ever. The patience of a connection is half a minute at first. Waiting uses it up, and what
//! is read earns it back: a second for each KiB. Whoever reads less than that is waited for in vain.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep},
};

/// For how long nothing has to be read.
const MOST: Duration = Duration::from_secs(30);
/// The bytes a second that a client has to read in the long run.
const PACE: u32 = 1_024;

/// A connection whose writing fails once its client has been waited for in vain.
pub(crate) struct Patient<S> {
    stream: S,
    /// What is left of the patience.
    left: Duration,
    waiting: Option<Waiting>,
}

/// There is something to write, and no room for it.
struct Waiting {
    since: Instant,
    /// Rings when no patience is left.
    alarm: Pin<Box<Sleep>>,
}

impl<S> Patient<S> {
    pub(crate) const fn new(stream: S) -> Self {
        Self { stream, left: MOST, waiting: None }
    }

    /// Goes on waiting, or gives up.
    fn wait<T>(&mut self, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        let left = self.left;
        let waiting = self
            .waiting
            .get_or_insert_with(|| Waiting { since: Instant::now(), alarm: Box::pin(sleep(left)) });
        ready!(waiting.alarm.as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client does not read")))
    }

    /// There was room for so many bytes: the client has read as many.
    fn read(&mut self, bytes: usize) {
        if let Some(Waiting { since, .. }) = self.waiting.take() {
            self.left = self.left.saturating_sub(since.elapsed());
        }
        let earned = Duration::from_secs(bytes as u64) / PACE;
        self.left = self.left.saturating_add(earned).min(MOST);
    }
}

impl<S: AsyncWrite + Unpin> Patient<S> {
    fn write(
        &mut self,
        context: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut S>, &mut Context<'_>) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match write(Pin::new(&mut self.stream), context) {
            Poll::Ready(Ok(bytes)) => {
                self.read(bytes);
                Poll::Ready(Ok(bytes))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => self.wait(context),
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.write(context, |stream, context| stream.poll_write(context, bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.write(context, |stream, context| stream.poll_write_vectored(context, bytes))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    // A socket keeps nothing back, and says good-bye without waiting.

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
        time::timeout,
    };

    use super::*;

    /// What the system holds for a client that does not read.
    const ROOM: usize = 1_024;
    static ANSWER: [u8; 200 * 1_024] = [b'x'; 200 * 1_024];

    /// Reads so much each time.
    async fn read(mut client: DuplexStream, bytes: usize, every: Duration) {
        let mut buffer = vec![0; bytes];
        loop {
            sleep(every).await;
            if client.read(&mut buffer).await.is_ok_and(|count| count == 0) {
                break;
            }
        }
    }

    /// After how many seconds writing an answer fails that is read like this.
    async fn given_up(bytes: usize, every: Duration) -> Option<u64> {
        let (client, server) = duplex(ROOM);
        let reading = tokio::spawn(read(client, bytes, every));
        let began = Instant::now();
        let written = Patient::new(server).write_all(&ANSWER).await;
        let took = began.elapsed().as_secs();
        reading.abort();
        let error = written.err()?;
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        Some(took)
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_reads_nothing_is_given_up_after_half_a_minute() {
        assert_eq!(given_up(1, Duration::from_hours(1)).await, Some(30));
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_reads_a_little_now_and_then_is_given_up_too() {
        for (bytes, every, after) in [(1, 1, 30), (512, 1, 60), (1_024, 10, 33), (1_000, 2, 58)] {
            let took = given_up(bytes, Duration::from_secs(every)).await.unwrap();
            assert!((after - 3..=after + 3).contains(&took), "{bytes} every {every}: {took}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_reads_at_the_pace_is_waited_for_however_long_it_takes() {
        assert_eq!(given_up(1_024, Duration::from_secs(1)).await, None);
        assert_eq!(given_up(1_024, Duration::from_millis(900)).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_is_forgiven_once_enough_was_read_again() {
        let (mut client, server) = duplex(ROOM);
        let mut server = Patient::new(server);
        let writing = tokio::spawn(async move { server.write_all(&ANSWER).await });
        for _ in 0..3 {
            sleep(Duration::from_secs(29)).await;
            client.read_exact(&mut vec![0; 30 * 1_024]).await.unwrap();
        }
        let mut rest = Vec::new();
        client.read_to_end(&mut rest).await.unwrap();
        assert_eq!(rest.len(), ANSWER.len() - 90 * 1_024);
        writing.await.unwrap().unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn the_time_between_answers_is_nobodys_delay() {
        let (mut client, server) = duplex(ROOM);
        let mut server = Patient::new(server);
        for _ in 0..3 {
            sleep(MOST * 2).await;
            server.write_all(b"an answer").await.unwrap();
            client.read_exact(&mut [0; 9]).await.unwrap();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_is_woken_once_and_not_again_and_again() {
        let (_client, server) = duplex(ROOM);
        let mut server = Patient::new(server);
        server.write_all(&[0; ROOM]).await.unwrap();
        let mut polls = 0;
        let write = std::future::poll_fn(|context| {
            polls += 1;
            Pin::new(&mut server).poll_write(context, b"more")
        });
        assert!(timeout(MOST * 2, write).await.unwrap().is_err());
        assert_eq!(polls, 2);
    }
}
