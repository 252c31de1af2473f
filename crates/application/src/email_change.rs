//! Changing the address of an account.

use std::sync::Arc;

use fastauth_domain::{
    account::Account,
    email::EmailAddress,
    email_change::{self, EmailTaken, Facts, LinkRefused, RequestRefused},
    gate::VerificationRule,
    limit::{Request, TooManyAttempts},
    one_time::{self, IssuedToken, Issuer, Kind, TokenInvalid, TokenRefused},
    password::PresentedPassword,
    password_change::WrongPassword,
    token::Token,
    visitor::Visitor,
};
use fastauth_ports::{one_time::ReadOneTimeTokens, unavailable::Unavailable};

use crate::{
    account::Caller,
    attempts::Attempts,
    limit::{Counted, LimitError, RequestLimit},
    password_proof::{PasswordProofs, ProofError},
};

/// Changes addresses.
pub struct EmailChanges {
    /// Asks for the password.
    pub proofs: PasswordProofs,
    /// Counts what clients ask for.
    pub limit: RequestLimit,
    /// Finds the token of a link.
    pub one_time_tokens: Arc<dyn ReadOneTimeTokens>,
    /// Issues the tokens.
    pub issuer: Issuer,
    /// Whether it may be told that an address is taken.
    pub verification: VerificationRule,
}

/// Why no change of address was begun.
#[derive(Debug, thiserror::Error)]
pub enum EmailChangeError {
    /// The password is another one.
    #[error(transparent)]
    WrongPassword(#[from] WrongPassword),
    /// The password was not looked at, because there were too many before it, or the client has asked for
    /// too many addresses.
    #[error(transparent)]
    TooManyAttempts(#[from] TooManyAttempts),
    /// The address cannot be asked for.
    #[error(transparent)]
    Refused(#[from] RequestRefused),
    /// Something did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<ProofError> for EmailChangeError {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::WrongPassword(why) => why.into(),
            ProofError::TooManyAttempts(why) => why.into(),
            ProofError::Unavailable(why) => why.into(),
        }
    }
}

impl From<LimitError> for EmailChangeError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::TooManyAttempts(why) => why.into(),
            LimitError::Unavailable(why) => why.into(),
        }
    }
}

/// Why a link did nothing. The token is spent in no case.
#[derive(Debug, thiserror::Error)]
pub enum EmailChangeLinkError {
    /// The token is no good.
    #[error(transparent)]
    Token(#[from] TokenRefused),
    /// The address has another account by now.
    #[error(transparent)]
    EmailTaken(#[from] EmailTaken),
    /// Something did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<LinkRefused> for EmailChangeLinkError {
    fn from(refused: LinkRefused) -> Self {
        match refused {
            LinkRefused::Token(why) => why.into(),
            LinkRefused::Taken(why) => why.into(),
        }
    }
}

impl EmailChanges {
    /// Mails a link to the address that the caller wants, and a notice to the one that they have. A client
    /// may ask for as many addresses as it may register: either way it could learn which are taken.
    pub async fn request(
        &self,
        caller: &Caller,
        new: &EmailAddress,
        password: &PresentedPassword,
        visitor: &Visitor,
    ) -> Result<(), EmailChangeError> {
        let mut counted = None;
        let outcome = self.count_and_request(caller, new, password, visitor, &mut counted).await;
        if let (Err(EmailChangeError::Unavailable(_)), Some(counted)) = (&outcome, counted) {
            self.limit.give_back(counted).await;
        }
        outcome
    }

    /// Counts the request once the password was given.
    async fn count_and_request(
        &self,
        caller: &Caller,
        new: &EmailAddress,
        password: &PresentedPassword,
        visitor: &Visitor,
        counted: &mut Option<Counted>,
    ) -> Result<(), EmailChangeError> {
        let turn = self.proofs.passwords.turn(&visitor.origin).await?;
        let mut attempts = Attempts::default();
        loop {
            let account = self.proofs.prove(caller.account.id, password, visitor, &turn).await?;
            if counted.is_none() {
                *counted = Some(self.limit.admit(Request::ChangeEmail, visitor).await?);
            }
            let taken = self.proofs.accounts.with_email(new.key()).await?;
            let unspent = self.one_time_tokens.unspent(account.id).await?;
            let way_back = unspent.iter().find(|token| token.kind == Kind::EmailRevert);
            let facts = Facts { account: &account, taken: taken.as_ref(), way_back };
            let mut moment = self.proofs.moments.moment_of(visitor)?;
            let (rule, issuer) = (self.verification, &self.issuer);
            let decision = email_change::request(facts, new.clone(), rule, issuer, &mut moment);
            if let Some(answer) = attempts.commit(&*self.proofs.store, decision).await? {
                return Ok(answer?);
            }
        }
    }

    /// Gives the account the address that the token was mailed to.
    pub async fn confirm(
        &self,
        presented: &Token,
        visitor: &Visitor,
    ) -> Result<(), EmailChangeLinkError> {
        let mut attempts = Attempts::default();
        loop {
            let found = self.issued(presented, Kind::EmailChange).await?;
            let taken = self.owner(found.as_ref()).await?;
            let mut moment = self.proofs.moments.moment_of(visitor)?;
            let decision = email_change::confirm(found.as_ref(), taken.as_ref(), &mut moment);
            if let Some(answer) = attempts.commit(&*self.proofs.store, decision).await? {
                return Ok(answer?);
            }
        }
    }

    /// Gives the account the address back that the token was mailed to, and ends every session.
    pub async fn revert(
        &self,
        presented: &Token,
        visitor: &Visitor,
    ) -> Result<(), EmailChangeLinkError> {
        let mut attempts = Attempts::default();
        loop {
            let found = self.issued(presented, Kind::EmailRevert).await?;
            let taken = self.owner(found.as_ref()).await?;
            let mut moment = self.proofs.moments.moment_of(visitor)?;
            let (found, taken) = (found.as_ref(), taken.as_ref());
            let decision = email_change::revert(found, taken, &self.issuer, &mut moment);
            if let Some(answer) = attempts.commit(&*self.proofs.store, decision).await? {
                return Ok(answer?);
            }
        }
    }

    async fn issued(
        &self,
        presented: &Token,
        kind: Kind,
    ) -> Result<Option<IssuedToken>, EmailChangeLinkError> {
        let hash = one_time::hash_of(presented, kind).ok_or(TokenRefused::Invalid(TokenInvalid))?;
        Ok(self.one_time_tokens.issued(kind, hash).await?)
    }

    /// Who has the address that a token is about.
    async fn owner(&self, found: Option<&IssuedToken>) -> Result<Option<Account>, Unavailable> {
        match found.and_then(|issued| issued.token.email.as_ref()) {
            Some(email) => self.proofs.accounts.with_email(email.key()).await,
            None => Ok(None),
        }
    }
}
