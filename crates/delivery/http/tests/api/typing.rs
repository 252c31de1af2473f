//! What the page says while somebody types a new password, by the script that it serves.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use fastauth_domain::{
    account::DisplayName,
    email::EmailAddress,
    password::{NewPassword, PasswordPolicy, UnacceptablePassword},
};
use serde_json::json;

use crate::world::World;

const ADDRESS: &str = "Maria.Lopez-1@example.com";

/// As much of a browser as the script needs. There is nothing in it with which to ask or tell anybody.
const BROWSER: &str = r#"
const { script, address, typed } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const advice = { textContent: "" };
let hear;
const addEventListener = (event, listener) => { if (event === "input") hear = listener; };
const password = { value: "", dataset: { least: "8", most: "128", product: "Acme & Sons" }, addEventListener };
const elements = { "new-password": password, address: { value: address }, advice };
const getElementById = (id) => elements[id];
const world = { document: { getElementById }, setTimeout: (then) => then(), clearTimeout: () => {} };
require("node:vm").runInNewContext(script, world);
const said = (text) => { password.value = text; hear(); return advice.textContent; };
console.log(JSON.stringify(typed.map(said)));
"#;

/// What is said of each; `None` where there is nothing to run scripts with.
async fn advice(typed: &[&str]) -> Option<Vec<String>> {
    let mut node = Command::new("node");
    node.args(["-e", BROWSER]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let Ok(mut node) = node.spawn() else {
        #[expect(clippy::disallowed_methods, reason = "no setting of the program")]
        let is_gate = std::env::var_os("CI").is_some();
        assert!(!is_gate, "the gate needs node");
        eprintln!("not tested: there is no node");
        return None;
    };
    let script = World::open().get("/auth/new-password.js").await;
    let input = json!({ "script": script.body, "address": ADDRESS, "typed": typed });
    node.stdin.take().unwrap().write_all(input.to_string().as_bytes()).unwrap();
    let output = node.wait_with_output().unwrap();
    assert!(output.status.success());
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

#[tokio::test]
async fn what_a_password_lacks_is_said_in_plain_words() {
    let (long, longer) = ("x7".repeat(64) + "🦀", "x7".repeat(70));
    let cases = [
        ("", ""),
        ("a", "7 characters more."),
        ("🦀🦀🦀🦀🦀🦀🦀", "1 character more."),
        ("winter harbour", "Long enough."),
        (&*long, "1 character too many."),
        (&*longer, "12 characters too many."),
        ("maria.lopez-1", "This is made of your address: choose another."),
        ("!!Maria.Lopez2026", "This is made of your address: choose another."),
        ("marialopez", "This is made of your address: choose another."),
        ("Acme-Sons 2026", "This is made of this product’s name: choose another."),
        (
            "my lopez family",
            "This contains “lopez” from your address, which makes it easier to guess.",
        ),
    ];
    let typed = cases.map(|(typed, _)| typed);
    let Some(said) = advice(&typed).await else { return };
    assert_eq!(said, cases.map(|(_, told)| told));
}

#[tokio::test]
async fn what_the_page_calls_wrong_the_server_refuses_and_the_other_way_round() {
    let bounds = ["é", "e\u{301}", "🦀", "\u{958}", "x "]
        .map(|it| [7, 8, 128, 129].map(|count| it.repeat(count)))
        .concat();
    let own = [
        "maria.lopez-1",
        "maria.lopez-1@example.com",
        "MARIA.LOPEZ-1@EXAMPLE.COM",
        "2026maria.lopez",
        "maria.lopez!!!!",
        "marialopez",
        "maria lopez",
        "maria.lopez-1x",
        "acme & sons",
        "2026AcmeSons!",
        "acme & sons & me",
        "FastAuth123",
        "12345678",
        "........",
        "        ",
    ];
    let typed: Vec<_> = bounds.iter().map(String::as_str).chain(own).collect();
    let Some(said) = advice(&typed).await else { return };
    let owner = EmailAddress::parse(ADDRESS).unwrap();
    let product = Some(DisplayName::parse("Acme & Sons").unwrap());
    let policy = PasswordPolicy { min_length: 8, max_length: 128, product };
    for (typed, said) in typed.into_iter().zip(said) {
        let judged = NewPassword::parse(&typed.into(), (&owner).into(), &policy);
        let told = match judged {
            Err(UnacceptablePassword::TooShort { .. }) => said.ends_with(" more."),
            Err(UnacceptablePassword::TooLong { .. }) => said.ends_with(" too many."),
            Err(UnacceptablePassword::Personal) => said.starts_with("This is made of"),
            // The page knows nothing of the lists.
            Err(UnacceptablePassword::Common | UnacceptablePassword::Breached) | Ok(_) => {
                said == "Long enough." || said.starts_with("This contains")
            }
        };
        assert!(told, "{typed:?} is {judged:?}, and the page says {said:?}");
    }
}

#[tokio::test]
async fn the_script_is_served_beside_the_pages_and_asks_nobody() {
    let script = World::open().get("/auth/new-password.js").await;
    assert_eq!(script.status, 200);
    assert_eq!(script.header("content-type"), "text/javascript; charset=utf-8");
    for way_out in
        ["fetch", "XMLHttpRequest", "sendBeacon", "WebSocket", "import", "location", "://"]
    {
        assert!(!script.body.contains(way_out), "{way_out}");
    }
}
