//! How often one client may ask for something, as a server is by default.

use reqwest::StatusCode;
use serde_json::json;

use crate::{client::PASSWORD, place::Place};

const EMAIL: &str = "user@example.com";

#[tokio::test]
async fn a_server_limits_how_often_a_password_is_guessed() {
    let program = Place::new().with("RATE_LIMIT_LOGIN", "5/60").start();
    let client = program.client();
    client.register(EMAIL).await;
    for email in [EMAIL, "nobody@example.com"] {
        let guess = json!({ "email": email, "password": "wrong password" });
        let mut statuses = Vec::new();
        for _ in 0..7 {
            statuses.push(client.post("/auth/login", &guess).await.0.as_u16());
        }
        assert_eq!(statuses, [401, 401, 401, 401, 401, 429, 429], "{email}");
    }
    let right = json!({ "email": EMAIL, "password": PASSWORD });
    let (status, answer) = client.post("/auth/login", &right).await;
    assert_eq!((status, &answer["code"]), (StatusCode::TOO_MANY_REQUESTS, &json!("rate_limited")));
    program.stop();
}

#[tokio::test]
async fn a_server_believes_the_proxies_that_it_trusts() {
    let place = Place::new().with("RATE_LIMIT_REGISTER", "1/60");
    let program = place.with("TRUSTED_PROXIES", "127.0.0.0/8").start();
    let client = program.client();
    for (from, email, status) in [
        ("203.0.113.7", "ada@example.com", 201),
        ("198.51.100.1", "bob@example.com", 201),
        ("192.0.2.9, 203.0.113.7", "eve@example.com", 429),
    ] {
        let body = json!({ "email": email, "password": PASSWORD });
        let answer = client.post_through(from, "/auth/register", &body).await;
        assert_eq!(answer.as_u16(), status, "{from}");
    }
    program.stop();
}
