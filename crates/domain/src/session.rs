//! Sessions: one login on one device, and the refresh tokens that keep it going.
//!
//! RFC 9700 section 4.14.2: refresh tokens are rotated, and one that comes again ends its session. A
//! repeat that a lost answer or a second tab can explain is given the same successor instead.

use std::{num::NonZeroU32, time::Duration};

use crate::{
    account::Account,
    audit::{Event, EventKind},
    change::{Changes, Decision},
    gate::{self, Grant, VerificationRule},
    identifier::{AccountId, SessionId},
    mail::{Mail, Message},
    moment::Moment,
    refresh_token::{Generation, RefreshToken},
    time::Timestamp,
    token::TokenHash,
    visitor::Origin,
};

/// One login on one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Names the session.
    pub id: SessionId,
    /// Whose it is.
    pub account: AccountId,
    /// What is stored of the secret in its refresh tokens.
    pub secret: TokenHash,
    /// The generation of the refresh token that may be used next.
    pub generation: Generation,
    /// When it reached that generation.
    pub turned_at: Timestamp,
    /// Which limits apply to it.
    pub persistence: Persistence,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it ends unless it is used before; never after `ends_at`.
    pub idle_until: Timestamp,
    /// When it ends whatever happens.
    pub ends_at: Timestamp,
    /// When it was ended by somebody.
    pub revoked_at: Option<Timestamp>,
    /// Where it was opened.
    pub origin: Origin,
}

/// A session together with the account that opened it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// The session.
    pub session: Session,
    /// Its account.
    pub account: Account,
}

/// Whether the person asked to stay signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persistence {
    /// An ordinary session.
    Normal,
    /// A session on a device to be remembered.
    Remembered,
}

/// How long sessions last, and how refresh tokens repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionPolicy {
    /// Of ordinary sessions.
    pub normal: SessionLimits,
    /// Of remembered ones.
    pub remembered: SessionLimits,
    /// How long after its use a refresh token may come again and be given the same successor. Zero
    /// for strict single use.
    pub reuse_interval: Duration,
    /// How many sessions an account may have at a time; the next one ends the one that was used longest
    /// ago. `None` for as many as come.
    pub most: Option<NonZeroU32>,
}

/// How long a session lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLimits {
    /// Without being used.
    pub idle: Duration,
    /// In all.
    pub absolute: Duration,
}

impl SessionPolicy {
    const fn limits(&self, persistence: Persistence) -> SessionLimits {
        match persistence {
            Persistence::Normal => self.normal,
            Persistence::Remembered => self.remembered,
        }
    }
}

impl Session {
    /// Opens a session and makes its first refresh token.
    pub(crate) fn open(
        account: AccountId,
        persistence: Persistence,
        policy: &SessionPolicy,
        moment: &mut Moment,
    ) -> (Self, RefreshToken) {
        let now = moment.now();
        let limits = policy.limits(persistence);
        let token = RefreshToken::first(SessionId::generate(moment), moment);
        let ends_at = now.plus(limits.absolute);
        let session = Self {
            id: token.session(),
            account,
            secret: token.secret_hash(),
            generation: token.generation(),
            turned_at: now,
            persistence,
            opened_at: now,
            idle_until: now.plus(limits.idle).min(ends_at),
            ends_at,
            revoked_at: None,
            origin: moment.visitor().origin.clone(),
        };
        (session, token)
    }

    /// When it was last used to get a token: never further back than an access token lasts.
    pub const fn last_active(&self) -> Timestamp {
        self.turned_at
    }

    /// Whether it has neither been revoked nor run out.
    pub fn is_alive(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.idle_until && now < self.ends_at
    }

    /// Whether a refresh token is one of this session's, of whatever generation.
    fn made(&self, token: &RefreshToken) -> bool {
        self.id == token.session() && self.secret == token.secret_hash()
    }

    /// Whether a token that was used last could honestly come again: its answer was lost, or two
    /// tabs sent it at once. The distance counts both ways, for clocks that differ.
    fn excuses(&self, repeated: Generation, policy: &SessionPolicy, now: Timestamp) -> bool {
        let distance = now.since(self.turned_at).max(self.turned_at.since(now));
        repeated.next() == self.generation
            && !policy.reuse_interval.is_zero()
            && distance <= policy.reuse_interval
    }
}

/// Why a refresh token was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshRefused {
    /// It opens nothing: unknown, or its session has ended, or its account is closed.
    Invalid,
    /// It was used before. Its session has ended with this.
    Reused,
}

/// Decides what a refresh token earns: the next one, the same one again, or the end of its session.
pub fn refresh(
    found: Option<&SignedIn>,
    presented: &RefreshToken,
    rule: VerificationRule,
    policy: &SessionPolicy,
    moment: &mut Moment,
) -> Decision<Result<Grant, RefreshRefused>> {
    let now = moment.now();
    let known = found.filter(|found| found.session.made(presented));
    let Some((SignedIn { session, account }, live)) =
        known.and_then(|known| gate::recognise(known, rule, now).ok().map(|live| (known, live)))
    else {
        return Decision::unchanged(Err(RefreshRefused::Invalid));
    };
    if presented.generation() == session.generation {
        let idle_until = now.plus(policy.limits(session.persistence).idle).min(session.ends_at);
        let turn = Change::Turn { id: session.id, from: session.generation, at: now, idle_until };
        let changes = Changes::default().with(turn);
        return Decision { changes, answer: Ok(live.grant(presented.next())) };
    }
    if session.excuses(presented.generation(), policy, now) {
        return Decision::unchanged(Ok(live.grant(presented.next())));
    }
    // Whoever has not proven the address may be a stranger, whom nobody shall be able to bother.
    let is_proven = account.verified_at.is_some();
    let notice = is_proven.then(|| Mail::new(account, Message::SessionStolen, moment));
    let event = Event::new(EventKind::RefreshTokenReused, moment).about(account.id);
    let changes = Changes::default()
        .with(Change::Revoke { id: session.id, at: now })
        .with_any(notice)
        .with(event.in_session(session.id));
    Decision { changes, answer: Err(RefreshRefused::Reused) }
}

/// Decides a logout. Any refresh token of the session will do; what cannot be ended is left alone.
pub fn logout(
    found: Option<&Session>,
    presented: &RefreshToken,
    moment: &mut Moment,
) -> Decision<()> {
    let now = moment.now();
    match found.filter(|session| session.made(presented) && session.is_alive(now)) {
        Some(session) => {
            let event = Event::new(EventKind::SignedOut, moment).about(session.account);
            let changes = Changes::default()
                .with(Change::Revoke { id: session.id, at: now })
                .with(event.in_session(session.id));
            Decision { changes, answer: () }
        }
        None => Decision::unchanged(()),
    }
}

/// What a decision wants done to sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Stores a new session.
    Open(Session),
    /// Moves a session to the next generation. Expects it not revoked and at `from`; otherwise
    /// `Conflict::SessionMoved`.
    Turn {
        /// Which.
        id: SessionId,
        /// The generation it must be at.
        from: Generation,
        /// When.
        at: Timestamp,
        /// When it ends from now on unless it is used before.
        idle_until: Timestamp,
    },
    /// Ends a session. Expects nothing: revoking twice is revoking once.
    Revoke {
        /// Which.
        id: SessionId,
        /// When.
        at: Timestamp,
    },
    /// Ends every session of an account. Expects nothing.
    RevokeAll {
        /// Whose.
        account: AccountId,
        /// When.
        at: Timestamp,
    },
    /// Ends every session of an account but one. Expects nothing.
    RevokeOthers {
        /// Whose.
        account: AccountId,
        /// The one that goes on.
        keep: SessionId,
        /// When.
        at: Timestamp,
    },
    /// Ends the sessions of an account that were used longest ago, so that no more than so many are
    /// alive. Expects nothing; to hold whatever happens at the same time, it follows a change of the
    /// account itself in its list.
    Trim {
        /// Whose.
        account: AccountId,
        /// How many stay alive.
        most: NonZeroU32,
        /// When.
        at: Timestamp,
    },
}
