//! The program does what it says, and the domain needs nothing that a server does.

use std::process::Command;

/// Crates that would mean an async runtime, a database or a web server.
const HEAVY: [&str; 16] = [
    "actix-web",
    "async-std",
    "axum",
    "futures",
    "hyper",
    "mio",
    "reqwest",
    "rusqlite",
    "sea-orm",
    "sea-query",
    "smol",
    "sqlx",
    "sqlx-core",
    "tokio",
    "tower",
    "diesel",
];

#[test]
fn it_reads_judges_and_decides() {
    let output = Command::new(env!("CARGO_BIN_EXE_example-domain-only")).output().unwrap();
    assert!(output.status.success());
    assert_eq!(
        String::from_utf8(output.stdout).unwrap().lines().collect::<Vec<_>>(),
        [
            "Ada@Example.com is kept under ada@example.com",
            "password: is among the passwords that are tried first; choose another",
            "securepassword123: accepted",
            "second 0: the refresh token earns its successor",
            "second 5: the refresh token earns the same successor again",
            "second 60: the refresh token earns the end of its session, for it was used long ago",
        ]
    );
}

#[test]
fn its_dependencies_hold_no_async_runtime_database_or_web_crate() {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--package", "example-domain-only", "--edges", "normal", "--prefix", "none"])
        .args(["--offline", "--locked", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{errors}");
    let tree = String::from_utf8(output.stdout).unwrap();
    let crates: Vec<&str> =
        tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(crates.contains(&"fastauth-domain"), "{tree}");
    for heavy in HEAVY {
        assert!(!crates.contains(&heavy), "{heavy} is in: {tree}");
    }
}
