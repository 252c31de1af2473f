//! Taking what providers tell of the mail that they were handed.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode},
    routing::post,
};
use fastauth_application::deliveries::Deliveries;
use fastauth_ports::notices::{NotRead, Posted, ReadNotices};

use crate::problem::{NOTICE_REFUSED, Problem};

/// The most octets of a request: Amazon SNS sends up to 256 KiB, and escapes them.
const MAX_BODY: usize = 512 * 1_024;

/// Where the notices of one provider are taken.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "use cases have nothing to print")]
pub struct NoticeRoute {
    /// The path they are posted to.
    pub path: &'static str,
    /// Understands them.
    pub reader: Arc<dyn ReadNotices>,
}

impl NoticeRoute {
    pub(crate) fn router(&self, deliveries: &Arc<Deliveries>) -> Router {
        Router::new()
            .route(self.path, post(take))
            .layer(DefaultBodyLimit::max(MAX_BODY))
            .with_state((Arc::clone(&self.reader), Arc::clone(deliveries)))
    }
}

/// Answers 204 when everything is noted, and only then: a provider repeats what was not taken.
async fn take(
    State((reader, deliveries)): State<(Arc<dyn ReadNotices>, Arc<Deliveries>)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let texts =
        headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let headers: Vec<(&str, &str)> = texts.collect();
    for notice in reader.read(Posted { headers: &headers, body: &body }).await? {
        deliveries.receive(notice).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

impl From<NotRead> for Problem {
    fn from(error: NotRead) -> Self {
        match error {
            NotRead::Refused(why) => Self::new(&NOTICE_REFUSED, why),
            NotRead::Unavailable(why) => why.into(),
        }
    }
}
