//! How much a guard asks of an access token is set.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use axum::{Router, http::StatusCode, routing::get};
use fastauth::{
    FastAuth,
    testing::{self, TestAuth},
};

async fn program(check: &str) -> (TestAuth, Router) {
    let test = TestAuth::of(FastAuth::builder().set("ACCESS_TOKEN_CHECK", check)).await.unwrap();
    let own = Router::new().route("/", get("home")).route("/notes", get("notes"));
    let own = test.auth.guard().public("/").protect(own).unwrap();
    let program = own.merge(test.auth.router());
    (test, program)
}

#[tokio::test]
async fn the_guard_asks_for_what_is_set_and_fastauths_own_routes_for_the_session() {
    for (check, status) in [("session", StatusCode::UNAUTHORIZED), ("signature", StatusCode::OK)] {
        let (test, program) = program(check).await;
        let ada = test.signed_in("ada@example.com").await.unwrap();
        assert_eq!(ada.get(&program, "/notes").await.unwrap().body, "notes");
        test.auth
            .use_cases()
            .sessions
            .logout(&ada.tokens.refresh_token, &fastauth::domain::visitor::Visitor::default())
            .await
            .unwrap();
        assert_eq!(ada.get(&program, "/notes").await.unwrap().status, status, "{check}");
        let me = ada.get(&program, "/auth/me").await.unwrap();
        assert_eq!(me.status, StatusCode::UNAUTHORIZED, "{check}");
    }
}

#[tokio::test]
async fn fastauth_may_be_merged_on_either_side_of_a_guarded_router() {
    let (test, program) = program("session").await;
    let own = Router::new().route("/", get("home"));
    let swapped = test.auth.router().merge(test.auth.guard().public("/").protect(own).unwrap());
    for program in [program, swapped] {
        assert_eq!(testing::get(&program, "/").await.unwrap().body, "home");
        let nowhere = testing::get(&program, "/nowhere").await.unwrap();
        assert_eq!(nowhere.status, StatusCode::UNAUTHORIZED);
        let keys = testing::get(&program, "/.well-known/paseto-keys").await.unwrap();
        assert!(keys.body.contains("k4.public.") && keys.body.contains("k4.pid."), "{}", keys.body);
    }
}
