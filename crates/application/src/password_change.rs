//! Replacing a password that is known.

use fastauth_domain::{
    limit::TooManyAttempts,
    password::{NewPassword, PasswordPolicy, PresentedPassword, UnacceptablePassword},
    password_change::{self, WrongPassword},
    visitor::Visitor,
};
use fastauth_ports::unavailable::Unavailable;
use secrecy::SecretString;

use crate::{
    account::Caller,
    attempts::Attempts,
    breaches::{BreachError, Breaches},
    password_proof::{PasswordProofs, ProofError},
};

/// Changes passwords.
pub struct PasswordChanges {
    /// Asks for the present password.
    pub proofs: PasswordProofs,
    /// Which passwords are accepted.
    pub password_policy: PasswordPolicy,
    /// Which are known from breaches.
    pub breaches: Breaches,
}

/// Why a password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum PasswordChangeError {
    /// The present password is another one.
    #[error(transparent)]
    WrongPassword(#[from] WrongPassword),
    /// The password was not looked at, because there were too many before it.
    #[error(transparent)]
    TooManyAttempts(#[from] TooManyAttempts),
    /// The new password is not accepted.
    #[error(transparent)]
    UnacceptablePassword(#[from] UnacceptablePassword),
    /// Something did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<ProofError> for PasswordChangeError {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::WrongPassword(why) => why.into(),
            ProofError::TooManyAttempts(why) => why.into(),
            ProofError::Unavailable(why) => why.into(),
        }
    }
}

impl From<BreachError> for PasswordChangeError {
    fn from(error: BreachError) -> Self {
        match error {
            BreachError::UnacceptablePassword(why) => why.into(),
            BreachError::Unavailable(why) => why.into(),
        }
    }
}

impl PasswordChanges {
    /// Replaces the caller's password. Every session but the caller's ends.
    pub async fn change(
        &self,
        caller: &Caller,
        present: &PresentedPassword,
        new: &SecretString,
        visitor: &Visitor,
    ) -> Result<(), PasswordChangeError> {
        let proofs = &self.proofs;
        let mut attempts = Attempts::default();
        let new = NewPassword::parse(new, (&caller.account).into(), &self.password_policy)?;
        let turn = proofs.passwords.turn(&visitor.origin).await?;
        let mut account = proofs.prove(caller.account.id, present, visitor, &turn).await?;
        // Whoever does not know the present password has nobody asked about another, and nobody waits
        // for a turn that is held while others are asked.
        drop(turn);
        self.breaches.admit(&new).await?;
        let turn = proofs.passwords.turn(&visitor.origin).await?;
        loop {
            let password = proofs.passwords.hash(&new, &turn).await?;
            let mut moment = proofs.moments.moment_of(visitor)?;
            let decision = password_change::change(&account, caller.session, password, &mut moment);
            if let Some(()) = attempts.commit(&*proofs.store, decision).await? {
                return Ok(());
            }
            account = proofs.prove(caller.account.id, present, visitor, &turn).await?;
        }
    }
}
