//! Passwords that are known from breaches: what is found of one, and what becomes of one when nobody
//! can be asked.
//!
//! NIST SP 800-63B-4 section 3.1.1.2 has new passwords compared with those of previous breaches.

use crate::password::UnacceptablePassword;

/// What was found of a password in the breaches that are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It is in none of them.
    Clean,
    /// It is in one of them at least.
    Breached,
}

impl Finding {
    /// Whether a password of which this was found may be chosen.
    pub const fn judge(self) -> Result<(), UnacceptablePassword> {
        match self {
            Self::Clean => Ok(()),
            Self::Breached => Err(UnacceptablePassword::Breached),
        }
    }
}

/// What becomes of a password when there is no answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OutagePolicy {
    /// It is accepted by the other rules alone: somebody else's outage keeps nobody out.
    #[default]
    Accept,
    /// It is not accepted now: no password is taken that was not looked up.
    Refuse,
}
