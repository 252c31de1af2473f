//! Asking for a password.

use std::io::{BufRead, IsTerminal, Read, stdin};

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::failure::Failure;

/// More bytes than any password that is accepted has: 1024 characters.
const MOST: u64 = 8 * 1024;

/// A password that is typed twice without being shown; where there is nobody to type, a line of standard
/// input.
pub(super) fn ask() -> Result<SecretString, Failure> {
    if stdin().is_terminal() { typed() } else { line() }
}

fn typed() -> Result<SecretString, Failure> {
    let password = SecretString::from(rpassword::prompt_password("Password: ")?);
    let again = SecretString::from(rpassword::prompt_password("The same again: ")?);
    if password.expose_secret() == again.expose_secret() {
        Ok(password)
    } else {
        Err(Failure::Refused("the two passwords differ".to_owned()))
    }
}

fn line() -> Result<SecretString, Failure> {
    let mut line = Zeroizing::new(String::new());
    stdin().lock().take(MOST).read_line(&mut line)?;
    if line.is_empty() {
        return Err(Failure::Senseless(
            "the password is read from standard input, which is empty: write it there, or add \
             --no-password"
                .to_owned(),
        ));
    }
    let password = line.strip_suffix('\n').unwrap_or(&line);
    Ok(SecretString::from(password.strip_suffix('\r').unwrap_or(password)))
}
