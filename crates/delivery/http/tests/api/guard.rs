//! A guarded router: what is not named public is for people who are signed in, however it is asked for.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{FromRef, Path},
    http::{Method, Request, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use fastauth_application::account::Accounts;
use fastauth_domain::token::Token;
use fastauth_http::{Bearers, Claims, CurrentUser, Guard, auth_router};
use fastauth_ports::sessions::{MockReadSessions, ReadSessions};
use serde_json::json;

use crate::world::{Answer, EMAIL, World};

const NOBODY: &str = "401 not_authenticated";

/// A program with a page and posts for everybody, and notes for people who are signed in.
fn program() -> Router {
    Router::new()
        .route("/", get("home"))
        .route("/posts/{id}", get(post).delete("deleted"))
        .route("/posts/drafts", get("drafts"))
        .route("/files/{*path}", get(post))
        .route("/notes", any("notes"))
}

async fn post(Path(parameters): Path<Vec<(String, String)>>) -> String {
    format!("post {}", parameters.last().unwrap().1)
}

fn guard(world: &World) -> Guard {
    let guard = Guard::checked(Arc::clone(&world.use_cases.accounts));
    guard.public("/").public("/files/{*path}").public_for(Method::GET, "/posts/{id}")
}

fn bearers(world: &World) -> Bearers {
    Bearers::from_ref(&world.use_cases.accounts)
}

/// The world, with this router beside FastAuth's own.
fn serving(mut world: World, router: Router) -> World {
    world.router = router.merge(auth_router(&world.use_cases));
    world
}

/// A world in which there is this router and nothing else.
fn only(router: Router) -> World {
    let mut world = World::open();
    world.router = router;
    world
}

fn guarded() -> World {
    let world = World::open();
    let router = guard(&world).protect(program()).unwrap();
    serving(world, router)
}

async fn send(world: &World, method: &str, path: &str, token: Option<&str>) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    world.send(request.body(Body::empty()).unwrap()).await
}

async fn get_as_nobody(world: &World, path: &str) -> Answer {
    send(world, "GET", path, None).await
}

#[tokio::test]
async fn a_route_that_nobody_thought_of_is_protected() {
    let world = guarded();
    let token = world.register(EMAIL).await.member("access_token");
    let answer = get_as_nobody(&world, "/notes").await;
    assert_eq!(answer.outcome(), NOBODY);
    assert_eq!(answer.header(header::WWW_AUTHENTICATE), "Bearer");
    assert_eq!(answer.header(header::CONTENT_TYPE), "application/problem+json");
    assert_eq!(
        send(&world, "GET", "/notes", Some("nonsense")).await.outcome(),
        "401 invalid_token"
    );
    assert_eq!(send(&world, "GET", "/notes", Some(&token)).await.body, "notes");
}

#[tokio::test]
async fn what_is_named_public_is_for_everybody_and_nothing_beside_it() {
    let world = guarded();
    for (path, body) in
        [("/", "home"), ("/?a=b", "home"), ("/posts/7", "post 7"), ("/files/a/b", "post a/b")]
    {
        assert_eq!(get_as_nobody(&world, path).await.body, body);
    }
    // Whoever shows a bad token is let in where nobody is asked for one.
    assert_eq!(send(&world, "GET", "/", Some("nonsense")).await.body, "home");
    for path in ["/posts/drafts", "/posts", "/posts/", "/posts/7/", "/posts/7/likes", "/files"] {
        assert_eq!(get_as_nobody(&world, path).await.outcome(), NOBODY, "{path}");
    }
}

#[tokio::test]
async fn one_method_of_a_route_is_public_without_the_others() {
    let world = guarded();
    assert_eq!(send(&world, "HEAD", "/posts/7", None).await.status, 200);
    for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", "PURGE"]
    {
        let answer = send(&world, method, "/posts/7", None).await;
        assert_eq!(answer.outcome(), NOBODY, "{method}");
    }
    assert_eq!(send(&world, "DELETE", "/", None).await.status, 405);
}

#[tokio::test]
async fn no_spelling_of_a_path_and_no_method_leads_around_the_guard() {
    let world = guarded();
    for path in [
        "/notes",
        "/notes/",
        "//notes",
        "/notes//",
        "///notes",
        "/./notes",
        "/posts/../notes",
        "/posts/%2e%2e/notes",
        "/%2e/notes",
        "/%6eotes",
        "/notes%2f",
        "/notes%00",
        "/notes%20",
        "/notes;a=b",
        "/notes?a=b",
        "/Notes",
        "/NOTES",
        "/notes.json",
        "/posts/drafts",
        "/posts/drafts?a=b",
        "http://somewhere.else/notes",
        "/nowhere",
        "/auth/nowhere",
    ] {
        for method in ["GET", "HEAD", "OPTIONS", "POST", "DELETE", "CONNECT", "get", "PURGE"] {
            let answer = send(&world, method, path, None).await;
            assert_eq!(answer.status, 401, "{method} {path}");
        }
    }
    assert_eq!(send(&world, "OPTIONS", "*", None).await.status, 401);
}

#[tokio::test]
async fn headers_that_claim_another_path_or_method_are_not_believed() {
    let world = guarded();
    let request = Request::post("/notes")
        .header("x-original-url", "/")
        .header("x-rewrite-url", "/")
        .header("x-http-method-override", "GET")
        .header("x-forwarded-prefix", "/posts");
    let answer = world.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.outcome(), NOBODY);
}

#[tokio::test]
async fn a_guard_outside_of_nested_routers_knows_their_routes_by_their_full_names() {
    let world = World::open();
    let router = Router::new().nest("/blog", program());
    let guard = Guard::checked(Arc::clone(&world.use_cases.accounts));
    let guard = guard.public("/blog").public("/blog/posts/{id}");
    let world = serving(world, guard.protect(router).unwrap());
    assert_eq!(get_as_nobody(&world, "/blog").await.body, "home");
    assert_eq!(get_as_nobody(&world, "/blog/posts/7").await.body, "post 7");
    for path in ["/blog/notes", "/blog/", "/blog/posts/drafts", "/posts/7", "/"] {
        assert_eq!(get_as_nobody(&world, path).await.outcome(), NOBODY, "{path}");
    }
}

#[tokio::test]
async fn a_guarded_router_stays_as_it_is_wherever_it_is_nested() {
    for place in ["/blog", "/blog/", "/readers/{reader}", "/a/b"] {
        let world = World::open();
        let inner = guard(&world).protect(program()).unwrap();
        let outer = Router::new().nest(place, inner).route("/open", get("open"));
        let world = serving(world, outer);
        let at = place.trim_end_matches('/').replace("{reader}", "blog");
        let home = if place.ends_with('/') { format!("{at}/") } else { at.clone() };
        assert_eq!(get_as_nobody(&world, &home).await.body, "home", "{place}");
        assert_eq!(get_as_nobody(&world, &format!("{at}/posts/7")).await.body, "post 7", "{place}");
        for path in ["/posts/drafts", "/notes", "/nowhere", "/posts/7/likes", "/blog/posts/7"] {
            let answer = get_as_nobody(&world, &format!("{at}{path}")).await;
            assert_eq!(answer.outcome(), NOBODY, "{place} {path}");
        }
        assert_eq!(get_as_nobody(&world, "/open").await.body, "open");
    }
}

#[tokio::test]
async fn a_guarded_router_stays_as_it_is_behind_a_service() {
    let world = World::open();
    let inner = guard(&world).protect(program()).unwrap();
    let outer = Router::new().nest_service("/blog", inner.clone()).fallback_service(inner);
    let world = only(outer);
    for at in ["", "/blog"] {
        assert_eq!(get_as_nobody(&world, &format!("{at}/posts/7")).await.body, "post 7", "{at}");
        for path in ["/posts/drafts", "/notes", "/nowhere"] {
            let answer = get_as_nobody(&world, &format!("{at}{path}")).await;
            assert_eq!(answer.outcome(), NOBODY, "{at}{path}");
        }
    }
}

#[tokio::test]
async fn a_fallback_is_protected_whoever_it_is_from() {
    async fn lost() -> &'static str {
        "lost"
    }
    let world = World::open();
    let with_its_own = guard(&world).protect(program().fallback(lost)).unwrap();
    let with_a_service = guard(&world).protect(program().fallback_service(get(lost))).unwrap();
    let without = guard(&world).protect(program()).unwrap();
    let auth = only(auth_router(&world.use_cases));
    let token = auth.register(EMAIL).await.member("access_token");
    for (router, answered) in [(with_its_own, 200), (with_a_service, 200), (without, 404)] {
        for router in [router.clone(), Router::new().nest("/a", router)] {
            let world = only(router);
            assert_eq!(get_as_nobody(&world, "/a/nowhere").await.outcome(), NOBODY);
            let answer = send(&world, "GET", "/a/nowhere", Some(&token)).await;
            assert_eq!(answer.status, answered);
        }
    }
}

#[tokio::test]
async fn a_public_route_that_is_not_there_is_refused() {
    let world = World::open();
    let served = Router::new().nest_service("/served", program());
    let router = program().nest("/blog", program()).merge(served);
    for route in [
        "",
        "posts/{id}",
        "/posts/:id",
        "/posts/{slug}",
        "/posts/7",
        "/posts/{id}/",
        "/posts/{id}?a=b",
        "/blog/",
        "/blog/nowhere",
        "/nowhere",
        "/files/{path}",
        "/served/posts/{id}",
        "http://somewhere.else/notes",
    ] {
        let guard = Guard::stateless(bearers(&world)).public("/").public(route);
        let error = guard.protect(router.clone()).unwrap_err();
        assert_eq!(error.route, route);
        assert!(error.to_string().ends_with("is to be public, but the router has no such route"));
    }
    for route in
        ["/", "/posts/{id}", "/posts/drafts", "/files/{*path}", "/blog", "/blog/posts/{id}"]
    {
        let guard = Guard::stateless(bearers(&world)).public_for(Method::GET, route);
        assert!(guard.protect(router.clone()).is_ok(), "{route}");
    }
}

#[tokio::test]
async fn a_layer_around_a_guard_answers_first_and_one_within_is_asked_after_it() {
    async fn preflight(request: Request<Body>, next: Next) -> Response {
        if request.method() == Method::OPTIONS {
            "go on".into_response()
        } else {
            next.run(request).await
        }
    }
    let world = World::open();
    let within = guard(&world).protect(program().layer(middleware::from_fn(preflight))).unwrap();
    let around = guard(&world).protect(program()).unwrap().layer(middleware::from_fn(preflight));
    for (router, status) in [(within, 401), (around, 200)] {
        let world = only(router);
        assert_eq!(send(&world, "OPTIONS", "/notes", None).await.status, status);
        assert_eq!(get_as_nobody(&world, "/notes").await.outcome(), NOBODY);
    }
}

async fn who(CurrentUser(caller): CurrentUser, Claims(claims): Claims) -> String {
    (caller.session == claims.session).to_string()
}

#[tokio::test]
async fn a_checked_guard_sees_a_logout_at_once_and_a_stateless_one_when_the_token_expires() {
    for is_checked in [true, false] {
        let world = World::open();
        let accounts = Arc::clone(&world.use_cases.accounts);
        let router = Router::new().route("/who", get(who)).with_state(accounts.clone());
        let guard =
            if is_checked { Guard::checked(accounts) } else { Guard::stateless(bearers(&world)) };
        let router = guard.protect(router.merge(program())).unwrap();
        let world = serving(world, router);
        let tokens = world.register(EMAIL).await;
        let token = tokens.member("access_token");
        assert_eq!(send(&world, "GET", "/who", Some(&token)).await.body, "true");
        let body = json!({ "refresh_token": tokens.member("refresh_token") });
        assert_eq!(world.post("/auth/logout", &body).await.status, 204);
        let status = if is_checked { 401 } else { 200 };
        assert_eq!(send(&world, "GET", "/notes", Some(&token)).await.status, status);
        // Whoever asks for more than the guard is told more.
        assert_eq!(send(&world, "GET", "/who", Some(&token)).await.outcome(), "401 invalid_token");
        world.clock.advance(Duration::from_mins(30));
        let answer = send(&world, "GET", "/notes", Some(&token)).await;
        assert_eq!(answer.outcome(), "401 invalid_token");
    }
}

/// Routes that ask again for what a guard has found.
fn asking(accounts: &Arc<Accounts>) -> Router {
    Router::new()
        .route("/user", get(async |_: CurrentUser| "user"))
        .route("/claims", get(async |_: Claims| "claims"))
        .with_state(Arc::clone(accounts))
}

#[tokio::test]
async fn a_session_is_looked_up_once_for_a_request_however_many_ask() {
    let world = World::open();
    let tokens = only(auth_router(&world.use_cases)).register(EMAIL).await;
    let token = tokens.member("access_token");
    let claims = bearers(&world).claims(&Token::presented(token.as_str())).unwrap();
    let found = world.store.session(claims.session).await.unwrap();
    let mut sessions = MockReadSessions::new();
    sessions.expect_session().times(1).returning(move |_| Ok(found.clone()));
    let known = &world.use_cases.accounts;
    let accounts = Arc::new(Accounts {
        access_tokens: Arc::clone(&known.access_tokens),
        sessions: Arc::new(sessions),
        clock: Arc::clone(&known.clock),
        verification: known.verification,
    });
    let router = Router::new()
        .route("/who", get(async |_: CurrentUser, _: Option<CurrentUser>| "who"))
        .with_state(Arc::clone(&accounts));
    let world = only(Guard::checked(accounts).protect(router).unwrap());
    assert_eq!(send(&world, "GET", "/who", Some(&token)).await.body, "who");
}

#[tokio::test]
async fn what_a_guard_found_is_not_taken_for_what_another_fastauth_would_find() {
    let (elsewhere, here) = (World::open(), World::open());
    let guards = [guard(&here), Guard::stateless(bearers(&here))];
    let token = only(auth_router(&here.use_cases)).register(EMAIL).await.member("access_token");
    for guard in guards {
        let router = asking(&elsewhere.use_cases.accounts).merge(program());
        let world = only(guard.protect(router).unwrap());
        assert_eq!(send(&world, "GET", "/notes", Some(&token)).await.body, "notes");
        for path in ["/user", "/claims"] {
            let answer = send(&world, "GET", path, Some(&token)).await;
            assert_eq!(answer.outcome(), "401 invalid_token", "{path}");
        }
    }
}

#[tokio::test]
async fn what_a_guard_found_is_not_taken_for_another_token() {
    /// Acts for somebody else from here on.
    async fn swap(mut request: Request<Body>, next: Next) -> Response {
        request.headers_mut().insert(header::AUTHORIZATION, "Bearer nonsense".parse().unwrap());
        next.run(request).await
    }
    let world = World::open();
    let accounts = &world.use_cases.accounts;
    let token = only(auth_router(&world.use_cases)).register(EMAIL).await.member("access_token");
    for guard in [Guard::checked(Arc::clone(accounts)), Guard::stateless(bearers(&world))] {
        let swapped = asking(accounts).layer(middleware::from_fn(swap));
        let worlds = [swapped, asking(accounts)].map(|it| only(guard.clone().protect(it).unwrap()));
        for path in ["/user", "/claims"] {
            let outcome = send(&worlds[0], "GET", path, Some(&token)).await.outcome();
            assert_eq!(outcome, "401 invalid_token", "{path}");
            assert_eq!(send(&worlds[1], "GET", path, Some(&token)).await.status, 200, "{path}");
        }
    }
}
