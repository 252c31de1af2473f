//! One-time tokens: the secrets that are mailed, and the one door through which they are spent.
//!
//! A token is HMAC-SHA-256 over a random nonce, under a key derived from the server's secret. The
//! nonce waits in the outbox until the mail is sent, the SHA-256 of the token waits to be spent, and
//! neither lets a reader of the database make the token. An account has at most one token of each
//! kind: asking again replaces it.

use std::time::Duration;

use hmac::Mac;

use crate::{
    account::Account,
    email::EmailAddress,
    identifier::AccountId,
    mail::Link,
    moment::Moment,
    server_key::{DerivedKey, KeyPurpose, ServerKey},
    time::Timestamp,
    token::{Token, TokenHash},
};

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal, $prefix:literal;)+) => {
        /// What a one-time token is for. A token of one kind is never accepted as another.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind {
            $($(#[$doc])* $kind,)+
        }

        impl Kind {
            /// Every kind there is.
            pub const ALL: &[Self] = &[$(Self::$kind,)+];

            /// The stable name, for storage.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)+ }
            }

            const fn prefix(self) -> &'static str {
                match self { $(Self::$kind => $prefix,)+ }
            }
        }
    };
}

kinds! {
    /// Proves that mail to an address is received.
    EmailVerification = "email_verification", "fa_verify_";
    /// Allows one new password.
    PasswordReset = "password_reset", "fa_reset_";
    /// Gives the account the address that it was mailed to.
    EmailChange = "email_change", "fa_change_";
    /// Gives the account the address back that it had before, and closes it to whoever has it now.
    EmailRevert = "email_revert", "fa_revert_";
}

/// How long the tokens of each kind last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// Of a token that proves an address.
    pub email_verification: Duration,
    /// Of a token that allows a new password.
    pub password_reset: Duration,
    /// Of a token that proves another address.
    pub email_change: Duration,
    /// Of a token that takes a change of address back.
    pub email_revert: Duration,
}

impl Lifetimes {
    const fn of(&self, kind: Kind) -> Duration {
        match kind {
            Kind::EmailVerification => self.email_verification,
            Kind::PasswordReset => self.password_reset,
            Kind::EmailChange => self.email_change,
            Kind::EmailRevert => self.email_revert,
        }
    }
}

/// What a token is derived from: 256 random bits that mean nothing without the [`OneTimeKey`].
#[derive(Clone, PartialEq, Eq)]
pub struct Nonce([u8; 32]);

impl Nonce {
    /// Reads a stored nonce.
    pub const fn from_stored(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for Nonce {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Nonce([REDACTED])")
    }
}

/// The key that turns a nonce into a token.
#[derive(Clone, Debug)]
pub struct OneTimeKey(DerivedKey);

impl OneTimeKey {
    /// The key of this server.
    pub fn new(server: &ServerKey) -> Self {
        Self(server.derive(KeyPurpose::OneTimeToken))
    }

    /// The token of a nonce, the same each time.
    pub fn token(&self, kind: Kind, nonce: &Nonce) -> Token {
        Token::encode(kind.prefix(), &self.secret(kind, nonce))
    }

    fn secret(&self, kind: Kind, nonce: &Nonce) -> [u8; 32] {
        self.0.hmac().chain_update(kind.name()).chain_update(nonce.0).finalize().into_bytes().into()
    }
}

/// Issues one-time tokens.
#[derive(Clone, Debug)]
pub struct Issuer {
    /// Derives the tokens.
    pub key: OneTimeKey,
    /// How long they last.
    pub lifetimes: Lifetimes,
}

impl Issuer {
    /// Issues a token to an account: the change that stores its hash, and the link to mail. An
    /// earlier token of the same kind ends.
    pub fn issue(&self, kind: Kind, account: AccountId, moment: &mut Moment) -> (Change, Link) {
        let (token, link) = self.make(kind, account, None, moment);
        (Change::Issue(token), link)
    }

    /// The same for a token that is about an address.
    pub(crate) fn make(
        &self,
        kind: Kind,
        account: AccountId,
        email: Option<EmailAddress>,
        moment: &mut Moment,
    ) -> (OneTimeToken, Link) {
        let nonce = Nonce(moment.bytes());
        let expires_at = moment.now().plus(self.lifetimes.of(kind));
        let hash = TokenHash::of(&self.key.secret(kind, &nonce));
        (OneTimeToken { kind, account, hash, expires_at, email }, Link { nonce, expires_at })
    }
}

/// What is stored of a token that was issued and not yet spent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneTimeToken {
    /// What it is for.
    pub kind: Kind,
    /// Whose it is.
    pub account: AccountId,
    /// By which it is found.
    pub hash: TokenHash,
    /// From this moment on it is refused.
    pub expires_at: Timestamp,
    /// The address that it is about, if it is about one: the new one of a change, the old one of a way
    /// back.
    pub email: Option<EmailAddress>,
}

/// An unspent token together with the account it was issued to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedToken {
    /// The token.
    pub token: OneTimeToken,
    /// Its account.
    pub account: Account,
}

/// The hash under which a presented token would be stored; `None` if it is no token of this kind.
pub fn hash_of(presented: &Token, kind: Kind) -> Option<TokenHash> {
    presented.decode::<32>(kind.prefix()).map(|secret| TokenHash::of(&secret))
}

/// The token is unknown, of another kind, replaced by a newer one, or was used before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the token is unknown or has been used")]
pub struct TokenInvalid;

/// The token has expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the token has expired")]
pub struct TokenExpired;

/// Why a one-time token was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefused {
    /// It is not a token that could be spent.
    #[error(transparent)]
    Invalid(#[from] TokenInvalid),
    /// It came too late.
    #[error(transparent)]
    Expired(#[from] TokenExpired),
}

/// Spends a token: the one way to do so, for every kind. The answer must not be acted upon before
/// the change is committed, because only one of many callers can commit it.
pub fn consume_once(
    found: Option<&IssuedToken>,
    now: Timestamp,
) -> Result<(&Account, Change), TokenRefused> {
    let IssuedToken { token, account } = found.ok_or(TokenInvalid)?;
    if account.disabled_at.is_some() {
        return Err(TokenInvalid.into());
    }
    if now >= token.expires_at {
        return Err(TokenExpired.into());
    }
    Ok((account, Change::Consume(Consumption { kind: token.kind, hash: token.hash, now })))
}

/// One spending of one token; only [`consume_once`] makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consumption {
    kind: Kind,
    hash: TokenHash,
    now: Timestamp,
}

impl Consumption {
    /// What the token is for.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// By which it is found.
    pub const fn hash(&self) -> &TokenHash {
        &self.hash
    }

    /// When it is spent; it must not have expired by then.
    pub const fn now(&self) -> Timestamp {
        self.now
    }
}

/// What a decision wants done to one-time tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Stores a token in place of the account's earlier one of that kind, if any. Expects nothing.
    Issue(OneTimeToken),
    /// Stores a token. Expects the account to have none of that kind; otherwise
    /// `Conflict::TokenPending`.
    IssueFirst(OneTimeToken),
    /// Removes the account's token of a kind if it has expired by `now`. Expects nothing.
    WithdrawExpired {
        /// Whose.
        account: AccountId,
        /// Which.
        kind: Kind,
        /// When.
        now: Timestamp,
    },
    /// Removes the account's token of a kind, if there is one. Expects nothing.
    Withdraw {
        /// Whose.
        account: AccountId,
        /// Which.
        kind: Kind,
    },
    /// Removes a token. Expects it to be there and not expired; otherwise `Conflict::TokenSpent`.
    Consume(Consumption),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issuer() -> Issuer {
        let server = ServerKey::parse("oJ0x1cEwFz2nqkD5u8VbR7mLyT4gHsPa".into()).unwrap();
        let lifetimes = Lifetimes {
            email_verification: Duration::from_hours(24),
            password_reset: Duration::from_hours(1),
            email_change: Duration::from_hours(24),
            email_revert: Duration::from_hours(168),
        };
        Issuer { key: OneTimeKey::new(&server), lifetimes }
    }

    fn issued(kind: Kind) -> (Token, OneTimeToken) {
        let mut moment = Moment::new(Timestamp::from_unix_micros(0), [7; 32]);
        let account = AccountId::generate(&mut moment);
        let (change, link) = issuer().issue(kind, account, &mut moment);
        let Change::Issue(stored) = change else { panic!("{change:?}") };
        (issuer().key.token(kind, &link.nonce), stored)
    }

    #[test]
    fn the_mailed_token_is_found_by_the_stored_hash() {
        for &kind in Kind::ALL {
            let (token, stored) = issued(kind);
            assert_eq!(hash_of(&token, kind), Some(stored.hash));
        }
    }

    #[test]
    fn a_token_of_one_kind_is_no_token_of_another() {
        for &kind in Kind::ALL {
            let (token, stored) = issued(kind);
            for &other in Kind::ALL.iter().filter(|&&other| other != kind) {
                assert_eq!(hash_of(&token, other), None);
                let relabelled = token.expose().replace(kind.prefix(), other.prefix());
                assert_eq!(hash_of(&Token::presented(relabelled), other), None);
                assert_ne!(issued(other).1.hash, stored.hash);
            }
        }
    }

    #[test]
    fn another_server_derives_another_token() {
        let other = ServerKey::parse("Zk3vQ9sW1xN6bT8yH2mC4pL7rD5fJ0gA".into()).unwrap();
        let nonce = Nonce::from_stored([7; 32]);
        let (ours, theirs) = (issuer().key, OneTimeKey::new(&other));
        let kind = Kind::PasswordReset;
        assert_ne!(ours.token(kind, &nonce).expose(), theirs.token(kind, &nonce).expose());
    }
}
