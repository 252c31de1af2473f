//! Every route, as everybody.

use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use example_blog::{program, roles};
use fastauth::{
    FastAuth,
    application::roles::Actor,
    domain::role::RoleName,
    testing::{Outcome, TestAuth, TestUser, get, send},
};

const ARTICLE: &str = r#"{ "title": "On looms", "text": "They weave." }"#;

/// A blog with somebody in it who has a role.
async fn blog() -> Outcome<(TestAuth, Router)> {
    let settings = FastAuth::builder().set("DEFAULT_ROLE", roles::VIEWER.as_str());
    let test = TestAuth::of(settings).await?;
    roles::ensure(&test.auth).await?;
    let program = program(&test.auth)?;
    Ok((test, program))
}

async fn somebody(test: &TestAuth, role: &RoleName) -> Outcome<TestUser> {
    let user = test.signed_in(&format!("{role}@example.com")).await?;
    test.auth.use_cases().roles.assign(user.account.id, role, &Actor::default()).await?;
    Ok(user)
}

async fn ask(user: &TestUser, program: &Router, method: Method, path: &str) -> Outcome<StatusCode> {
    let request = Request::builder().method(method).uri(path);
    let request = request.header(header::CONTENT_TYPE, "application/json");
    let answer = send(program, user.authorize(request.body(Body::from(ARTICLE))?)).await?;
    Ok(answer.status)
}

#[tokio::test]
async fn each_role_may_do_what_it_says_and_nothing_else() -> Outcome<()> {
    let (test, program) = blog().await?;
    let author = test.signed_in("author@example.com").await?;
    let roles = &test.auth.use_cases().roles;
    roles.assign(author.account.id, &roles::EDITOR, &Actor::default()).await?;
    assert_eq!(author.post(&program, "/articles", ARTICLE).await?.status, StatusCode::CREATED);
    let viewer = somebody(&test, &roles::VIEWER).await?;
    let editor = somebody(&test, &roles::EDITOR).await?;
    let admin = somebody(&test, &RoleName::ADMIN).await?;
    for (method, path, [may_viewer, may_editor, may_admin]) in [
        (Method::GET, "/", [200, 200, 200]),
        (Method::GET, "/articles", [200, 200, 200]),
        (Method::GET, "/articles/1", [200, 200, 200]),
        (Method::GET, "/articles/9", [404, 404, 404]),
        (Method::POST, "/articles", [403, 201, 201]),
        // It is the author's.
        (Method::PUT, "/articles/1", [403, 403, 403]),
        (Method::GET, "/roles", [403, 403, 200]),
        (Method::DELETE, "/articles/1", [403, 403, 204]),
    ] {
        for (user, expected) in [(&viewer, may_viewer), (&editor, may_editor), (&admin, may_admin)]
        {
            let status = ask(user, &program, method.clone(), path).await?;
            assert_eq!(status, expected, "{method} {path} of {}", user.account.email);
        }
    }
    Ok(())
}

#[tokio::test]
async fn authors_change_their_own_articles() -> Outcome<()> {
    let (test, program) = blog().await?;
    let editor = somebody(&test, &roles::EDITOR).await?;
    editor.post(&program, "/articles", ARTICLE).await?;
    assert_eq!(ask(&editor, &program, Method::PUT, "/articles/1").await?, StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn a_role_counts_from_the_next_request_on() -> Outcome<()> {
    let (test, program) = blog().await?;
    let ada = test.signed_in("ada@example.com").await?;
    let roles = &test.auth.use_cases().roles;
    let write = async || ask(&ada, &program, Method::POST, "/articles").await;
    assert_eq!(ada.get(&program, "/articles").await?.status, StatusCode::OK, "everybody reads");
    assert_eq!(write().await?, StatusCode::FORBIDDEN);
    roles.assign(ada.account.id, &roles::EDITOR, &Actor::default()).await?;
    assert_eq!(write().await?, StatusCode::CREATED);
    roles.revoke(ada.account.id, &roles::EDITOR, &Actor::default()).await?;
    assert_eq!(write().await?, StatusCode::FORBIDDEN);
    Ok(())
}

#[tokio::test]
async fn strangers_see_the_front_page_alone() -> Outcome<()> {
    let (_test, program) = blog().await?;
    assert_eq!(get(&program, "/").await?.status, StatusCode::OK);
    for path in ["/articles", "/articles/1", "/roles", "/nowhere"] {
        assert_eq!(get(&program, path).await?.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    Ok(())
}
