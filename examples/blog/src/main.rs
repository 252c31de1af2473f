//! `cargo run -p example-blog`, then make yourself an administrator with
//! `fastauth role grant admin you@example.com` in the same folder.

use std::{error::Error, io::Write, net::SocketAddr};

use example_blog::{program, roles};
use fastauth::FastAuth;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let port = std::env::args().nth(1).unwrap_or_else(|| "8000".to_owned());
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    let url = format!("http://localhost:{}", listener.local_addr()?.port());
    let auth = FastAuth::builder()
        .public_url(&url)
        .set("DEFAULT_ROLE", roles::VIEWER.as_str())
        .build()
        .await?;
    roles::ensure(&auth).await?;
    // With the address of whoever connects, by which attempts are limited.
    let program = program(&auth)?.into_make_service_with_connect_info::<SocketAddr>();

    writeln!(std::io::stdout(), "listening on {url}")?;
    tokio::select! {
        ended = axum::serve(listener, program).into_future() => Ok(ended?),
        () = auth.run_mail_relay() => Ok(()),
        () = auth.run_housekeeping() => Ok(()),
    }
}
