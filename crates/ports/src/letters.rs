//! Finding the words for a mail.

use fastauth_domain::{language::Languages, mail::Mail};
use secrecy::SecretString;

use crate::unavailable::Unavailable;

/// What a mail says, in words.
#[derive(Clone, Debug)]
pub struct Letter {
    /// A single line.
    pub subject: String,
    /// Plain text, with the link if there is one.
    pub text: SecretString,
    /// The same as an HTML document.
    pub html: Option<SecretString>,
}

/// Writes what mails say.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait WriteLetters: Send + Sync {
    /// The languages that letters are written in.
    fn languages(&self) -> &Languages;

    /// Writes a mail in the language that is closest to its reader's, with the link as it is given:
    /// where it leads is decided elsewhere. Nothing that somebody typed is more than text in it.
    fn write(&self, mail: &Mail, link: Option<SecretString>) -> Result<Letter, Unavailable>;
}
