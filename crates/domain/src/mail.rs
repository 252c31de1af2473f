//! Mail to be sent: what it says, without saying it yet, and without holding a readable token.

use crate::{
    account::Account,
    email::EmailAddress,
    identifier::MailId,
    language::Language,
    moment::Moment,
    one_time::Nonce,
    time::Timestamp,
    visitor::{ClientNetwork, Visitor},
};

/// A mail in the outbox, stored with the change it tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Names the mail; a transport may use it to recognise a repeat.
    pub id: MailId,
    /// Its one recipient.
    pub to: EmailAddress,
    /// What it says.
    pub message: Message,
    /// What the reader reads, as far as is known.
    pub language: Option<Language>,
    /// Whether the recipient has not proven to receive mail there: it may be anybody, whom somebody
    /// else wants to be written to.
    pub is_first_contact: bool,
    /// Where whoever caused it comes from.
    pub client: Option<ClientNetwork>,
    /// When it was put into the outbox.
    pub created_at: Timestamp,
}

impl Mail {
    /// A mail of this moment to the owner of an account, in the language and on behalf of whoever
    /// asks. What proves the address is no reason to take it for proven.
    pub fn new(owner: &Account, message: Message, moment: &mut Moment) -> Self {
        let is_first_contact = owner.verified_at.is_none() && message.link().is_some();
        let (id, created_at) = (MailId::generate(moment), moment.now());
        let Visitor { language, client } = moment.visitor().clone();
        let to = owner.email.clone();
        Self { id, to, message, language, is_first_contact, client, created_at }
    }
}

/// What a mail says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Asks the reader to prove the address.
    VerifyEmail(Link),
    /// Lets the reader choose a new password.
    ResetPassword(Link),
    /// Tells that somebody tried to register the reader's address, and offers a new password.
    AlreadyRegistered(Link),
    /// Tells that the password was changed.
    PasswordChanged,
    /// Tells that a session was ended because somebody else had its refresh token.
    SessionStolen,
}

/// What a mail's link is made of when it is sent. The nonce alone is worth nothing: the token is
/// derived from it with the server's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// From which the token is derived.
    pub nonce: Nonce,
    /// When the token ends; the mail is not sent after that.
    pub expires_at: Timestamp,
}

impl Message {
    /// The stable name of what is said, for storage and logs.
    pub const fn topic(&self) -> &'static str {
        match self {
            Self::VerifyEmail(_) => "verify_email",
            Self::ResetPassword(_) => "reset_password",
            Self::AlreadyRegistered(_) => "already_registered",
            Self::PasswordChanged => "password_changed",
            Self::SessionStolen => "session_stolen",
        }
    }

    /// The link it carries, if any.
    pub const fn link(&self) -> Option<&Link> {
        match self {
            Self::VerifyEmail(link) | Self::ResetPassword(link) | Self::AlreadyRegistered(link) => {
                Some(link)
            }
            Self::PasswordChanged | Self::SessionStolen => None,
        }
    }

    /// The message of a stored topic and link; `None` if there is no such message.
    pub fn restore(topic: &str, link: Option<Link>) -> Option<Self> {
        match (topic, link) {
            ("verify_email", Some(link)) => Some(Self::VerifyEmail(link)),
            ("reset_password", Some(link)) => Some(Self::ResetPassword(link)),
            ("already_registered", Some(link)) => Some(Self::AlreadyRegistered(link)),
            ("password_changed", None) => Some(Self::PasswordChanged),
            ("session_stolen", None) => Some(Self::SessionStolen),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_is_restored_from_what_is_stored_of_it() {
        let link = || Link {
            nonce: Nonce::from_stored([7; 32]),
            expires_at: Timestamp::from_unix_micros(1),
        };
        for message in [
            Message::VerifyEmail(link()),
            Message::ResetPassword(link()),
            Message::AlreadyRegistered(link()),
            Message::PasswordChanged,
            Message::SessionStolen,
        ] {
            let restored = Message::restore(message.topic(), message.link().cloned());
            assert_eq!(restored, Some(message));
        }
        assert_eq!(Message::restore("verify_email", None), None);
        assert_eq!(Message::restore("unheard_of", None), None);
    }
}
