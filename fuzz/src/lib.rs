//! What the fuzz targets have in common. Each target is a program of its own in `src/bin`.

use std::sync::LazyLock;

use fastauth_domain::{email::EmailAddress, server_key::ServerKey};

/// The secret of the server that the targets play.
pub static SERVER_KEY: LazyLock<ServerKey> =
    LazyLock::new(|| ServerKey::parse("oJ0x1cEwFz2nqkD5u8VbR7mLyT4gHsPa".into()).unwrap());

/// The address of somebody in particular.
pub static ADA: LazyLock<EmailAddress> =
    LazyLock::new(|| EmailAddress::parse("Ada@Example.com").unwrap());

/// Divides an input at its first line breaks, so that seeds are texts that people can read and write. What
/// is missing is empty, and the last part has the line breaks that are left.
pub fn lines<const N: usize>(input: &str) -> [&str; N] {
    let mut parts = input.splitn(N, '\n');
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}
