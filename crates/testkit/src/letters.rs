//! Letters without style.

use fastauth_domain::{
    language::{Language, Languages},
    mail::Mail,
};
use fastauth_ports::{
    letters::{Letter, WriteLetters},
    unavailable::Unavailable,
};
use secrecy::{ExposeSecret, SecretString};

/// Writes letters whose subject is the message's topic, and whose text is the link.
#[derive(Debug)]
pub struct PlainLetters {
    languages: Languages,
}

impl PlainLetters {
    /// Writes in these languages, of which the first is the default: that is, it says in which of
    /// them it would.
    pub fn new(default: Language, others: impl IntoIterator<Item = Language>) -> Self {
        Self { languages: Languages::new(default, others) }
    }
}

impl WriteLetters for PlainLetters {
    fn languages(&self) -> &Languages {
        &self.languages
    }

    fn write(&self, mail: &Mail, link: Option<SecretString>) -> Result<Letter, Unavailable> {
        let closest = mail.language.as_ref().and_then(|wanted| self.languages.closest(wanted));
        let language = closest.unwrap_or_else(|| self.languages.default());
        let link = link.as_ref().map_or("", |link| link.expose_secret());
        Ok(Letter {
            subject: mail.message.topic().to_owned(),
            text: format!("In {language}:\n\n{link}\n").into(),
            html: None,
        })
    }
}
