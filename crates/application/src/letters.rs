//! What the mails say.

use std::time::Duration;

use fastauth_domain::{
    mail::{Link, Mail, Message},
    one_time::{Kind, OneTimeKey},
};
use fastauth_ports::mail::OutgoingMail;
use secrecy::{ExposeSecret, SecretString};

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

/// Writes the mails of the outbox. Tokens come into being here, and nowhere before.
#[derive(Clone, Debug)]
pub struct Letters {
    /// Derives the tokens.
    pub key: OneTimeKey,
    /// Where the link to verify an address leads.
    pub email_verification: LinkTemplate,
    /// Where the link to a new password leads.
    pub password_reset: LinkTemplate,
}

impl Letters {
    /// The mail as it leaves.
    pub fn write(&self, mail: &Mail) -> OutgoingMail {
        let (subject, text) = match &mail.message {
            Message::VerifyEmail(link) => {
                ("Verify your email address", self.verify_email(mail, link))
            }
            Message::ResetPassword(link) => {
                ("Choose a new password", self.reset_password(mail, link))
            }
            Message::AlreadyRegistered(link) => {
                ("You already have an account", self.already_registered(mail, link))
            }
            Message::PasswordChanged => ("Your password was changed", password_changed()),
        };
        OutgoingMail { id: mail.id, to: mail.to.clone(), subject, text: SecretString::from(text) }
    }

    fn verify_email(&self, mail: &Mail, link: &Link) -> String {
        format!(
            "Please verify that this address is yours:\n\n{}\n\n\
             The link works for {}, once. If you did not register, ignore this mail.\n",
            self.link(&self.email_verification, Kind::EmailVerification, link).expose_secret(),
            lifetime(mail, link),
        )
    }

    fn reset_password(&self, mail: &Mail, link: &Link) -> String {
        format!(
            "Somebody, probably you, asked to replace the password of your account. \
             Choose a new one here:\n\n{}\n\n\
             The link works for {}, once. If it was not you, ignore this mail: \
             your password stays as it is.\n",
            self.link(&self.password_reset, Kind::PasswordReset, link).expose_secret(),
            lifetime(mail, link),
        )
    }

    fn already_registered(&self, mail: &Mail, link: &Link) -> String {
        format!(
            "Somebody, probably you, tried to register with this address. It has an account \
             already. If you forgot its password, choose a new one here:\n\n{}\n\n\
             The link works for {}, once. If it was not you, ignore this mail: \
             nothing has changed.\n",
            self.link(&self.password_reset, Kind::PasswordReset, link).expose_secret(),
            lifetime(mail, link),
        )
    }

    fn link(&self, template: &LinkTemplate, kind: Kind, link: &Link) -> SecretString {
        let token = self.key.token(kind, &link.nonce);
        SecretString::from(template.0.replace(PLACE, token.expose()))
    }
}

fn password_changed() -> String {
    "The password of your account was changed, and every device was signed out.\n\n\
     If it was not you, ask for a new password at once: whoever changed it can read your mail.\n"
        .to_owned()
}

/// How long a link works from when it was asked for, in words.
fn lifetime(mail: &Mail, link: &Link) -> String {
    let minutes = link.expires_at.since(mail.created_at).max(Duration::from_mins(1)).as_secs() / 60;
    match (minutes / 60, minutes % 60) {
        (1, 0) => "1 hour".to_owned(),
        (hours, 0) => format!("{hours} hours"),
        _ if minutes == 1 => "1 minute".to_owned(),
        _ => format!("{minutes} minutes"),
    }
}
