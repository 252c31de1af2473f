//! Connections: how many there are, and how long each may take over what.
//!
//! Whoever connects is a stranger, and may send nothing, a header a minute, or read nothing of what was
//! asked for. None of that may cost more than a place, for half a minute.

use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, extract::ConnectInfo, http::header::FORWARDED};
use fastauth::settings::Configuration;
use hyper::{Request, body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::sleep,
};
use tower::ServiceExt;

use crate::{
    patience::Patient,
    places::{Crowded, Places},
    proxy_protocol::{Announcers, Client, Unannounced},
};

/// How long a client may take to send the head of its next request, from the connection or from the
/// answer before it.
const HEAD_TIME: Duration = Duration::from_secs(30);
/// The bytes that the head of a request may have.
const MAX_HEAD: usize = 16 * 1_024;
/// The headers that a request may have.
const MAX_HEADERS: usize = 64;
/// What is read ahead of a connection at most: a head, and a body as it is allowed.
const MAX_READ_AHEAD: usize = 128 * 1_024;
/// What the system holds of answers that are not read yet. It would hold megabytes for whoever asks for
/// much, and not tell for as long whether they are read.
const MAX_UNREAD: usize = 64 * 1_024;
/// How long nothing is accepted where the system has no room for one more connection.
const BREATH: Duration = Duration::from_millis(200);

/// Serves whoever connects until told to stop, and then those that are connected until their requests in
/// flight are answered. There are at most so many at a time; others wait in the system's queue.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    configuration: &Configuration,
    told_to_stop: impl Future<Output = ()>,
) {
    let (announcers, places) = (Announcers::of(configuration), Places::of(configuration));
    let reception = Reception { announcers, places, router };
    let connected = GracefulShutdown::new();
    let (open, closing) = watch::channel(());
    let room = Arc::new(Semaphore::new(configuration.connections as usize));
    let mut told_to_stop = pin!(told_to_stop);
    loop {
        let (stream, peer, place) = tokio::select! {
            biased;
            () = &mut told_to_stop => break,
            accepted = accept(&listener, &room) => accepted,
        };
        let (reception, watcher, closing) =
            (reception.clone(), connected.watcher(), closing.clone());
        tokio::spawn(async move {
            if let Err(error) = reception.receive(stream, peer, watcher, closing).await {
                tracing::debug!(%peer, %error, "a connection was closed");
            }
            drop(place);
        });
    }
    // Nobody connects any more from here on.
    drop((listener, open));
    connected.shutdown().await;
}

/// What a connection meets once it is accepted.
#[derive(Clone)]
struct Reception {
    announcers: Announcers,
    places: Places,
    router: Router,
}

/// Why a connection was closed before its client wanted it to be.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
enum Closed {
    Unannounced(#[from] Unannounced),
    Crowded(#[from] Crowded),
    Broken(#[from] hyper::Error),
}

impl Reception {
    /// Finds out whom a connection is for, and answers its requests until it ends.
    async fn receive(
        self,
        stream: TcpStream,
        peer: SocketAddr,
        watcher: Watcher,
        mut closing: watch::Receiver<()>,
    ) -> Result<(), Closed> {
        let (stream, client) = tokio::select! {
            biased;
            found = self.announcers.client(stream, peer, HEAD_TIME) => found?,
            // Nothing is in flight yet.
            _ = closing.changed() => return Ok(()),
        };
        let place = self.places.take(client)?;
        let service = self.router.map_request(move |request| on_behalf(request, client));
        let service = TowerToHyperService::new(service);
        let connection = protocol().serve_connection(TokioIo::new(Patient::new(stream)), service);
        let ended = watcher.watch(connection).await;
        drop(place);
        Ok(ended?)
    }
}

/// A request, with the address of whoever has connected.
fn on_behalf(mut request: Request<Incoming>, client: Client) -> Request<Incoming> {
    let address = match client {
        Client::At(address) => address,
        Client::Unnamed(proxy) => {
            request.headers_mut().remove(FORWARDED);
            request.headers_mut().remove("x-forwarded-for");
            proxy
        }
    };
    request.extensions_mut().insert(ConnectInfo(address));
    request
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
    socket2::SockRef::from(stream).set_send_buffer_size(MAX_UNREAD)
}
