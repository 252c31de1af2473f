//! The audit trail: one event for each thing that matters to security, stored with what it tells of.

use std::fmt::Display;

use crate::{
    identifier::{AccountId, EventId, SessionId},
    moment::Moment,
    time::Timestamp,
    visitor::Origin,
};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Names the event. It is also the receipt of the commit that stored it.
    pub id: EventId,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub kind: EventKind,
    /// Whose account it concerns, if there is one.
    pub account: Option<AccountId>,
    /// Which session it concerns, if there is one.
    pub session: Option<SessionId>,
    /// Where it came from, as far as is known.
    pub origin: Origin,
    /// Which account did it, where another one could have. Otherwise it was whoever it concerns, or
    /// whoever runs the server.
    pub actor: Option<AccountId>,
    /// What else there is to tell.
    pub detail: Option<Detail>,
}

/// What else there is to tell of an event: the name of a role, for instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail(String);

impl Detail {
    /// The most characters it has.
    pub const MAX_LENGTH: usize = 200;

    /// The text, or its beginning.
    pub fn new(text: impl Display) -> Self {
        Self(text.to_string().chars().take(Self::MAX_LENGTH).collect())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Event {
    /// An event of this moment that concerns nobody yet.
    pub fn new(kind: EventKind, moment: &mut Moment) -> Self {
        let (id, at) = (EventId::generate(moment), moment.now());
        let origin = moment.visitor().origin.clone();
        let (account, session, actor, detail) = (None, None, None, None);
        Self { id, at, kind, account, session, origin, actor, detail }
    }

    /// The event, concerning an account.
    #[must_use]
    pub fn about(self, account: AccountId) -> Self {
        Self { account: Some(account), ..self }
    }

    /// The event, concerning an account if there is one.
    #[must_use]
    pub fn about_any(self, account: Option<AccountId>) -> Self {
        Self { account, ..self }
    }

    /// The event, concerning a session.
    #[must_use]
    pub fn in_session(self, session: SessionId) -> Self {
        Self { session: Some(session), ..self }
    }

    /// The event without where it came from, for what outlives the person.
    #[must_use]
    pub fn without_origin(self) -> Self {
        Self { origin: Origin::default(), ..self }
    }

    /// The event, done by an account if one did it.
    #[must_use]
    pub fn by(self, actor: Option<AccountId>) -> Self {
        Self { actor, ..self }
    }

    /// The event, with more to tell.
    #[must_use]
    pub fn telling(self, detail: impl Display) -> Self {
        Self { detail: Some(Detail::new(detail)), ..self }
    }
}

/// What a decision wants done to the audit trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Keeps an event.
    Record(Event),
    /// Removes every event about an account. Expects nothing.
    Erase(AccountId),
}

macro_rules! event_kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal,)+) => {
        /// What happened. The name is stable: it is stored and read by people.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum EventKind {
            $($(#[$doc])* $kind,)+
        }

        impl EventKind {
            /// Every kind there is.
            pub const ALL: &[Self] = &[$(Self::$kind,)+];

            /// The stable name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)+ }
            }

            /// The kind of this name.
            pub fn of_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.name() == name)
            }
        }
    };
}

impl EventKind {
    /// Whether it tells of something that was refused.
    pub const fn is_refusal(self) -> bool {
        matches!(self, Self::SignInRefused | Self::PasswordRefused | Self::RefreshTokenReused)
    }
}

event_kinds! {
    /// An account was registered.
    Registered = "registered",
    /// Somebody tried to register an address that has an account.
    RegistrationRepeated = "registration_repeated",
    /// Somebody signed in.
    SignedIn = "signed_in",
    /// Somebody failed to sign in.
    SignInRefused = "sign_in_refused",
    /// A session was ended by its holder.
    SignedOut = "signed_out",
    /// A used refresh token came again, and its session was revoked.
    RefreshTokenReused = "refresh_token_reused",
    /// Somebody asked for a password reset.
    PasswordResetRequested = "password_reset_requested",
    /// A password was replaced by way of a reset; every session of the account ended.
    PasswordReset = "password_reset",
    /// Somebody asked for a verification mail.
    EmailVerificationRequested = "email_verification_requested",
    /// An address was proven.
    EmailVerified = "email_verified",
    /// Somebody who is signed in gave a wrong password where it is asked for again.
    PasswordRefused = "password_refused",
    /// The owner replaced the password; every other session of the account ended.
    PasswordChanged = "password_changed",
    /// The owner changed name or picture.
    ProfileChanged = "profile_changed",
    /// Somebody asked for another address.
    EmailChangeRequested = "email_change_requested",
    /// The account got another address.
    EmailChanged = "email_changed",
    /// The owner of the old address took a change of address back.
    EmailChangeReverted = "email_change_reverted",
    /// A session was ended from another one, or by an operator.
    SessionRevoked = "session_revoked",
    /// Several sessions were ended from another one, or by an operator.
    SessionsRevoked = "sessions_revoked",
    /// The account was closed: its address stays reserved.
    AccountDisabled = "account_disabled",
    /// A closed account was opened again.
    AccountEnabled = "account_enabled",
    /// Everything about the person was removed.
    AccountErased = "account_erased",
    /// Somebody was given a copy of all that is stored about them.
    AccountExported = "account_exported",
    /// A role was created.
    RoleCreated = "role_created",
    /// A role was deleted, and with it its assignments.
    RoleDeleted = "role_deleted",
    /// A role permits more than before.
    RolePermissionGranted = "role_permission_granted",
    /// A role permits less than before.
    RolePermissionWithdrawn = "role_permission_withdrawn",
    /// An account was given a role.
    RoleAssigned = "role_assigned",
    /// A role was taken from an account.
    RoleRevoked = "role_revoked",
}
