//! The program's routes, without a network: how a program that embeds FastAuth tests its own.

use axum::http::StatusCode;
use example_basic::program;
use fastauth::testing::{Outcome, TestAuth, get};

#[tokio::test]
async fn each_route_is_for_whom_it_should_be() -> Outcome<()> {
    let test = TestAuth::new().await?;
    let program = program(&test.auth)?;
    let ada = test.signed_in("ada@example.com").await?;
    let bob = test.signed_in_unverified("bob@example.com").await?;

    assert_eq!(get(&program, "/").await?.body, "Welcome, stranger!");
    assert_eq!(bob.get(&program, "/").await?.body, "Welcome, bob@example.com!");
    assert_eq!(get(&program, "/me-too").await?.status, StatusCode::UNAUTHORIZED);
    assert_eq!(bob.get(&program, "/me-too").await?.body, "You are bob@example.com.");
    assert_eq!(get(&program, "/members").await?.status, StatusCode::UNAUTHORIZED);
    assert_eq!(bob.get(&program, "/members").await?.status, StatusCode::FORBIDDEN);
    assert_eq!(ada.get(&program, "/members").await?.body, "Mail reaches you at ada@example.com.");
    assert_eq!(get(&program, "/nowhere").await?.status, StatusCode::UNAUTHORIZED);
    Ok(())
}
