//! Mail to be sent: what it says, without saying it yet, and without holding a readable token.

use crate::{
    account::Account,
    email::EmailAddress,
    identifier::{AccountId, MailId},
    language::Language,
    moment::Moment,
    one_time::Nonce,
    time::Timestamp,
    visitor::{ClientNetwork, DeviceName},
};

/// A mail in the outbox, stored with the change it tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Names the mail; a transport may use it to recognise a repeat.
    pub id: MailId,
    /// Whose account it is about. Unknown of what versions before this one have stored.
    pub account: Option<AccountId>,
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
        let (language, client) = (moment.visitor().language.clone(), moment.visitor().client());
        let to = owner.email.clone();
        let account = Some(owner.id);
        Self { id, account, to, message, language, is_first_contact, client, created_at }
    }

    /// The same to an address that nobody has proven yet.
    #[must_use]
    pub fn to_stranger(self, to: EmailAddress) -> Self {
        Self { to, is_first_contact: true, ..self }
    }

    /// The same to another address of the owner.
    #[must_use]
    pub fn to(self, to: EmailAddress) -> Self {
        Self { to, ..self }
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
    /// Tells of a sign-in on a device that the account was not used on before, if it is known which.
    NewSignIn(Option<DeviceName>),
    /// Asks the reader to prove an address that an account is to have instead of its own.
    ChangeEmail(Link),
    /// Tells the owner of the old address of that, and offers a way back.
    EmailChangeRequested {
        /// The address that was asked for.
        to: EmailAddress,
        /// The way back.
        link: Link,
    },
    /// Tells the owner of the old address of that, when an earlier mail offered a way back.
    EmailChangeRepeated(EmailAddress),
    /// Tells that the account was closed.
    AccountClosed,
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
            Self::NewSignIn(_) => "new_sign_in",
            Self::ChangeEmail(_) => "email_change",
            Self::EmailChangeRequested { .. } => "email_change_notice",
            Self::EmailChangeRepeated(_) => "email_change_repeated",
            Self::AccountClosed => "account_closed",
        }
    }

    /// The link it carries, if any.
    pub const fn link(&self) -> Option<&Link> {
        match self {
            Self::VerifyEmail(link)
            | Self::ResetPassword(link)
            | Self::AlreadyRegistered(link)
            | Self::ChangeEmail(link)
            | Self::EmailChangeRequested { link, .. } => Some(link),
            Self::PasswordChanged
            | Self::SessionStolen
            | Self::NewSignIn(_)
            | Self::EmailChangeRepeated(_)
            | Self::AccountClosed => None,
        }
    }

    /// What it names beside its recipient, if anything, in at most [`Message::MAX_DETAIL`] characters.
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::NewSignIn(device) => device.as_ref().map(DeviceName::as_str),
            Self::EmailChangeRequested { to, .. } | Self::EmailChangeRepeated(to) => {
                Some(to.as_typed())
            }
            Self::VerifyEmail(_)
            | Self::ResetPassword(_)
            | Self::AlreadyRegistered(_)
            | Self::PasswordChanged
            | Self::SessionStolen
            | Self::ChangeEmail(_)
            | Self::AccountClosed => None,
        }
    }

    /// The most characters of a detail: those of an address.
    pub const MAX_DETAIL: usize = 320;

    /// The message of a stored topic, link and detail; `None` if there is no such message.
    pub fn restore(topic: &str, link: Option<Link>, detail: Option<&str>) -> Option<Self> {
        let address = || EmailAddress::parse(detail?).ok();
        match (topic, link) {
            ("verify_email", Some(link)) => Some(Self::VerifyEmail(link)),
            ("reset_password", Some(link)) => Some(Self::ResetPassword(link)),
            ("already_registered", Some(link)) => Some(Self::AlreadyRegistered(link)),
            ("password_changed", None) => Some(Self::PasswordChanged),
            ("session_stolen", None) => Some(Self::SessionStolen),
            ("new_sign_in", None) => Some(Self::NewSignIn(detail.and_then(DeviceName::of))),
            ("email_change", Some(link)) => Some(Self::ChangeEmail(link)),
            ("email_change_notice", Some(link)) => {
                address().map(|to| Self::EmailChangeRequested { to, link })
            }
            ("email_change_repeated", None) => address().map(Self::EmailChangeRepeated),
            ("account_closed", None) => Some(Self::AccountClosed),
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
        let to = || EmailAddress::parse("Ada@bücher.example").unwrap();
        for message in [
            Message::NewSignIn(DeviceName::of("Firefox on Linux")),
            Message::NewSignIn(None),
            Message::ChangeEmail(link()),
            Message::EmailChangeRequested { to: to(), link: link() },
            Message::EmailChangeRepeated(to()),
            Message::AccountClosed,
            Message::VerifyEmail(link()),
            Message::ResetPassword(link()),
            Message::AlreadyRegistered(link()),
            Message::PasswordChanged,
            Message::SessionStolen,
        ] {
            let (link, detail) = (message.link().cloned(), message.detail());
            assert_eq!(Message::restore(message.topic(), link, detail), Some(message));
        }
        assert_eq!(Message::restore("verify_email", None, None), None);
        assert_eq!(Message::restore("email_change_repeated", None, Some("nobody")), None);
        assert_eq!(Message::restore("unheard_of", None, None), None);
    }
}
