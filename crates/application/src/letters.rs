//! From a mail in the outbox to a mail that leaves: its link, and the words around it.

use std::sync::Arc;

use fastauth_domain::{
    mail::{Mail, Message},
    one_time::{Kind, OneTimeKey},
};
use fastauth_ports::{
    letters::{Letter, WriteLetters},
    mail::{OutgoingMail, Sender},
    unavailable::Unavailable,
};
use secrecy::SecretString;

/// The place in a link template that the token takes.
const PLACE: &str = "{token}";

/// Where a link leads: a URL with `{token}` where the token belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkTemplate(String);

/// The text is not a link template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an http:// or https:// URL that contains {PLACE} once, and no blanks")]
pub struct InvalidLinkTemplate;

impl LinkTemplate {
    /// Accepts an absolute URL that holds `{token}` exactly once.
    pub fn parse(template: &str) -> Result<Self, InvalidLinkTemplate> {
        let is_url = template.starts_with("https://") || template.starts_with("http://");
        let is_plain = !template.chars().any(|c| c.is_whitespace() || c.is_control());
        if is_url && is_plain && template.matches(PLACE).count() == 1 {
            Ok(Self(template.to_owned()))
        } else {
            Err(InvalidLinkTemplate)
        }
    }
}

/// Makes the mails of the outbox what is sent. Tokens come into being here, and nowhere before.
#[derive(Clone)]
pub struct Letters {
    /// Derives the tokens.
    pub key: OneTimeKey,
    /// Finds the words.
    pub writer: Arc<dyn WriteLetters>,
    /// Whom they come from.
    pub from: Sender,
    /// Where the link to verify an address leads.
    pub email_verification: LinkTemplate,
    /// Where the link to a new password leads.
    pub password_reset: LinkTemplate,
    /// Where the link to another address leads.
    pub email_change: LinkTemplate,
    /// Where the link back to the old address leads.
    pub email_revert: LinkTemplate,
}

impl Letters {
    /// The mail as it leaves.
    pub fn write(&self, mail: &Mail) -> Result<OutgoingMail, Unavailable> {
        let Letter { subject, text, html } = self.writer.write(mail, self.link(mail))?;
        Ok(OutgoingMail {
            id: mail.id,
            from: self.from.clone(),
            to: mail.to.clone(),
            subject,
            text,
            html,
        })
    }

    fn link(&self, mail: &Mail) -> Option<SecretString> {
        let (template, kind, link) = match &mail.message {
            Message::VerifyEmail(link) => (&self.email_verification, Kind::EmailVerification, link),
            Message::ResetPassword(link) | Message::AlreadyRegistered(link) => {
                (&self.password_reset, Kind::PasswordReset, link)
            }
            Message::ChangeEmail(link) => (&self.email_change, Kind::EmailChange, link),
            Message::EmailChangeRequested { link, .. } => {
                (&self.email_revert, Kind::EmailRevert, link)
            }
            Message::PasswordChanged
            | Message::SessionStolen
            | Message::NewSignIn(_)
            | Message::EmailChangeRepeated(_)
            | Message::AccountClosed => return None,
        };
        let token = self.key.token(kind, &link.nonce);
        Some(template.0.replace(PLACE, token.expose()).into())
    }
}
