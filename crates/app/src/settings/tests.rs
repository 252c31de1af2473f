use std::{fs, net::Ipv4Addr, time::Duration};

use tempfile::TempDir;

use super::*;

/// A secret that nobody would guess.
const SECRET: &str = "oJ0x1cEwFz2nqkD5u8VbR7mLyT4gHsPa";

/// Settings as the program would find them.
fn settings(file: &str, dot_env: &str, environment: &[(&str, &str)]) -> Settings {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("fastauth.toml"), file).unwrap();
    fs::write(folder.path().join(".env"), dot_env).unwrap();
    let variables = environment.iter().map(|(name, text)| ((*name).into(), (*text).into()));
    Settings {
        layers: vec![
            Layer::of_file(folder.path()),
            Layer::of_dot_env(folder.path()),
            Layer::of_variables(variables),
        ],
    }
}

fn problems(settings: &Settings) -> Vec<String> {
    let error = settings.resolve().unwrap_err();
    error.problems().iter().map(ToString::to_string).collect()
}

fn problem(settings: &Settings) -> String {
    let problems = problems(settings);
    assert_eq!(problems.len(), 1, "{problems:#?}");
    problems[0].clone()
}

#[test]
fn the_defaults_are_a_configuration() {
    let configuration = Settings::default().resolve().unwrap();
    assert_eq!(configuration.host, Ipv4Addr::LOCALHOST);
    assert_eq!(configuration.port, 8_000);
    assert_eq!(configuration.public_url.as_str(), "http://localhost:8000");
    assert_eq!(configuration.access_token_lifetime, Duration::from_mins(30));
    assert_eq!(configuration.sessions().reuse_interval, Duration::from_secs(10));
    assert!(configuration.secret_key.is_none());
}

#[test]
fn the_later_source_wins() {
    let given = |file, dot_env, environment: &[_]| {
        settings(file, dot_env, environment).resolve().unwrap().port
    };
    assert_eq!(given("port = 1", "", &[]), 1);
    assert_eq!(given("port = 1", "PORT=2", &[]), 2);
    assert_eq!(given("port = 1", "PORT=2", &[("PORT", "3")]), 3);
    assert_eq!(settings("", "", &[("PORT", "3")]).with("PORT", "4").resolve().unwrap().port, 4);
}

#[test]
fn a_file_may_hold_texts_numbers_and_switches_under_names_of_either_case() {
    let file = "HOST = \"::1\"\nport = 9000\nrequire_email_verification = true";
    let configuration = settings(file, "", &[]).resolve().unwrap();
    assert_eq!(configuration.port, 9_000);
    assert!(configuration.host.is_loopback() && configuration.require_email_verification);
}

#[test]
fn the_public_url_follows_the_port_and_the_links_follow_the_public_url() {
    let shown = |settings: &Settings, name| {
        settings.shown().into_iter().find(|shown| shown.name == name).unwrap().value
    };
    let moved = settings("", "", &[("PORT", "9000")]);
    assert_eq!(shown(&moved, "PUBLIC_URL"), "http://localhost:9000");
    let public = settings("", "", &[("PUBLIC_URL", "https://auth.example.com/")]);
    assert_eq!(
        shown(&public, "PASSWORD_RESET_URL"),
        "https://auth.example.com/reset-password?token={token}"
    );
}

#[test]
fn other_names_of_the_sender_are_read_too() {
    let old = settings("", "SMTP_FROM_EMAIL=old@example.com\nSMTP_FROM_NAME='Old Mill'", &[]);
    let configuration = old.resolve().unwrap();
    assert_eq!(configuration.mail_from.as_typed(), "old@example.com");
    assert_eq!(configuration.mail_from_name.unwrap().as_str(), "Old Mill");
    let both = "SMTP_FROM_EMAIL=old@example.com\nEMAIL_FROM=new@example.com";
    let configuration = settings("", both, &[]).resolve().unwrap();
    assert_eq!(configuration.mail_from.as_typed(), "new@example.com");
}

#[test]
fn a_wrong_value_is_told_with_its_name_its_source_and_what_is_right() {
    assert_eq!(
        problem(&settings("port = 80000", "", &[])),
        "PORT in fastauth.toml is 80000: it must be a whole number from 1 to 65535."
    );
    assert_eq!(
        problem(&settings("", "", &[("EMAIL_PROVIDER", "pigeon")])),
        "EMAIL_PROVIDER in the environment is pigeon: it must be console, eml, smtp, ses, webhook or memory."
    );
    assert_eq!(
        problem(&settings("", "SMTP_FROM_EMAIL=nobody", &[])),
        "SMTP_FROM_EMAIL in .env is nobody: it must be an e-mail address."
    );
    assert_eq!(
        problem(&Settings::default().with("host", "example.com")),
        "HOST in the program is example.com: it must be an IP address or localhost."
    );
}

#[test]
fn an_empty_value_and_one_with_a_line_break_are_refused() {
    assert_eq!(
        problem(&settings("", "LOG_FORMAT=", &[])),
        "LOG_FORMAT in .env is empty: take it out, or set it to text or json."
    );
    assert_eq!(
        problem(&settings("", "", &[("EMAIL_FROM_NAME", "Ada\r\nBcc: eve@example.com")])),
        "EMAIL_FROM_NAME in the environment contains a line break or another control character: \
         take it out."
    );
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let wrong = settings(
        "port = 0\ncolour = \"red\"",
        "DATABSE_URL=sqlite://a.db",
        &[("LOG_FORMAT", "xml"), ("ACCESS_TOKEN_EXPIRES_MINUTES", "5")],
    );
    assert_eq!(
        problems(&wrong),
        [
            "COLOUR in fastauth.toml is not a setting: take it out; `fastauth --help` lists those \
             there are.",
            "DATABSE_URL in .env is not a setting: did you mean DATABASE_URL?",
            "ACCESS_TOKEN_EXPIRES_MINUTES in the environment is not a setting: \
             did you mean ACCESS_TOKEN_EXPIRE_MINUTES?",
            "PORT in fastauth.toml is 0: it must be a whole number from 1 to 65535.",
            "LOG_FORMAT in the environment is xml: it must be text or json.",
        ]
    );
}

#[test]
fn the_environment_may_hold_what_is_none_of_our_business() {
    let environment = [("SECRET_KEY_BASE", "x"), ("HOSTS", "x"), ("AWS_REGION", "x"), ("PATH", "")];
    assert!(settings("", "", &environment).resolve().is_ok());
}

#[test]
fn sending_by_smtp_needs_a_server_and_all_or_nothing_of_a_sign_in() {
    let smtp = |rest: &str| {
        let dot_env = format!("EMAIL_PROVIDER=smtp\nEMAIL_FROM=auth@example.com\n{rest}");
        settings("", &dot_env, &[])
    };
    assert!(problem(&smtp("")).starts_with("EMAIL_PROVIDER is smtp and SMTP_HOST is not set"));
    let host = "SMTP_HOST=mail.example.com";
    let half = problem(&smtp(&format!("{host}\nSMTP_USERNAME=ada")));
    assert_eq!(half, "SMTP_USERNAME is set and SMTP_PASSWORD is not: set both, or neither.");
    let sign_in = "SMTP_USERNAME=ada\nSMTP_PASSWORD=hunter2hunter2";
    let open = problem(&smtp(&format!("{host}\n{sign_in}\nSMTP_TLS=none")));
    assert!(open.contains("could read SMTP_PASSWORD") && !open.contains("hunter2"), "{open}");
    let relay = smtp(&format!("{host}\n{sign_in}")).resolve().unwrap().smtp().unwrap();
    assert_eq!((relay.host.as_str(), relay.port), ("mail.example.com", 587));
    assert!(!format!("{relay:?}").contains("hunter2"));
    assert!(smtp("SMTP_HOST=127.0.0.1\nSMTP_TLS=none").resolve().is_ok());
}

#[test]
fn a_sender_that_no_server_takes_mail_from_is_refused() {
    let problem = problem(&settings("", "EMAIL_PROVIDER=smtp\nSMTP_HOST=mail.example.com", &[]));
    assert!(problem.starts_with("EMAIL_FROM is no-reply@localhost"), "{problem}");
}

#[test]
fn a_file_that_cannot_be_read_is_told_with_its_line_and_without_its_text() {
    let file = problem(&settings(&format!("port = 1\nsecret_key = \"{SECRET}\nlog = 1"), "", &[]));
    assert!(file.starts_with("fastauth.toml cannot be read: line 2: "), "{file}");
    let dot_env = problem(&settings("", &format!("PORT=1\n\nSECRET_KEY={SECRET} x\nPORT=2"), &[]));
    assert!(dot_env.starts_with(".env cannot be read: line 3 must be NAME=value"), "{dot_env}");
    assert!(!format!("{file}{dot_env}").contains(SECRET));
    let list = problem(&settings("host = [\"::1\"]", "", &[]));
    assert!(list.starts_with("HOST in fastauth.toml is an array: it must be a text"), "{list}");
    let twice = problem(&settings("", "PORT=1\nport=2", &[]));
    assert_eq!(twice, "PORT is in .env more than once: leave one of them.");
}

#[test]
fn a_secret_is_never_shown() {
    let weak = settings("", "", &[("SECRET_KEY", "correct horse")]);
    assert_eq!(
        problem(&weak),
        "SECRET_KEY in the environment cannot be used: it is shorter than 32 bytes; \
         make one with `fastauth keys generate`."
    );
    let strong = settings("", "", &[("SECRET_KEY", SECRET)]);
    let told = format!("{strong:?} {:?} {:?}", strong.shown(), strong.resolve().unwrap());
    assert!(!told.contains(SECRET) && told.contains("(hidden)"), "{told}");
}

#[test]
fn a_server_that_others_can_reach_needs_a_secret() {
    let exposed = settings("host = \"0.0.0.0\"", "", &[]);
    let told = problem(&exposed);
    assert!(told.starts_with("SECRET_KEY is not set, and HOST 0.0.0.0 can be reached"), "{told}");
    assert!(exposed.with("SECRET_KEY", SECRET).resolve().is_ok());
}

#[test]
fn the_secret_may_be_in_a_file_but_not_in_two_places() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("secret");
    let path = path.to_str().unwrap();
    let in_file = Settings::default().with("SECRET_KEY_FILE", path);
    assert_eq!(
        problem(&in_file),
        format!(
            "SECRET_KEY_FILE in the program is {path}: \
             the file cannot be read: No such file or directory (os error 2)."
        )
    );
    fs::write(path, format!("{SECRET}\n")).unwrap();
    assert!(in_file.resolve().is_ok());
    let twice = in_file.with("SECRET_KEY", SECRET);
    assert_eq!(problem(&twice), "SECRET_KEY and SECRET_KEY_FILE are both set: keep one of them.");
}

#[test]
fn a_pepper_that_can_be_guessed_is_refused_and_none_is_shown() {
    let peppers = |text: &str| settings("", "", &[("PASSWORD_PEPPER", text)]);
    assert_eq!(
        problem(&peppers(&format!("{SECRET} short"))),
        "PASSWORD_PEPPER in the environment cannot be used: one of its secrets is too weak, it is shorter \
         than 32 bytes; make one with `fastauth keys generate`."
    );
    let two = peppers(&format!("{SECRET} none-{SECRET}"));
    let told = format!("{two:?} {:?} {:?}", two.shown(), two.resolve().unwrap());
    assert!(!told.contains(SECRET) && told.contains("(hidden)"), "{told}");
}

#[test]
fn hashing_that_is_too_weak_and_limits_that_contradict_each_other_are_refused() {
    let cheap = settings("argon2_memory_kib = 7168\nargon2_iterations = 4", "", &[]);
    assert_eq!(
        problem(&cheap),
        "ARGON2_MEMORY_KIB 7168 from fastauth.toml times ARGON2_ITERATIONS 4 from fastauth.toml \
         is too little to protect passwords: together they must come to at least 35840, \
         as 19456 times 2 does."
    );
    assert!(settings("argon2_memory_kib = 7168\nargon2_iterations = 5", "", &[]).resolve().is_ok());
    let long = settings("refresh_token_expire_days = 60", "", &[]);
    assert_eq!(
        problem(&long),
        "REFRESH_TOKEN_EXPIRE_DAYS 60 from fastauth.toml is more than SESSION_EXPIRE_DAYS 30 from \
         the defaults: a session ends at the latter, so raise it or lower the former."
    );
}

#[test]
fn the_reference_tells_of_every_setting() {
    let (help, page) = (plain_text(), markdown());
    for setting in TABLE {
        assert!(help.contains(setting.name) && page.contains(&format!("`{}`", setting.name)));
    }
    assert!(
        page.contains(
            "| `PORT` | `8000` | a whole number from 1 to 65535 | The port to listen on. |"
        )
    );
    assert!(page.contains("| `EMAIL_FROM`, also read as `SMTP_FROM_EMAIL` |"));
}

#[test]
fn what_a_token_is_asked_and_what_is_remembered_are_bounded() {
    let default = Settings::default().resolve().unwrap();
    assert_eq!(default.access_token_check, TokenCheck::Session);
    assert_eq!(default.session_cache, Duration::ZERO);
    assert_eq!(
        problem(&settings("", "ACCESS_TOKEN_CHECK=none", &[])),
        "ACCESS_TOKEN_CHECK in .env is none: it must be session or signature."
    );
    assert_eq!(
        problem(&settings("", "SESSION_CACHE_SECONDS=61", &[])),
        "SESSION_CACHE_SECONDS in .env is 61: it must be a whole number of seconds from 0 to 60."
    );
}

#[test]
fn the_proxy_protocol_needs_proxies_that_speak_it() {
    assert_eq!(
        problem(&settings("", "PROXY_PROTOCOL=on", &[])),
        "PROXY_PROTOCOL is on, and TRUSTED_PROXIES does not say who speaks it: set the latter to the \
         addresses of your proxies, or turn the former off."
    );
    let both = "PROXY_PROTOCOL=on\nTRUSTED_PROXIES=10.0.0.0/8";
    assert!(settings("", both, &[]).resolve().unwrap().proxy_protocol);
}
