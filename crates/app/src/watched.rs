//! Serving metrics, to those who watch the server.

use std::future::IntoFuture;

use fastauth::{FastAuth, http::Metrics, settings::Configuration};
use tokio::net::TcpListener;

use crate::{failure::Failure, listening};

/// The listener of `METRICS_LISTEN`, and what is to be read there.
pub(crate) struct Watched {
    listener: TcpListener,
    metrics: Metrics,
}

impl Watched {
    /// Listens and begins to count, if it is set where.
    pub(crate) async fn open(configuration: &Configuration) -> Result<Option<Self>, Failure> {
        let Some(address) = configuration.metrics_listen else { return Ok(None) };
        let listener = listening::to_those_who_watch(address).await?;
        let metrics = Metrics::collect().map_err(|error| Failure::Other(error.to_string()))?;
        Ok(Some(Self { listener, metrics }))
    }

    /// Serves for as long as this is awaited: until the last request of everybody else is answered.
    pub(crate) async fn serve(self, auth: &FastAuth) {
        let router = auth.metrics_router(self.metrics.clone());
        let server = axum::serve(self.listener, router).into_future();
        // Neither ends by itself.
        let _ = tokio::join!(server, self.metrics.run());
    }
}
