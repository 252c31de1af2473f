//! The commands of the authentication guide, as printed, in a shell, with the real `curl`.
//!
//! Only the host differs, and the tokens that the guide cannot know.

use std::process::{Command, Output};

use serde_json::Value;

use crate::{
    mail,
    place::{Place, Program},
};

/// The guide's commands, a blank line apart, in its order.
const GUIDE: &str = include_str!("../guide.sh");

/// Somebody who follows the guide.
struct Reader {
    program: Program,
    refresh_token: String,
}

impl Reader {
    fn of(place: &Place) -> Self {
        Self { program: place.start(), refresh_token: String::new() }
    }

    /// Runs the guide's command for a path, and gives the status and the body of the answer.
    fn run(&mut self, path: &str) -> (u16, Value) {
        let wanted = format!("\"http://localhost:8000{path}\"");
        let command = GUIDE.split("\n\n").find(|command| command.contains(&wanted)).unwrap();
        let here = format!("http://127.0.0.1:{}", self.program.port);
        let mut command = command
            .replace("http://localhost:8000", &here)
            .replace("YOUR_REFRESH_TOKEN", &self.refresh_token);
        if command.contains("RESET_TOKEN_FROM_EMAIL") {
            let mail = self.program.mail("Choose a new password", 1);
            command = command.replace("RESET_TOKEN_FROM_EMAIL", mail::token(&mail));
        }
        if command.contains("VERIFICATION_TOKEN_FROM_EMAIL") {
            let mail = self.program.mail("Verify your email address", 1);
            command = command.replace("VERIFICATION_TOKEN_FROM_EMAIL", mail::token(&mail));
        }
        let answer = shell(&format!("{} -s -w '\\n%{{http_code}}'", command.trim_end()));
        let text = String::from_utf8(answer.stdout).unwrap();
        let (body, status) = text.rsplit_once('\n').unwrap();
        (status.parse().unwrap(), serde_json::from_str(body).unwrap_or(Value::Null))
    }

    /// The same for a command that is answered with tokens.
    fn run_for_tokens(&mut self, path: &str, expected: u16) {
        let (status, answer) = self.run(path);
        assert_eq!((status, &answer["token_type"]), (expected, &Value::from("bearer")), "{path}");
        assert!(answer["access_token"].is_string());
        answer["refresh_token"].as_str().unwrap().clone_into(&mut self.refresh_token);
    }

    /// The same for a command that is answered with nothing.
    fn run_for_nothing(&mut self, path: &str) {
        assert_eq!(self.run(path), (204, Value::Null), "{path}");
    }
}

fn shell(command: &str) -> Output {
    Command::new("sh").args(["-c", command]).output().unwrap()
}

/// Whether there is a `curl` to run the commands with.
fn has_curl() -> bool {
    shell("curl --version").status.success()
}

#[test]
fn the_guide_works_as_printed() {
    if !has_curl() {
        return;
    }
    let mut reader = Reader::of(&Place::new());
    reader.run_for_tokens("/auth/register", 201);
    reader.run_for_tokens("/auth/login", 200);
    reader.run_for_tokens("/auth/refresh", 200);
    reader.run_for_nothing("/auth/logout");
    reader.run_for_nothing("/auth/password-reset/request");
    reader.run_for_nothing("/auth/password-reset/confirm");
    reader.run_for_nothing("/auth/email-verification/resend");
    reader.run_for_nothing("/auth/email-verification/confirm");
    let (status, problem) = reader.run("/auth/login");
    assert_eq!((status, &problem["code"]), (401, &Value::from("invalid_credentials")));
    reader.program.stop();
}

#[test]
fn the_guide_works_with_the_verification_that_it_turns_on() {
    if !has_curl() {
        return;
    }
    let settings = "REQUIRE_EMAIL_VERIFICATION=true\nEMAIL_PROVIDER=console  # or smtp\n";
    let mut reader = Reader::of(&Place::new().with_file(".env", settings));
    let (status, welcome) = reader.run("/auth/register");
    assert_eq!(status, 202);
    assert!(welcome["message"].is_string() && welcome.get("access_token").is_none());
    let (status, problem) = reader.run("/auth/login");
    assert_eq!((status, &problem["code"]), (403, &Value::from("email_not_verified")));
    reader.run_for_nothing("/auth/email-verification/resend");
    // Asking again replaces the first link, so that the newest counts.
    reader.program.mail("Verify your email address", 2);
    reader.run_for_nothing("/auth/email-verification/confirm");
    reader.run_for_tokens("/auth/login", 200);
    reader.program.stop();
}
