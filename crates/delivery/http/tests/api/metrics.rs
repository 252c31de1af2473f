//! What is told to whoever watches the program.

use std::{
    future::pending,
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
};
use fastauth_application::deliveries::Deliveries;
use fastauth_domain::{identifier::MailId, time::Timestamp};
use fastauth_http::{Metrics, metrics_router};
use fastauth_ports::{
    mail::{Backlog, ClaimMail, ClaimedMail, MockClaimMail, Settlement},
    unavailable::Unavailable,
};
use http_body_util::BodyExt;
use serde_json::json;
use tower::ServiceExt;

use crate::world::{EMAIL, World};

/// What counts in the process of these tests.
fn metrics() -> Metrics {
    static METRICS: OnceLock<Metrics> = OnceLock::new();
    METRICS.get_or_init(|| Metrics::collect().unwrap()).clone()
}

/// The metrics of a world in which the outbox is this one.
fn router(world: &World, queue: impl ClaimMail + 'static) -> Router {
    let Deliveries { reads, outbox, store, moments, .. } = &*world.use_cases.deliveries;
    let (reads, outbox, store) = (Arc::clone(reads), Arc::clone(outbox), Arc::clone(store));
    let moments = moments.clone();
    let deliveries = Deliveries { reads, queue: Arc::new(queue), outbox, store, moments };
    metrics_router(metrics(), Arc::new(deliveries))
}

async fn scrape(router: Router) -> String {
    let request = Request::get("/metrics").body(Body::empty()).unwrap();
    let answer = router.oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/plain; version=0.0.4; charset=utf-8");
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(body.to_vec()).unwrap()
}

/// A database that never answers.
struct Silence;

#[async_trait::async_trait]
impl ClaimMail for Silence {
    async fn claim(
        &self,
        _: Timestamp,
        _: Duration,
        _: u32,
    ) -> Result<Vec<ClaimedMail>, Unavailable> {
        pending().await
    }

    async fn settle(&self, _: MailId, _: Settlement) -> Result<(), Unavailable> {
        pending().await
    }

    async fn backlog(&self) -> Result<Backlog, Unavailable> {
        pending().await
    }
}

#[tokio::test]
async fn mail_that_waits_is_shown_with_its_age() {
    let world = World::open();
    world.register(EMAIL).await;
    world.clock.advance(Duration::from_secs(90));
    let text = scrape(router(&world, world.store.clone())).await;
    for line in [
        "fastauth_database_up 1\n",
        "fastauth_mail_waiting 1\n",
        "fastauth_mail_oldest_waiting_seconds 90",
        "fastauth_mails_total{outcome=\"refused\"} 0\n",
        "fastauth_housekeeping_removed_total{kind=\"audit_events\"} 0\n",
    ] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
}

#[tokio::test]
async fn it_is_shown_for_how_long_requests_wait_to_be_attended_to() {
    metrics();
    let world = World::open();
    world.register(EMAIL).await;
    world.post("/auth/password-reset/request", &json!({ "email": EMAIL })).await;
    world.clock.advance(Duration::from_secs(3));
    world.attend().await;
    let text = scrape(router(&world, world.store.clone())).await;
    let line = "fastauth_request_attended_duration_seconds_bucket{le=\"5\"}";
    assert!(text.contains(line), "{line} is not in {text}");
}

#[tokio::test(start_paused = true)]
async fn a_database_that_does_not_answer_is_told_of_and_keeps_no_scrape_waiting() {
    let world = World::open();
    let mut failing = MockClaimMail::new();
    failing.expect_backlog().returning(|| Err(Unavailable::new("it is gone")));
    for router in [router(&world, failing), router(&world, Silence)] {
        let text = scrape(router).await;
        assert!(text.contains("fastauth_database_up 0\n"), "{text}");
        assert!(!text.contains("fastauth_mail_waiting"), "of earlier, or made up: {text}");
        assert!(text.contains("fastauth_build_info"), "{text}");
    }
}

#[tokio::test]
async fn requests_are_told_by_the_template_of_their_path_and_a_method_that_is_known() {
    metrics();
    let world = World::open();
    world.register(EMAIL).await;
    world.get("/nothing-at/user@example.com").await;
    for path in ["/planted-path", "/auth/login"] {
        let request = Request::builder().method("PLANTED").uri(path).body(Body::empty());
        world.send(request.unwrap()).await;
    }
    let text = scrape(router(&world, world.store.clone())).await;
    for (method, route, status) in [
        ("POST", "/auth/register", "201"),
        ("GET", "unmatched", "404"),
        ("unmatched", "unmatched", "404"),
        ("unmatched", "/auth/login", "405"),
    ] {
        let labels = format!("{{method=\"{method}\",route=\"{route}\"");
        let count = format!("fastauth_http_requests_total{labels},status=\"{status}\"}} ");
        assert!(text.contains(&count), "{count} is not in {text}");
        let bucket =
            format!("fastauth_http_request_duration_seconds_bucket{labels},le=\"0.05\"}} ");
        assert!(text.contains(&bucket), "{bucket} is not in {text}");
    }
    for planted in [EMAIL, "nothing-at", "planted-path", "PLANTED"] {
        assert!(!text.contains(planted), "{planted} is in {text}");
    }
}
