//! What AWS's tools find.

use std::{env, process::Command};

use fastauth_ports::mail::SendMail;
use fastauth_ses::{Options, SesMail};

use crate::server::{KEY, REGION, SECRET, Server, clock, mail};

/// Runs itself in a process of its own, because only there an environment can be chosen.
#[tokio::test]
async fn credentials_and_region_are_found_in_the_environment() {
    #[expect(clippy::disallowed_methods, reason = "it is asked who this is")]
    let is_chosen = env::var_os("AWS_ACCESS_KEY_ID").is_some_and(|key| key == KEY);
    if is_chosen {
        return credentials_and_region_are_found().await;
    }
    let mut itself = Command::new(env::current_exe().unwrap());
    itself
        .args(["--exact", "environment::credentials_and_region_are_found_in_the_environment"])
        .env("AWS_ACCESS_KEY_ID", KEY)
        .env("AWS_SECRET_ACCESS_KEY", SECRET)
        .env_remove("AWS_SESSION_TOKEN")
        .env("AWS_REGION", REGION);
    let output = itself.output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("1 passed"), "{told}");
}

async fn credentials_and_region_are_found() {
    let server = Server::start().await;
    let options = Options { region: None, ..server.options() };
    let mailer = SesMail::new(options, clock()).await;
    mailer.send(&mail("ada@example.com")).await.unwrap();
    assert_eq!(server.requests().len(), 1);
}
