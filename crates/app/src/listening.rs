//! Listening, or saying what to change so that it can be.

use std::{io, net::SocketAddr};

use fastauth::settings::Configuration;
use tokio::net::TcpListener;

use crate::failure::Failure;

/// The settings that say where to listen.
struct Names {
    host: &'static str,
    port: &'static str,
    both: &'static str,
}

/// Listens where the server is to be reached.
pub(crate) async fn to_everybody(configuration: &Configuration) -> Result<TcpListener, Failure> {
    let address = SocketAddr::new(configuration.host, configuration.port);
    listen(address, &Names { host: "HOST", port: "PORT", both: "HOST or PORT" }).await
}

/// Listens where metrics are to be read.
pub(crate) async fn to_those_who_watch(address: SocketAddr) -> Result<TcpListener, Failure> {
    const METRICS: &str = "METRICS_LISTEN";
    let names = Names { host: METRICS, port: "the port of METRICS_LISTEN", both: METRICS };
    listen(address, &names).await
}

async fn listen(address: SocketAddr, names: &Names) -> Result<TcpListener, Failure> {
    let Names { host, port, both } = names;
    TcpListener::bind(address).await.map_err(|error| {
        let advice = match error.kind() {
            io::ErrorKind::AddrInUse => {
                format!("another program listens there; stop it, or set {port} to a free one")
            }
            io::ErrorKind::AddrNotAvailable => {
                format!("this machine does not have that address; change {host}")
            }
            io::ErrorKind::PermissionDenied => {
                format!("this user may not listen there; set {port} to 1024 or more")
            }
            _ => format!("change {both}"),
        };
        Failure::Other(format!("cannot listen on {address} ({error}): {advice}"))
    })
}
