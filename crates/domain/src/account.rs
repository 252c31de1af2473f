//! Accounts: who may sign in, and with what.

use crate::{
    email::EmailAddress, identifier::AccountId, moment::Moment, password::PasswordHash,
    time::Timestamp,
};

/// The most characters a display name may have.
const MAX_NAME_CHARS: usize = 128;

/// The most characters the URL of a picture may have.
const MAX_IMAGE_URL_CHARS: usize = 2048;

/// A person's account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Names the account for good; addresses may change.
    pub id: AccountId,
    /// Where its mail goes, and what it signs in with.
    pub email: EmailAddress,
    /// What the person wants to be called.
    pub name: Option<DisplayName>,
    /// Where a picture of the person is.
    pub image: Option<ImageUrl>,
    /// `None` for an account that has no password.
    pub password: Option<PasswordHash>,
    /// When the owner proved to receive mail at the address.
    pub verified_at: Option<Timestamp>,
    /// When the account was closed to its owner.
    pub disabled_at: Option<Timestamp>,
    /// When it was registered.
    pub created_at: Timestamp,
    /// The last time somebody signed in.
    pub last_login: Option<Timestamp>,
    /// Grows with every change of what signs in or who may: a decision that was made on an older
    /// version is refused at commit.
    pub version: Version,
}

impl Account {
    /// A new account whose address is not proven yet.
    pub fn open(
        email: EmailAddress,
        name: Option<DisplayName>,
        password: PasswordHash,
        moment: &mut Moment,
    ) -> Self {
        Self { password: Some(password), ..Self::without_password(email, name, moment) }
    }

    /// The same, that nobody signs in to before it has a password.
    pub fn without_password(
        email: EmailAddress,
        name: Option<DisplayName>,
        moment: &mut Moment,
    ) -> Self {
        Self {
            id: AccountId::generate(moment),
            email,
            name,
            image: None,
            password: None,
            verified_at: None,
            disabled_at: None,
            created_at: moment.now(),
            last_login: None,
            version: Version::FIRST,
        }
    }
}

/// Counts the changes of an account's credentials and standing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(i64);

impl Version {
    /// The version of a new account.
    pub const FIRST: Self = Self(1);

    /// Reads a stored version.
    pub const fn from_stored(version: i64) -> Self {
        Self(version)
    }

    /// The number to store.
    pub const fn number(self) -> i64 {
        self.0
    }

    /// The version after one more change.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// What a person wants to be called: 1 to 128 characters, no control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisplayName(String);

/// The text cannot be a display name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must have 1 to {MAX_NAME_CHARS} characters, none of them a control character")]
pub struct InvalidName;

impl DisplayName {
    /// Accepts a name; blanks around it are dropped.
    pub fn parse(input: &str) -> Result<Self, InvalidName> {
        let name = input.trim();
        let length = name.chars().count();
        if length == 0 || length > MAX_NAME_CHARS || name.chars().any(char::is_control) {
            return Err(InvalidName);
        }
        Ok(Self(name.to_owned()))
    }

    /// The name's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where a picture of a person is: an `http` or `https` URL of at most 2048 characters, without blanks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageUrl(String);

/// The text cannot be where a picture is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an http or https URL of at most {MAX_IMAGE_URL_CHARS} characters")]
pub struct InvalidImageUrl;

impl ImageUrl {
    /// Accepts a URL that a page may show as a picture: no scheme that a browser would run.
    pub fn parse(input: &str) -> Result<Self, InvalidImageUrl> {
        let rest = ["https://", "http://"].iter().find_map(|scheme| input.strip_prefix(scheme));
        let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && !"\"<>\\".contains(c);
        let is_url = rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'));
        if is_url && input.chars().count() <= MAX_IMAGE_URL_CHARS && input.chars().all(is_plain) {
            Ok(Self(input.to_owned()))
        } else {
            Err(InvalidImageUrl)
        }
    }

    /// The URL's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a decision wants done to accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Expects the address to be free; otherwise `Conflict::EmailTaken`.
    Create(Account),
    /// Notes a sign-in. Expects the account at `version`; otherwise `Conflict::AccountMoved`.
    SignIn {
        /// Whose.
        id: AccountId,
        /// The version on which the password was verified.
        version: Version,
        /// When.
        at: Timestamp,
        /// The same password under today's hashing parameters, if they have changed.
        renewed: Option<PasswordHash>,
    },
    /// Replaces the password and moves to the next version. Expects the account at `version`;
    /// otherwise `Conflict::AccountMoved`.
    SetPassword {
        /// Whose.
        id: AccountId,
        /// The version on which this was decided.
        version: Version,
        /// The new password; `None` leaves the account without one, until it is reset.
        password: Option<PasswordHash>,
        /// When.
        at: Timestamp,
    },
    /// Marks the address as proven; the first proof counts. Expects the account at `version`;
    /// otherwise `Conflict::AccountMoved`.
    Verify {
        /// Whose.
        id: AccountId,
        /// The version on which this was decided.
        version: Version,
        /// When.
        at: Timestamp,
    },
    /// Replaces what the person is shown as. Expects the account to be there; otherwise
    /// `Conflict::AccountMoved`. Of two at once the later one counts.
    SetProfile {
        /// Whose.
        id: AccountId,
        /// What is to be different.
        profile: ProfileChange,
    },
    /// Gives the account another address, which is proven, and moves it to the next version. Expects
    /// the account at `version`; otherwise `Conflict::AccountMoved`. Expects the address to be free;
    /// otherwise `Conflict::EmailTaken`.
    SetEmail {
        /// Whose.
        id: AccountId,
        /// The version on which this was decided.
        version: Version,
        /// The new address.
        email: EmailAddress,
        /// When.
        at: Timestamp,
    },
    /// Closes the account to its owner, or opens it again, and moves it to the next version. Expects
    /// the account at `version`; otherwise `Conflict::AccountMoved`.
    SetDisabled {
        /// Whose.
        id: AccountId,
        /// The version on which this was decided.
        version: Version,
        /// Since when it is closed; `None` if it is open.
        since: Option<Timestamp>,
    },
    /// Removes the account with its sessions and its one-time tokens. Expects the account at `version`;
    /// otherwise `Conflict::AccountMoved`.
    Erase {
        /// Whose.
        id: AccountId,
        /// The version on which this was decided.
        version: Version,
    },
}

/// What is to be different in what a person is shown as. What is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileChange {
    /// The name; `Some(None)` removes it.
    pub name: Option<Option<DisplayName>>,
    /// The picture; `Some(None)` removes it.
    pub image: Option<Option<ImageUrl>>,
}

impl ProfileChange {
    /// Whether everything stays as it is.
    pub const fn is_empty(&self) -> bool {
        self.name.is_none() && self.image.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_somewhere_on_the_web() {
        for good in ["https://example.com/a.png", "http://localhost:8000/a?b=c#d"] {
            assert_eq!(ImageUrl::parse(good).unwrap().as_str(), good);
        }
        let long = format!("https://example.com/{}", "a".repeat(2048));
        for bad in [
            "",
            "javascript:alert(1)",
            "data:image/png;base64,AA",
            "https://",
            "https:///x",
            "//x.y/z",
            "https://x/ y",
            "https://x/\"onerror",
            &long,
        ] {
            assert_eq!(ImageUrl::parse(bad), Err(InvalidImageUrl), "{bad:?}");
        }
    }

    #[test]
    fn a_name_is_trimmed_bounded_and_free_of_control_characters() {
        assert_eq!(DisplayName::parse("  Ada Lovelace ").unwrap().as_str(), "Ada Lovelace");
        assert!(DisplayName::parse(&"é".repeat(128)).is_ok());
        for bad in ["", "   ", "a\r\nBcc: b", "nul\0", &"x".repeat(129)] {
            assert_eq!(DisplayName::parse(bad), Err(InvalidName), "{bad:?}");
        }
    }
}
