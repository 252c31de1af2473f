//! Serves people who signed in at a FastAuth server, knowing nothing of it but its public keys.
//!
//! `cargo run -p example-resource-service -- 9000 http://localhost:8000 k4.public.…`: the port to
//! listen on, the server's `PUBLIC_URL`, and the keys that it publishes at `/.well-known/paseto-keys`.

use std::{error::Error, io::Write, sync::Arc};

use axum::{Router, routing::get};
use fastauth_http::{Bearers, Claims, Guard};
use fastauth_paseto::Verifier;
use fastauth_system::SystemClock;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(port), Some(issuer)) = (arguments.next(), arguments.next()) else {
        return Err("tell me a port, the URL of the server, and its public keys".into());
    };
    let verifier = Verifier::new(issuer, arguments)?;
    let bearers = Bearers::new(Arc::new(verifier), Arc::new(SystemClock));
    let own = Router::new()
        .route("/", get("Orders are at /orders."))
        .route("/orders", get(orders))
        .with_state(bearers.clone());
    let program = Guard::stateless(bearers).public("/").protect(own)?;

    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    writeln!(std::io::stdout(), "listening on http://{}", listener.local_addr()?)?;
    Ok(axum::serve(listener, program).await?)
}

/// For whoever has an access token of the server.
async fn orders(Claims(claims): Claims) -> String {
    format!("The orders of account {}.", claims.account)
}
