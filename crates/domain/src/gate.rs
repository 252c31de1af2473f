//! The gate: the one place that says who may hold a token.
//!
//! Every use case that hands out a token needs a [`Grant`], and nothing outside this module makes
//! one. A check that is added here holds on every path; none can forget it.

use crate::{
    account::Account,
    identifier::{AccountId, SessionId},
    moment::Moment,
    refresh_token::RefreshToken,
    session::{Persistence, Session, SessionPolicy, SignedIn},
    time::Timestamp,
};

/// Whether an address must be proven before its account gets a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerificationRule {
    /// No token before the address is proven.
    Required,
    /// An account may be used at once.
    Optional,
}

/// The address must be proven first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the e-mail address is not verified")]
pub struct EmailNotVerified;

/// Why the gate stays closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The account was closed to its owner.
    Disabled,
    /// The address must be proven first.
    NotVerified,
    /// The session was revoked or has run out.
    SessionEnded,
}

/// An account that may be used. Only [`admit`] makes one.
#[derive(Clone, Copy, Debug)]
pub struct ActiveAccount<'a>(&'a Account);

/// Lets an account in, if it is active and, where the rule asks for it, verified.
pub fn admit(account: &Account, rule: VerificationRule) -> Result<ActiveAccount<'_>, Refusal> {
    if account.disabled_at.is_some() {
        return Err(Refusal::Disabled);
    }
    if rule == VerificationRule::Required && account.verified_at.is_none() {
        return Err(Refusal::NotVerified);
    }
    Ok(ActiveAccount(account))
}

/// Lets the holder of a session in, if the session is alive and its account is admitted.
pub fn recognise(
    found: &SignedIn,
    rule: VerificationRule,
    now: Timestamp,
) -> Result<LiveSession<'_>, Refusal> {
    let ActiveAccount(account) = admit(&found.account, rule)?;
    if found.session.account != account.id || !found.session.is_alive(now) {
        return Err(Refusal::SessionEnded);
    }
    Ok(LiveSession { account, session: found.session.id })
}

impl ActiveAccount<'_> {
    /// Opens a session: what to store of it, and the right to its first tokens.
    pub fn open_session(
        &self,
        persistence: Persistence,
        policy: &SessionPolicy,
        moment: &mut Moment,
    ) -> (Session, Grant) {
        let (session, refresh_token) = Session::open(self.0.id, persistence, policy, moment);
        (session, Grant { account: self.0.id, refresh_token })
    }
}

/// A session whose holder may act. Only [`recognise`] makes one.
#[derive(Clone, Copy, Debug)]
pub struct LiveSession<'a> {
    account: &'a Account,
    session: SessionId,
}

impl<'a> LiveSession<'a> {
    /// Who acts.
    pub const fn account(&self) -> &'a Account {
        self.account
    }

    /// In which session.
    pub const fn session(&self) -> SessionId {
        self.session
    }

    pub(crate) const fn grant(&self, refresh_token: RefreshToken) -> Grant {
        Grant { account: self.account.id, refresh_token }
    }
}

/// The right of an account to be given the tokens of a session. Only the gate makes one.
#[derive(Debug)]
pub struct Grant {
    account: AccountId,
    refresh_token: RefreshToken,
}

impl Grant {
    /// Who is given tokens.
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// For which session.
    pub const fn session(&self) -> SessionId {
        self.refresh_token.session()
    }

    /// The refresh token to hand out.
    pub const fn refresh_token(&self) -> &RefreshToken {
        &self.refresh_token
    }
}
