//! FastAuth mounted in an axum program that has a route of its own, for people who are signed in.
//!
//! `cargo run -p example-embed-router`, then register at `POST /auth/register` and show the access
//! token to `GET /hello`. The database and the secret are those that `fastauth serve` would use in
//! this folder, so that the server can take over from this program whenever it likes.

use std::{error::Error, io::Write, net::SocketAddr};

use axum::{Router, routing::get};
use fastauth::{FastAuth, http::CurrentUser};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let port = std::env::args().nth(1).unwrap_or_else(|| "8000".to_owned());
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    let url = format!("http://localhost:{}", listener.local_addr()?.port());

    let auth = FastAuth::builder()
        .database("sqlite://fastauth.db?mode=rwc")
        .public_url(&url)
        .build()
        .await?;
    let program =
        Router::new().route("/hello", get(hello)).with_state(auth.accounts()).merge(auth.router());
    let program = program.into_make_service_with_connect_info::<SocketAddr>();

    writeln!(std::io::stdout(), "listening on {url}")?;
    tokio::select! {
        ended = axum::serve(listener, program).into_future() => Ok(ended?),
        () = auth.run_mail_relay() => Ok(()),
        () = auth.run_housekeeping() => Ok(()),
    }
}

/// Greets whoever shows an access token; everybody else is answered before this is called.
async fn hello(CurrentUser(caller): CurrentUser) -> String {
    format!("Hello, {}!", caller.account.email)
}
