//! The floor of a read: an axum handler that does nothing, in a process of its own.

use std::io::Write;

use axum::{Router, routing::get};
use tokio::net::TcpListener;

use crate::Failure;

/// Serves until it is killed, and says on standard output on which port.
pub(crate) async fn serve() -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    writeln!(std::io::stdout(), "{}", listener.local_addr()?.port())?;
    let router = Router::new().route("/", get(async || "nothing"));
    Ok(axum::serve(listener, router).await?)
}
