//! Connections: how many there are, and how long each may take over what.
//!
//! Whoever connects is a stranger, and may send nothing, a header a minute, or read nothing of what was
//! asked for. None of that may cost more than a place, for half a minute.

use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, extract::ConnectInfo};
use hyper::{Request, body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::sleep,
};
use tower::ServiceExt;

/// How long a client may take to send the head of its next request, from the connection or from the
/// answer before it.
const HEAD_TIME: Duration = Duration::from_secs(30);
/// How long an answer may lie unread.
#[cfg(target_os = "linux")]
const READ_TIME: Duration = Duration::from_secs(30);
/// The bytes that the head of a request may have.
const MAX_HEAD: usize = 16 * 1_024;
/// The headers that a request may have.
const MAX_HEADERS: usize = 64;
/// What is read ahead of a connection at most: a head, and a body as it is allowed.
const MAX_READ_AHEAD: usize = 128 * 1_024;
/// How long nothing is accepted where the system has no room for one more connection.
const BREATH: Duration = Duration::from_millis(200);

/// Serves whoever connects until told to stop, and then those that are connected until their requests in
/// flight are answered. There are at most so many at a time; others wait in the system's queue.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    most: u32,
    told_to_stop: impl Future<Output = ()>,
) {
    let protocol = protocol();
    let connected = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(most as usize));
    let mut told_to_stop = pin!(told_to_stop);
    loop {
        let (stream, peer, place) = tokio::select! {
            biased;
            () = &mut told_to_stop => break,
            accepted = accept(&listener, &room) => accepted,
        };
        let service = router.clone().map_request(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            request
        });
        let service = TowerToHyperService::new(service);
        let connection = connected.watch(protocol.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection was closed");
            }
            drop(place);
        });
    }
    // Nobody connects any more from here on.
    drop(listener);
    connected.shutdown().await;
}

fn protocol() -> http1::Builder {
    let mut protocol = http1::Builder::new();
    protocol
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_headers(MAX_HEADERS)
        .max_header_size(MAX_HEAD)
        .max_buf_size(MAX_READ_AHEAD);
    protocol
}

/// The next connection, once there is room for it.
async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, Option<OwnedSemaphorePermit>) {
    // It is never closed.
    let place = Arc::clone(room).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                if let Err(error) = prepare(&stream) {
                    tracing::debug!(%error, "a connection cannot be prepared");
                }
                return (stream, peer, place);
            }
            Err(error) if is_of_one(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted");
                sleep(BREATH).await;
            }
        }
    }
}

/// Whether it is a connection that failed and not the listener.
fn is_of_one(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

fn prepare(stream: &TcpStream) -> io::Result<()> {
    // Answers are small and written at once: nothing is gained by holding them back.
    stream.set_nodelay(true)?;
    // The system itself gives up whoever does not read.
    #[cfg(target_os = "linux")]
    socket2::SockRef::from(stream).set_tcp_user_timeout(Some(READ_TIME))?;
    Ok(())
}
