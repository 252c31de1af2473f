//! Deleting an account.

use std::sync::Arc;

use fastauth_domain::{
    deletion::{self, Deletion},
    limit::TooManyAttempts,
    password::PresentedPassword,
    password_change::WrongPassword,
    role::LastAdministrator,
    visitor::Visitor,
};
use fastauth_ports::{roles::ReadRoles, unavailable::Unavailable};

use crate::{
    account::Caller,
    attempts::Attempts,
    password_proof::{PasswordProofs, ProofError},
};

/// Deletes accounts.
pub struct Deletions {
    /// Asks for the password.
    pub proofs: PasswordProofs,
    /// Tells who may manage roles.
    pub roles: Arc<dyn ReadRoles>,
}

/// Why an account was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeletionError {
    /// The password is wrong.
    #[error(transparent)]
    WrongPassword(#[from] WrongPassword),
    /// The password was not looked at, because there were too many before it.
    #[error(transparent)]
    TooManyAttempts(#[from] TooManyAttempts),
    /// Nobody would be left who may manage roles.
    #[error(transparent)]
    LastAdministrator(#[from] LastAdministrator),
    /// Something did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<ProofError> for DeletionError {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::WrongPassword(why) => why.into(),
            ProofError::TooManyAttempts(why) => why.into(),
            ProofError::Unavailable(why) => why.into(),
        }
    }
}

impl Deletions {
    /// Deletes the caller's account.
    pub async fn delete(
        &self,
        caller: &Caller,
        password: &PresentedPassword,
        deletion: Deletion,
        visitor: &Visitor,
    ) -> Result<(), DeletionError> {
        let turn = self.proofs.passwords.turn(&visitor.origin).await?;
        let mut attempts = Attempts::default();
        loop {
            let account = self.proofs.prove(caller.account.id, password, visitor, &turn).await?;
            let administrators = self.roles.administrators().await?;
            let mut moment = self.proofs.moments.moment_of(visitor)?;
            let decided = deletion::delete(&account, &administrators, deletion, &mut moment);
            if let Some(answer) = attempts.commit(&*self.proofs.store, decided.into()).await? {
                return Ok(answer?);
            }
        }
    }
}
