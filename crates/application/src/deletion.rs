//! Deleting an account.

use fastauth_domain::{
    deletion::{self, Deletion},
    password::PresentedPassword,
    visitor::Visitor,
};

use crate::{
    account::Caller,
    attempts::Attempts,
    password_proof::{PasswordProofs, ProofError},
};

/// Deletes accounts.
pub struct Deletions {
    /// Asks for the password.
    pub proofs: PasswordProofs,
}

impl Deletions {
    /// Deletes the caller's account.
    pub async fn delete(
        &self,
        caller: &Caller,
        password: &PresentedPassword,
        deletion: Deletion,
        visitor: &Visitor,
    ) -> Result<(), ProofError> {
        let mut attempts = Attempts::default();
        loop {
            let account = self.proofs.prove(caller.account.id, password, visitor).await?;
            let mut moment = self.proofs.moments.moment_of(visitor)?;
            let decision = deletion::delete(&account, deletion, &mut moment);
            if let Some(()) = attempts.commit(&*self.proofs.store, decision).await? {
                return Ok(());
            }
        }
    }
}
