//! The rules of FastAuth alone: no database, no web framework, no async runtime.
//!
//! `cargo run -p example-domain-only` reads an address, judges two passwords, and shows what becomes
//! of a refresh token that comes three times.

use std::{error::Error, io::Write, time::Duration};

use fastauth_domain::{
    account::Account,
    email::EmailAddress,
    gate::{self, VerificationRule},
    moment::Moment,
    password::{NewPassword, PasswordHash, PasswordPolicy},
    session::{self, Persistence, RefreshRefused, SessionLimits, SessionPolicy, SignedIn},
    time::Timestamp,
};

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout();
    let address = EmailAddress::parse("Ada@Example.com")?;
    writeln!(out, "{address} is kept under {}", address.key().as_str())?;

    let policy = PasswordPolicy { min_length: 8, max_length: 128, product: None };
    for password in ["password", "securepassword123"] {
        match NewPassword::parse(&password.into(), (&address).into(), &policy) {
            Ok(_) => writeln!(out, "{password}: accepted")?,
            Err(reason) => writeln!(out, "{password}: {reason}")?,
        }
    }

    // The domain does not hash: it takes what a hasher made.
    let account = Account::open(address, None, PasswordHash::from_phc("..."), &mut second(0));
    for (seconds, outcome) in present_one_token(&account, [0, 5, 60]) {
        writeln!(out, "second {seconds}: the refresh token earns {outcome}")?;
    }
    Ok(())
}

/// Opens a session and presents its first refresh token at each of these seconds.
fn present_one_token<const N: usize>(
    account: &Account,
    seconds: [u64; N],
) -> Vec<(u64, &'static str)> {
    let limits = SessionLimits { idle: Duration::from_hours(1), absolute: Duration::from_hours(9) };
    let policy = SessionPolicy {
        normal: limits,
        remembered: limits,
        reuse_interval: Duration::from_secs(10),
        most: None,
    };
    let Ok(admitted) = gate::admit(account, VerificationRule::Optional) else {
        return Vec::new();
    };
    let (session, grant) = admitted.open_session(Persistence::Normal, &policy, &mut second(0));
    let mut stored = SignedIn { session, account: account.clone() };
    let mut present = |at| {
        let mut moment = second(at);
        let token = grant.refresh_token();
        let rule = VerificationRule::Optional;
        let decision = session::refresh(Some(&stored), token, rule, &policy, &mut moment);
        // A store would commit `decision.changes` before anybody hears the answer.
        match decision.answer {
            Ok(_) if decision.changes.is_empty() => "the same successor again",
            Ok(next) => {
                stored.session.generation = next.refresh_token().generation();
                stored.session.turned_at = moment.now();
                "its successor"
            }
            Err(RefreshRefused::Reused) => "the end of its session, for it was used long ago",
            Err(RefreshRefused::Invalid) => "nothing",
        }
    };
    seconds.into_iter().map(|at| (at, present(at))).collect()
}

/// A moment with no randomness in it: for a demonstration, never for a server.
fn second(seconds: u64) -> Moment {
    let start = Timestamp::from_unix_micros(0);
    Moment::new(start.plus(Duration::from_secs(seconds)), [0; 32])
}
