//! What a service is asked, and what it says.

use fastauth_domain::breaches::Finding;
use fastauth_ports::breaches::SearchBreaches;

use crate::server::{Act, OTHER, PASSWORD, PREFIX, SUFFIX, Server, password};

#[tokio::test]
async fn the_service_hears_five_digits_and_nothing_else() {
    let server = Server::start(Act::rows(&[(OTHER, 1)])).await;
    server.search().search(&password(PASSWORD)).await.unwrap();
    let heard = server.heard();
    let [request] = heard.as_slice() else { panic!("{heard:?}") };
    let mut lines: Vec<_> = request.trim_end().split("\r\n").collect();
    assert_eq!(lines.remove(0), format!("GET /range/{PREFIX} HTTP/1.1"));
    lines.sort_unstable();
    let agent = concat!("user-agent: FastAuth/", env!("CARGO_PKG_VERSION"));
    let host = format!("host: 127.0.0.1:{}", server.port);
    assert_eq!(lines, ["accept: */*", "add-padding: true", &host, agent]);
}

#[tokio::test]
async fn a_password_that_the_service_knows_is_found() {
    let server = Server::start(Act::rows(&[(OTHER, 1), (SUFFIX, 86_453)])).await;
    let found = server.search().search(&password(PASSWORD)).await.unwrap();
    assert_eq!(found, Finding::Breached);
    let other = server.search().search(&password("winter harbour lights")).await.unwrap();
    assert_eq!(other, Finding::Clean, "of another range");
}

#[tokio::test]
async fn a_row_that_is_padding_is_not_found() {
    let server = Server::start(Act::rows(&[(SUFFIX, 0), (OTHER, 0)])).await;
    let found = server.search().search(&password(PASSWORD)).await.unwrap();
    assert_eq!(found, Finding::Clean);
}

#[tokio::test]
async fn the_two_spellings_of_an_accent_are_searched_for_alike() {
    let server = Server::start(Act::rows(&[(OTHER, 1)])).await;
    for spelling in ["pässwörter im wind", "pa\u{308}sswo\u{308}rter im wind"] {
        server.search().search(&password(spelling)).await.unwrap();
    }
    let heard = server.heard();
    assert_eq!(heard.first(), heard.last());
    assert_eq!(heard.len(), 2);
}
