//! Sending requests to a program's router, without a network.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use tower::ServiceExt;

use super::{Outcome, TestUser};

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, as text.
    pub body: String,
}

/// Gets a path as nobody.
pub async fn get(program: &Router, path: &str) -> Outcome<Answer> {
    send(program, request(Method::GET, path, Body::empty())?).await
}

/// Posts JSON to a path as nobody.
pub async fn post(program: &Router, path: &str, json: &str) -> Outcome<Answer> {
    send(program, request(Method::POST, path, json.to_owned().into())?).await
}

/// Sends a request as it is.
pub async fn send(program: &Router, request: Request<Body>) -> Outcome<Answer> {
    let (parts, body) = program.clone().oneshot(request).await?.into_parts();
    let body = String::from_utf8(to_bytes(body, usize::MAX).await?.to_vec())?;
    Ok(Answer { status: parts.status, headers: parts.headers, body })
}

impl TestUser {
    /// Gets a path as this user.
    pub async fn get(&self, program: &Router, path: &str) -> Outcome<Answer> {
        send(program, self.authorize(request(Method::GET, path, Body::empty())?)).await
    }

    /// Posts JSON to a path as this user.
    pub async fn post(&self, program: &Router, path: &str, json: &str) -> Outcome<Answer> {
        send(program, self.authorize(request(Method::POST, path, json.to_owned().into())?)).await
    }
}

fn request(method: Method, path: &str, body: Body) -> Outcome<Request<Body>> {
    let request = Request::builder().method(method).uri(path);
    Ok(request.header(header::CONTENT_TYPE, "application/json").body(body)?)
}
