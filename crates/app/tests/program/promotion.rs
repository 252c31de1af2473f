//! Embed today, run the server tomorrow.

use std::sync::Arc;

use fastauth::FastAuth;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::{client::Client, place::Place};

/// Both are reached under one name, whichever runs.
const PUBLIC_URL: &str = "https://auth.example.com";

/// A program that has FastAuth mounted.
struct Embedding {
    port: u16,
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
}

impl Embedding {
    async fn start(place: &Place) -> Self {
        let database = format!("sqlite://{}?mode=rwc", place.path("fastauth.db").display());
        let auth = FastAuth::builder().database(database).public_url(PUBLIC_URL);
        let auth = Arc::new(auth.build().await.unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (stop, stopped) = oneshot::channel();
        let server = async move {
            let router = axum::Router::new().merge(auth.router());
            let told = async { stopped.await.unwrap() };
            axum::serve(listener, router).with_graceful_shutdown(told).await.unwrap();
            auth.close().await;
        };
        Self { port, stop, server: tokio::task::spawn(server) }
    }

    fn client(&self) -> Client {
        Client::of(self.port)
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        self.server.await.unwrap();
    }
}

#[tokio::test]
async fn tokens_of_an_embedded_router_go_on_at_the_server_and_back() {
    let place = Place::new().with("PUBLIC_URL", PUBLIC_URL);
    let embedding = Embedding::start(&place).await;
    embedding.client().register("user@example.com").await;
    let embedded = embedding.client().login("user@example.com").await;
    embedding.stop().await;

    let server = place.start();
    let client = server.client();
    assert_eq!(client.me(&embedded).await, "user@example.com");
    let refreshed = client.refresh(&embedded).await;
    assert_eq!(client.me(&refreshed).await, "user@example.com");
    let fresh = client.login("user@example.com").await;
    server.stop();

    let embedding = Embedding::start(&place).await;
    let client = embedding.client();
    for tokens in [&refreshed, &fresh] {
        assert_eq!(client.me(tokens).await, "user@example.com");
        let again = client.refresh(tokens).await;
        assert_eq!(client.me(&again).await, "user@example.com");
    }
    embedding.stop().await;
}
