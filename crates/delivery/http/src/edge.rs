//! What happens to every request and every answer.

use std::{any::Any, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, HttpBody},
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use fastauth_ports::unavailable::Unavailable;
use futures_util::{TryStreamExt, stream};
use tokio::time::{Instant, timeout_at};
use tower_http::{
    catch_panic::CatchPanicLayer,
    request_id::{MakeRequestId, MakeRequestUuid, RequestId},
};
use tracing::Instrument;

use crate::{
    few_lines::FewLines,
    json::MAX_BODY,
    metrics::count,
    problem::{INTERNAL_ERROR, METHOD_NOT_ALLOWED, NOT_FOUND, Problem},
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The most characters of a client's own request id that are taken over.
const MAX_REQUEST_ID: usize = 128;
/// How long a body may take. It is small, and whoever sends it knows it already.
const BODY_TIME: Duration = Duration::from_secs(10);

/// Limits bodies and how long they take, catches panics, names and counts requests, logs failures and
/// keeps answers out of caches.
pub(crate) fn guard(router: Router) -> Router {
    router
        .method_not_allowed_fallback(async || {
            Problem::new(&METHOD_NOT_ALLOWED, "the method is not allowed on this path")
        })
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::map_request(hurry))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(Arc::default(), attend))
        .layer(middleware::from_fn(count))
}

/// Has the body fail that is not there in time: it would otherwise hold a connection for as long as its
/// sender likes.
async fn hurry(request: Request) -> Request {
    if request.body().is_end_stream() {
        return request;
    }
    let deadline = Instant::now() + BODY_TIME;
    request.map(|body| {
        Body::from_stream(stream::try_unfold(body.into_data_stream(), move |mut rest| async move {
            let next = timeout_at(deadline, rest.try_next()).await.map_err(axum::Error::new)??;
            Ok::<_, axum::Error>(next.map(|bytes| (bytes, rest)))
        }))
    })
}

/// The answer where there is nothing.
pub(crate) async fn not_found() -> Problem {
    Problem::new(&NOT_FOUND, "there is nothing at this path")
}

fn panicked(_: Box<dyn Any + Send>) -> Response {
    // The panic hook has logged what and where.
    Problem::new(&INTERNAL_ERROR, "the server failed to do this").into_response()
}

/// Gives the request a name, and finishes the answer with it.
async fn attend(State(lines): State<Arc<FewLines>>, request: Request, next: Next) -> Response {
    let id = request_id(&request);
    // The query is left out: the links in mails carry their tokens there.
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let span = tracing::info_span!("request", id = id.to_str().unwrap_or_default(), %method, path);
    async move {
        let answer = next.run(request).await;
        log(&answer, &lines);
        let mut answer = finish(answer, &id);
        tracing::debug!(status = answer.status().as_u16(), "answered");
        let headers = answer.headers_mut();
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers
            .entry(header::CACHE_CONTROL)
            .or_insert_with(|| HeaderValue::from_static("no-store"));
        headers.insert(REQUEST_ID, id);
        answer
    }
    .instrument(span)
    .await
}

/// Logs why something failed. All requests fail while something is missing that they need, and one line
/// for each of those who come in a storm would be a storm of its own.
fn log(answer: &Response, lines: &FewLines) {
    let problem = answer.extensions().get::<Problem>();
    let page = answer.extensions().get::<Arc<Unavailable>>();
    if let Some(cause) = problem.and_then(Problem::cause).or(page.map(Arc::as_ref)) {
        if cause.is_busy() {
            tracing::debug!(%cause, "turned away");
        } else if let Some(left_out) = lines.one_more() {
            tracing::error!(%cause, left_out, "not available");
        }
    } else if problem.is_some_and(|it| it.status().is_server_error()) {
        tracing::error!("failed");
    }
}

/// Writes a problem again with the request's name.
fn finish(answer: Response, id: &HeaderValue) -> Response {
    let Some(problem) = answer.extensions().get::<Problem>() else { return answer };
    let mut finished = problem.answer(id.to_str().ok().map(ToOwned::to_owned));
    for (name, value) in answer.headers() {
        if !finished.headers().contains_key(name) && name != header::CONTENT_LENGTH {
            finished.headers_mut().insert(name, value.clone());
        }
    }
    finished
}

/// The client's own name for the request if it is harmless, or a new one.
fn request_id(request: &Request) -> HeaderValue {
    let is_harmless = |value: &&HeaderValue| {
        let bytes = value.as_bytes();
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
        (1..=MAX_REQUEST_ID).contains(&bytes.len()) && bytes.iter().all(is_plain)
    };
    request.headers().get(&REQUEST_ID).filter(is_harmless).cloned().unwrap_or_else(|| {
        let id = MakeRequestUuid.make_request_id(request);
        id.map_or_else(|| HeaderValue::from_static("unknown"), RequestId::into_header_value)
    })
}
