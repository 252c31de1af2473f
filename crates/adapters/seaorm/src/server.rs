//! What database servers have in common: being somewhere else.

use std::{io, net::IpAddr};

use sea_orm::SqlxError;

use crate::connect::ConnectError;

/// A server, for the sentences about it.
pub(crate) struct Server {
    pub(crate) engine: &'static str,
    pub(crate) host: String,
}

impl Server {
    /// Says why it could not be connected to, and what to do.
    pub(crate) fn refused(&self, cause: SqlxError) -> ConnectError {
        let advice = match &cause {
            SqlxError::Io(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                "nothing listens there; start it, or change the database URL"
            }
            SqlxError::PoolTimedOut => "it does not answer; start it, or change the database URL",
            SqlxError::Tls(_) => "TLS could not be agreed on; look at its certificate",
            SqlxError::Database(answer) => match answer.code().as_deref() {
                Some("28P01" | "28000") => {
                    "it refuses the user or the password of the database URL"
                }
                Some("3D000" | "42000") => {
                    "it has no such database, or not for this user; create it with CREATE DATABASE"
                }
                _ => "see what it says",
            },
            _ => "see that it runs, and that the database URL is right",
        };
        let (engine, host) = (self.engine, self.host.clone());
        ConnectError::NotConnected { engine, host, cause, advice }
    }
}

/// Refuses to send accounts to another machine where anybody may listen and anybody may log in.
pub(crate) fn require_protection(
    url: &str,
    host: &str,
    parameter: &'static str,
) -> Result<(), ConnectError> {
    if is_this_machine(host) || has_password(url) {
        return Ok(());
    }
    Err(ConnectError::Unprotected { host: host.to_owned(), parameter })
}

fn is_this_machine(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host.starts_with('/')
        || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

fn has_password(url: &str) -> bool {
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = authority.split(['/', '?']).next().unwrap_or_default();
    let user = authority.rsplit_once('@').map(|(user, _)| user);
    let has_password =
        user.and_then(|user| user.split_once(':')).is_some_and(|it| !it.1.is_empty());
    has_password || url.contains("password=")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_refused(url: &str, host: &str) -> bool {
        require_protection(url, host, "sslmode=verify-full").is_err()
    }

    #[test]
    fn another_machine_needs_a_password_or_encryption() {
        assert!(is_refused("postgres://ada@db.example.com/fastauth", "db.example.com"));
        assert!(is_refused("postgres://ada:@10.0.0.1/fastauth", "10.0.0.1"));
        assert!(!is_refused("postgres://ada:secret@10.0.0.1/fastauth", "10.0.0.1"));
        for host in ["localhost", "127.0.0.1", "[::1]", "/run/postgresql"] {
            assert!(!is_refused("postgres://ada@host/fastauth", host), "{host}");
        }
    }
}
