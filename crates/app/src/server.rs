//! Serving until told to stop, and stopping without dropping what is in flight.

use std::{pin::pin, time::Duration};

use fastauth::FastAuth;
use tokio::{
    net::TcpListener,
    sync::{Notify, watch},
    time::{sleep, timeout},
};

use crate::{connections, shutdown::StopSignals, watched::Watched};

/// How long requests in flight are given once the program is told to stop.
const GRACE: Duration = Duration::from_secs(30);
/// How long the mail of the last requests is given.
const LAST_MAIL: Duration = Duration::from_secs(5);

/// Serves until told to stop, and meanwhile sends mail, keeps house and can be watched.
pub(crate) async fn serve(
    listener: TcpListener,
    watched: Option<Watched>,
    auth: &FastAuth,
    signals: StopSignals,
) {
    let (stop, mut told) = watch::channel(false);
    let stopping = async move {
        // An error means that nobody can tell any more: then, too, it is time to stop.
        let _ = told.wait_for(|is_told| *is_told).await;
    };
    let router = auth.server_router();
    let server = connections::serve(listener, router, auth.configuration(), stopping);
    let ended = Notify::new();
    let mut relay = pin!(auth.mail_relay().run_until(ended.notified()));
    tokio::select! {
        () = server => {}
        () = &mut relay => {}
        () = auth.run_housekeeping() => {}
        () = be_watched(watched, auth) => {}
        () = out_of_patience(signals, stop) => {}
    }
    ended.notify_one();
    if timeout(LAST_MAIL, relay).await.is_err() {
        tracing::warn!("mail is left for the next start");
    }
}

async fn be_watched(watched: Option<Watched>, auth: &FastAuth) {
    match watched {
        Some(watched) => watched.serve(auth).await,
        None => std::future::pending().await,
    }
}

/// Passes the first signal on, and ends when what is in flight took too long or a second one came.
async fn out_of_patience(mut signals: StopSignals, stop: watch::Sender<bool>) {
    signals.next().await;
    tracing::info!("stopping: requests in flight are finished first");
    // Kept until the end, because a receiver takes a sender that is gone for a signal.
    let _ = stop.send(true);
    tokio::select! {
        () = sleep(GRACE) => tracing::warn!("stopped with requests in flight: they took too long"),
        () = signals.next() => tracing::warn!("stopped with requests in flight: told twice"),
    }
}
