//! What strangers ask for, kept until it is attended to.
//!
//! Whoever asks for a link by mail, or registers where addresses must be verified, is answered before
//! anybody looks whether the address has an account. What they asked for is stored, the same for
//! everybody, and decided afterwards: neither the time that the answer takes nor what is written before
//! it tells who has an account (OWASP ASVS 5.0, 6.3.8).

use crate::{
    account::DisplayName, email::EmailAddress, identifier::RequestId, moment::Moment,
    password::PasswordHash, time::Timestamp, visitor::Visitor,
};

/// A request that was answered and is to be attended to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingRequest {
    /// Names the request.
    pub id: RequestId,
    /// The address that it is about, as typed.
    pub email: EmailAddress,
    /// What is wanted.
    pub wanted: Wanted,
    /// Who asks.
    pub visitor: Visitor,
    /// When they asked.
    pub created_at: Timestamp,
}

/// What somebody wants who may be anybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A link by which the password is replaced.
    PasswordReset,
    /// A link that proves the address.
    EmailVerification,
    /// An account.
    Registration(Applicant),
}

/// What somebody registers with, beside the address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applicant {
    /// What they want to be called.
    pub name: Option<DisplayName>,
    /// The hash of the password they chose.
    pub password: PasswordHash,
}

impl PendingRequest {
    /// What is asked for at this moment, by whoever asks.
    pub fn new(email: EmailAddress, wanted: Wanted, moment: &mut Moment) -> Self {
        let (id, visitor) = (RequestId::generate(moment), moment.visitor().clone());
        Self { id, email, wanted, visitor, created_at: moment.now() }
    }
}

impl Wanted {
    /// The stable name of what is wanted, for storage and logs.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::PasswordReset => "password_reset",
            Self::EmailVerification => "email_verification",
            Self::Registration(_) => "registration",
        }
    }

    /// What is wanted by a stored name; `None` if there is no such thing, or if it does not go with an
    /// applicant or without one.
    pub fn restore(name: &str, applicant: Option<Applicant>) -> Option<Self> {
        match (name, applicant) {
            ("password_reset", None) => Some(Self::PasswordReset),
            ("email_verification", None) => Some(Self::EmailVerification),
            ("registration", Some(applicant)) => Some(Self::Registration(applicant)),
            _ => None,
        }
    }

    /// Who registers, if somebody does.
    pub const fn applicant(&self) -> Option<&Applicant> {
        match self {
            Self::Registration(applicant) => Some(applicant),
            Self::PasswordReset | Self::EmailVerification => None,
        }
    }
}

/// What a decision wants done to pending requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Keeps a request. Expects nothing.
    Keep(PendingRequest),
    /// Removes a request that is attended to in the same commit. Expects it to be there; otherwise
    /// `Conflict::RequestSettled`.
    Settle(RequestId),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted_is_restored_from_what_is_stored_of_it() {
        let applicant = || Applicant { name: None, password: PasswordHash::from_phc("$hash") };
        for wanted in
            [Wanted::PasswordReset, Wanted::EmailVerification, Wanted::Registration(applicant())]
        {
            let stored = wanted.applicant().cloned();
            assert_eq!(Wanted::restore(wanted.name(), stored), Some(wanted));
        }
        assert_eq!(Wanted::restore("registration", None), None);
        assert_eq!(Wanted::restore("password_reset", Some(applicant())), None);
        assert_eq!(Wanted::restore("unheard_of", None), None);
    }
}
