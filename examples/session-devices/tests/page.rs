//! The page, and what it asks for.

#![expect(clippy::indexing_slicing, reason = "a test may fail")]

use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use example_session_devices::program;
use fastauth::testing::{Outcome, TestAuth, TestUser, get, send};
use serde_json::Value;

async fn ask(user: &TestUser, page: &Router, method: Method, path: &str) -> Outcome<StatusCode> {
    let request = Request::builder().method(method).uri(path).body(Body::empty())?;
    Ok(send(page, user.authorize(request)).await?.status)
}

async fn devices(user: &TestUser, page: &Router) -> Outcome<Vec<Value>> {
    let answer: Value = serde_json::from_str(&user.get(page, "/sessions").await?.body)?;
    Ok(answer["sessions"].as_array().cloned().unwrap_or_default())
}

#[tokio::test]
async fn the_page_runs_nothing_but_its_own_script() -> Outcome<()> {
    let test = TestAuth::new().await?;
    let page = program(&test.auth);
    for (path, kind) in
        [("/", "text/html"), ("/page.js", "text/javascript"), ("/page.css", "text/css")]
    {
        let answer = get(&page, path).await?;
        assert_eq!(answer.status, StatusCode::OK);
        let header = |name| answer.headers.get(name).and_then(|text| text.to_str().ok());
        assert!(header(header::CONTENT_TYPE).is_some_and(|text| text.starts_with(kind)), "{path}");
        let policy = header(header::CONTENT_SECURITY_POLICY).unwrap_or_default();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    }
    let html = get(&page, "/").await?.body;
    assert!(!html.contains("onclick") && !html.contains("style="), "the policy refuses these");
    Ok(())
}

#[tokio::test]
async fn somebody_sees_both_devices_and_ends_the_other() -> Outcome<()> {
    let test = TestAuth::new().await?;
    let page = program(&test.auth);
    let here = test.signed_in("ada@example.com").await?;
    let there = test.signed_in("ada@example.com").await?;
    let found = devices(&here, &page).await?;
    assert_eq!(found.iter().filter(|it| it["current"] == true).count(), 1);
    let theirs = devices(&there, &page).await?;
    let other = theirs.iter().find(|it| it["current"] == true).ok_or("it is on no list")?;
    let path = format!("/sessions/{}", other["id"].as_str().unwrap_or_default());
    assert_eq!(ask(&here, &page, Method::DELETE, &path).await?, StatusCode::OK);
    assert_eq!(ask(&there, &page, Method::GET, "/sessions").await?, StatusCode::UNAUTHORIZED);
    assert_eq!(devices(&here, &page).await?.len(), found.len() - 1);
    Ok(())
}

#[tokio::test]
async fn all_others_end_at_once_and_this_one_goes_on() -> Outcome<()> {
    let test = TestAuth::new().await?;
    let page = program(&test.auth);
    let here = test.signed_in("ada@example.com").await?;
    let there = test.signed_in("ada@example.com").await?;
    assert_eq!(ask(&here, &page, Method::POST, "/sessions/revoke-all").await?, StatusCode::OK);
    assert_eq!(ask(&there, &page, Method::GET, "/sessions").await?, StatusCode::UNAUTHORIZED);
    assert_eq!(ask(&here, &page, Method::GET, "/sessions").await?, StatusCode::OK);
    Ok(())
}
