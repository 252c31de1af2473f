//! What lies between an instance and its database server, and fails on demand.

use std::{
    mem,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    sync::watch,
    task::JoinHandle,
};

use crate::place::free_port;

/// Carries bytes between an instance and a server.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    line: Arc<Line>,
    listening: Mutex<Option<JoinHandle<()>>>,
}

/// What all connections go over.
struct Line {
    server: String,
    /// Whether nothing passes any more; who waits at that moment waits for ever.
    is_stalled: AtomicBool,
    /// Counts how often all connections were cut.
    cuts: watch::Sender<u32>,
    trap: Mutex<Option<Trap>>,
}

/// Breaks a connection at something that is said to the server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trap {
    pub(crate) bait: Bait,
    pub(crate) moment: Moment,
}

/// At what.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bait {
    /// At the next COMMIT.
    Commit,
    /// At the n-th message from now on, counted from 0.
    Message(u32),
}

/// When.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Before the server hears it.
    Unheard,
    /// After the server has answered, before anybody hears that.
    Unanswered,
    /// Before the server hears it, and neither side is told: all that is said from then on is lost.
    Unnoticed,
}

impl Proxy {
    /// To the server at `host:port`.
    pub(crate) async fn to(server: String) -> Self {
        let line = Line {
            server,
            is_stalled: AtomicBool::new(false),
            cuts: watch::Sender::new(0),
            trap: Mutex::new(None),
        };
        let proxy = Self { port: free_port(), line: Arc::new(line), listening: Mutex::new(None) };
        proxy.open().await;
        proxy
    }

    /// Takes connections, and lets everything pass on new ones.
    pub(crate) async fn open(&self) {
        self.line.is_stalled.store(false, Ordering::SeqCst);
        if self.listening.lock().unwrap().is_some() {
            return;
        }
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await.unwrap();
        let line = Arc::clone(&self.line);
        let listening = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(Arc::clone(&line).carry(client));
            }
        });
        *self.listening.lock().unwrap() = Some(listening);
    }

    /// Cuts every connection there is.
    pub(crate) fn cut(&self) {
        self.line.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Cuts every connection, and refuses new ones: the server is gone.
    pub(crate) async fn refuse(&self) {
        let listening = self.listening.lock().unwrap().take();
        if let Some(listening) = listening {
            listening.abort();
            assert!(listening.await.unwrap_err().is_cancelled());
        }
        self.cut();
    }

    /// Takes new connections and keeps old ones, and lets nothing pass: the server hangs.
    pub(crate) fn stall(&self) {
        self.line.is_stalled.store(true, Ordering::SeqCst);
    }

    /// Sets a trap in the place of the one that there was.
    pub(crate) fn set(&self, trap: Trap) {
        *self.line.trap.lock().unwrap() = Some(trap);
    }

    /// Whether there is no trap, or none any more.
    pub(crate) fn has_sprung(&self) -> bool {
        self.line.trap.lock().unwrap().is_none()
    }

    /// Takes the trap away, and says whether it had sprung.
    pub(crate) fn take_trap(&self) -> bool {
        self.line.trap.lock().unwrap().take().is_none()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(listening) = self.listening.lock().unwrap().take() {
            listening.abort();
        }
        self.cut();
    }
}

impl Line {
    /// Carries what is said over one connection, until an end hangs up or it is cut.
    async fn carry(self: Arc<Self>, mut client: TcpStream) {
        let mut cuts = self.cuts.subscribe();
        self.wait_if_stalled().await;
        let Ok(mut server) = TcpStream::connect(&self.server).await else { return };
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        let is_mute = AtomicBool::new(false);
        tokio::select! {
            _ = cuts.changed() => {}
            () = self.requests(from_client, to_server, &is_mute) => {}
            () = self.answers(from_server, to_client, &is_mute) => {}
        }
    }

    async fn requests(&self, mut from: ReadHalf<'_>, mut to: WriteHalf<'_>, is_mute: &AtomicBool) {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(length @ 1..) = from.read(&mut buffer).await {
            self.wait_if_stalled().await;
            let message = &buffer[..length];
            match self.trap(message) {
                Some(Moment::Unheard) => return,
                Some(Moment::Unnoticed) => std::future::pending().await,
                Some(Moment::Unanswered) => is_mute.store(true, Ordering::SeqCst),
                None => {}
            }
            if to.write_all(message).await.is_err() {
                return;
            }
        }
    }

    async fn answers(&self, mut from: ReadHalf<'_>, mut to: WriteHalf<'_>, is_mute: &AtomicBool) {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(length @ 1..) = from.read(&mut buffer).await {
            self.wait_if_stalled().await;
            if is_mute.load(Ordering::SeqCst) || to.write_all(&buffer[..length]).await.is_err() {
                return;
            }
        }
    }

    /// Never comes back from a line that nothing passes on; being cut ends that, too.
    async fn wait_if_stalled(&self) {
        if self.is_stalled.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
    }

    /// Whether a message springs the trap.
    fn trap(&self, message: &[u8]) -> Option<Moment> {
        let mut set = self.trap.lock().unwrap();
        let Trap { bait, moment } = set.as_mut()?;
        let is_taken = match bait {
            // Not READ COMMITTED, which new connections begin with.
            Bait::Commit => message.strip_suffix(b"\0").unwrap_or(message).ends_with(b"COMMIT"),
            Bait::Message(left) => mem::replace(left, left.saturating_sub(1)) == 0,
        };
        if !is_taken {
            return None;
        }
        let moment = *moment;
        *set = None;
        Some(moment)
    }
}
