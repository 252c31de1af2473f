//! The commands of the tutorial and of the README, as printed, in a shell, with the real `curl`.
//!
//! Only the host differs, and the tokens that a document cannot know.

use std::{
    collections::HashSet,
    process::{Command, Output},
};

use serde_json::{Value, json};

use crate::{
    mail,
    place::{Place, Program},
};

const TUTORIAL: &str = include_str!("../../../../docs/tutorial.md");
const ACCOUNT: &str = include_str!("../../../../docs/how-to/account-and-sessions.md");
const PROTECTING_ROUTES: &str = include_str!("../../../../docs/how-to/protect-routes.md");
const README: &str = include_str!("../../../../README.md");

const EMAIL: &str = "user@example.com";

/// Somebody who follows a document.
struct Reader {
    program: Program,
    commands: Vec<&'static str>,
    access_token: String,
    refresh_token: String,
    done: HashSet<&'static str>,
}

impl Reader {
    fn of(document: &'static str, place: &Place) -> Self {
        Self {
            program: place.start(),
            commands: curl_commands(document),
            access_token: String::new(),
            refresh_token: String::new(),
            done: HashSet::new(),
        }
    }

    /// Runs the document's command for a path, and gives the status and the body of the answer.
    fn run(&mut self, path: &str) -> (u16, Value) {
        let wanted = format!("\"http://localhost:8000{path}\"");
        let printed = self.commands.iter().find(|command| command.contains(&wanted)).unwrap();
        self.done.insert(printed);
        let here = format!("http://127.0.0.1:{}", self.program.port);
        let mut command = printed
            .replace("http://localhost:8000", &here)
            .replace("YOUR_ACCESS_TOKEN", &self.access_token)
            .replace("YOUR_REFRESH_TOKEN", &self.refresh_token);
        if command.contains("RESET_TOKEN_FROM_EMAIL") {
            let mail = self.program.mail("Choose a new password", 1);
            command = command.replace("RESET_TOKEN_FROM_EMAIL", mail::token(&mail));
        }
        for (place, subject) in [
            ("VERIFICATION_TOKEN_FROM_EMAIL", "Verify your email address"),
            ("CHANGE_TOKEN_FROM_EMAIL", "Confirm your new email address"),
            ("REVERT_TOKEN_FROM_EMAIL", "Another email address"),
        ] {
            if command.contains(place) {
                let mail = self.program.mail(subject, 1);
                command = command.replace(place, mail::token(&mail));
            }
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
        answer["access_token"].as_str().unwrap().clone_into(&mut self.access_token);
        answer["refresh_token"].as_str().unwrap().clone_into(&mut self.refresh_token);
    }

    /// The same for a command that is answered with nothing.
    fn run_for_nothing(&mut self, path: &str) {
        assert_eq!(self.run(path), (204, Value::Null), "{path}");
    }

    /// Sends something that the document does not print.
    fn post(&self, path: &str, body: &Value) -> Value {
        let url = format!("http://127.0.0.1:{}{path}", self.program.port);
        let json = "Content-Type: application/json";
        let answer = shell(&format!("curl -s -X POST {url} -H '{json}' -d '{body}'"));
        serde_json::from_slice(&answer.stdout).unwrap_or(Value::Null)
    }

    fn sign_in(&mut self, email: &str, password: &str) {
        let tokens = self.post("/auth/login", &json!({ "email": email, "password": password }));
        tokens["access_token"].as_str().unwrap().clone_into(&mut self.access_token);
    }

    /// Stops the server. By now every command of the document must have been run.
    fn end(self) {
        let forgotten: Vec<_> =
            self.commands.iter().filter(|command| !self.done.contains(*command)).collect();
        assert!(forgotten.is_empty(), "{forgotten:#?}");
        self.program.stop();
    }
}

/// The blocks of a document that are commands for `curl`.
pub(crate) fn curl_commands(document: &'static str) -> Vec<&'static str> {
    let blocks = document.split("```bash\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.filter(|block| block.starts_with("curl")).collect()
}

pub(crate) fn shell(command: &str) -> Output {
    Command::new("sh").args(["-c", command]).output().unwrap()
}

/// Whether there is a `curl` to run the commands with. The gate insists on it.
#[expect(clippy::disallowed_methods, reason = "this is a setting of the test, not of the product")]
pub(crate) fn has_curl() -> bool {
    let is_there = shell("curl --version").status.success();
    assert!(is_there || std::env::var_os("CI").is_none(), "the gate needs curl");
    is_there
}

#[test]
fn the_readme_works_as_printed() {
    if !has_curl() {
        return;
    }
    let mut reader = Reader::of(README, &Place::new());
    reader.run_for_tokens("/auth/register", 201);
    let (status, account) = reader.run("/auth/me");
    assert_eq!((status, &account["email"]), (200, &Value::from("user@example.com")));
    reader.end();
}

#[test]
fn the_tutorial_works_as_printed() {
    if !has_curl() {
        return;
    }
    let mut reader = Reader::of(TUTORIAL, &Place::new());
    reader.run_for_tokens("/auth/register", 201);
    reader.run_for_tokens("/auth/login", 200);
    let (status, account) = reader.run("/auth/me");
    assert_eq!((status, &account["email"]), (200, &Value::from("user@example.com")));
    reader.run_for_tokens("/auth/refresh", 200);
    reader.run_for_nothing("/auth/logout");
    reader.run_for_nothing("/auth/password-reset/request");
    reader.run_for_nothing("/auth/password-reset/confirm");
    reader.run_for_nothing("/auth/email-verification/resend");
    reader.run_for_nothing("/auth/email-verification/confirm");
    let (status, problem) = reader.run("/auth/login");
    assert_eq!((status, &problem["code"]), (401, &Value::from("invalid_credentials")));
    reader.end();
}

#[test]
fn people_can_look_after_their_account_as_printed() {
    if !has_curl() {
        return;
    }
    let mut reader = Reader::of(ACCOUNT, &Place::new());
    reader.post("/auth/register", &json!({ "email": EMAIL, "password": "securepassword123" }));
    reader.sign_in(EMAIL, "securepassword123");
    let sessions = reader.run("/sessions").1;
    assert_eq!(sessions["sessions"].as_array().unwrap().len(), 2);
    assert_eq!(reader.run("/sessions/revoke-all").0, 200);
    assert_eq!(reader.run("/account/profile").1["name"], "Ada Lovelace");
    assert_eq!(reader.run("/account/change-password").0, 200);
    assert_eq!(reader.run("/account/request-email-change").0, 200);
    assert_eq!(reader.run("/account/confirm-email-change").0, 200);
    assert_eq!(reader.run("/account/activity?limit=20").1["events"][0]["event"], "email_changed");
    assert_eq!(reader.run("/account/export").1["account"]["email"], "ada@example.net");
    assert_eq!(reader.run("/account/revert-email-change").0, 200);
    let mail = reader.program.mail("Choose a new password", 1);
    let reset = json!({ "token": mail::token(&mail), "new_password": "thirdpassword789" });
    reader.post("/auth/password-reset/confirm", &reset);
    reader.sign_in(EMAIL, "thirdpassword789");
    assert_eq!(reader.run("/account/delete").0, 200);
    reader.end();
}

#[test]
fn the_tutorial_works_with_the_verification_that_it_turns_on() {
    if !has_curl() {
        return;
    }
    let settings = "REQUIRE_EMAIL_VERIFICATION=true\nEMAIL_PROVIDER=console  # or smtp\n";
    let mut reader = Reader::of(TUTORIAL, &Place::new().with_file(".env", settings));
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

#[test]
fn the_page_on_protecting_routes_works_as_printed() {
    if !has_curl() {
        return;
    }
    let mut reader = Reader::of(PROTECTING_ROUTES, &Place::new());
    let (status, published) = reader.run("/.well-known/paseto-keys");
    let key = published["keys"][0]["key"].as_str().unwrap();
    assert!(status == 200 && key.starts_with("k4.public."), "{published}");
    reader.end();
}
