//! `GET /metrics`, on a listener of its own, and the counting of requests.
//!
//! No label is anything that a client chooses freely: paths are told by their templates, methods by
//! the known ones.

use std::{
    fmt::{Display, Write},
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{MatchedPath, Request, State},
    http::{Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
    routing::get,
};
use fastauth_application::deliveries::{Deliveries, MailBacklog};
use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::time::{sleep, timeout};

const REQUESTS: &str = "fastauth_http_requests_total";
const DURATION: &str = "fastauth_http_request_duration_seconds";
const BUILD: &str = "fastauth_build_info";
/// What the names of durations end in.
const DURATIONS: &str = "_duration_seconds";
/// Upper bounds of the buckets of durations, in seconds. A login takes some tens of milliseconds.
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];
/// What stands for every path at which there is nothing, and for every method that is not known.
const UNMATCHED: &str = "unmatched";
/// How long the database is waited for. Whoever asks gives up after ten seconds, usually.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often what was measured is put into its buckets when nobody asks.
const TIDYING: Duration = Duration::from_secs(5);

/// What is counted in this process, of every FastAuth in it.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "figures are for /metrics")]
pub struct Metrics(PrometheusHandle);

/// Something else collects what is counted in this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the metrics of this process are collected by something else already")]
pub struct CollectedElsewhere;

impl Metrics {
    /// Collects what is counted in this process from now on, which one part of a program can do. A
    /// program that has a recorder of the `metrics` crate need not: FastAuth's counts go there.
    pub fn collect() -> Result<Self, CollectedElsewhere> {
        let matcher = Matcher::Suffix(DURATIONS.to_owned());
        let builder = PrometheusBuilder::new().set_buckets_for_metric(matcher, &BUCKETS);
        // Fails if there are no buckets, only.
        let recorder = builder.map_err(|_| CollectedElsewhere)?.build_recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).map_err(|_| CollectedElsewhere)?;
        describe();
        Ok(Self(handle))
    }

    /// Keeps what was measured small, for as long as this is awaited. Without it, durations pile up
    /// in a process that nobody asks for its metrics.
    pub async fn run(&self) {
        loop {
            sleep(TIDYING).await;
            self.0.run_upkeep();
        }
    }
}

fn describe() {
    describe_counter!(REQUESTS, Unit::Count, "Requests that were answered.");
    describe_histogram!(DURATION, Unit::Seconds, "How long requests took to be answered.");
    describe_gauge!(BUILD, "The version that runs.");
    gauge!(BUILD, "version" => env!("CARGO_PKG_VERSION")).set(1);
    fastauth_application::metrics::describe();
}

/// `/metrics`, in the text format of Prometheus: what was counted, and how much mail waits. It asks
/// nobody who they are, and is to be served where only those who watch the program can reach it.
pub fn metrics_router(metrics: Metrics, deliveries: Arc<Deliveries>) -> Router {
    Router::new().route("/metrics", get(show)).with_state((metrics, deliveries))
}

async fn show(
    State((metrics, deliveries)): State<(Metrics, Arc<Deliveries>)>,
) -> impl IntoResponse {
    let mut text = metrics.0.render();
    show_database(&mut text, backlog(&deliveries).await);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text)
}

/// How much mail waits; nothing if the database does not tell in time.
async fn backlog(deliveries: &Deliveries) -> Option<MailBacklog> {
    match timeout(PATIENCE, deliveries.backlog()).await {
        Ok(Ok(backlog)) => Some(backlog),
        Ok(Err(error)) => {
            tracing::warn!(%error, "metrics are shown without the outbox");
            None
        }
        Err(_) => {
            tracing::warn!("metrics are shown without the outbox: the database takes too long");
            None
        }
    }
}

/// What is true now, and not counted. What is not known is not shown: a figure of earlier would look
/// as if it were of now.
fn show_database(text: &mut String, backlog: Option<MailBacklog>) {
    let mut gauge = |name: &str, help: &str, value: &dyn Display| {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}\n\n");
    };
    let is_up = u8::from(backlog.is_some());
    gauge("fastauth_database_up", "Whether the database answers in time.", &is_up);
    if let Some(MailBacklog { waiting, age }) = backlog {
        let help = "Mails that are still to be sent, those included that are being sent.";
        gauge("fastauth_mail_waiting", help, &waiting);
        let help = "For how long the oldest of them has been waiting.";
        let age = age.unwrap_or_default().as_secs_f64();
        gauge("fastauth_mail_oldest_waiting_seconds", help, &age);
    }
}

/// Counts a request and how long its answer took.
pub(crate) async fn count(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = method(request.method());
    let path = request.extensions().get::<MatchedPath>().cloned();
    let answer = next.run(request).await;
    let route = path.map_or_else(|| UNMATCHED.to_owned(), |path| path.as_str().to_owned());
    let status = answer.status().as_str().to_owned();
    histogram!(DURATION, "method" => method, "route" => route.clone()).record(started.elapsed());
    counter!(REQUESTS, "method" => method, "route" => route, "status" => status).increment(1);
    answer
}

/// Anybody can make up methods, as they can paths.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => UNMATCHED,
    }
}
