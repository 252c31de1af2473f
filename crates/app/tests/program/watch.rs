//! What the page about watching the server says, tried out.

use serde_json::json;

use crate::{
    guide::{curl_commands, has_curl, shell},
    metrics::Watched,
    place::Place,
};

const PAGE: &str = include_str!("../../../../docs/how-to/watch.md");

#[tokio::test]
async fn the_commands_work_as_printed() {
    if !has_curl() {
        return;
    }
    let watched = Watched::start(Place::new());
    let commands = curl_commands(PAGE);
    assert_eq!(commands.len(), 3);
    for command in commands {
        let here = command
            .replace("localhost:8000", &format!("127.0.0.1:{}", watched.program.port))
            .replace("localhost:9090", &format!("127.0.0.1:{}", watched.port));
        let answer = shell(&format!("{} -s -f", here.trim_end()));
        assert!(answer.status.success() && !answer.stdout.is_empty(), "{command}{answer:?}");
    }
    watched.program.stop();
}

#[tokio::test]
async fn every_figure_that_is_told_of_is_shown() {
    let watched = Watched::start(Place::new());
    let (client, email) = (watched.program.client(), "user@example.com");
    client.register(email).await;
    client.post("/auth/password-reset/request", &json!({ "email": email })).await;
    watched.wait_for("fastauth_request_attended_duration_seconds_count", 1.0).await;
    let shown = watched.scrape().await;
    let is_in_a_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let names = PAGE.split(|c| !is_in_a_name(c)).filter(|word| word.starts_with("fastauth_"));
    let mut count = 0;
    for name in names {
        assert!(shown.contains(name), "{name} is not in {shown}");
        count += 1;
    }
    assert!(count > 8, "{count}");
    for outcome in PAGE.split("outcome=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(shown.contains(&format!("outcome=\"{outcome}\"")), "{outcome} is not in {shown}");
    }
    watched.program.stop();
}
