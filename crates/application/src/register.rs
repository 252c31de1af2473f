//! Registering an account.

use std::sync::Arc;

use fastauth_domain::{
    account::DisplayName,
    email::EmailAddress,
    gate::VerificationRule,
    limit::{Request, TooManyAttempts},
    password::{NewPassword, Owner, PasswordPolicy, UnacceptablePassword},
    pending_request::{Applicant, PendingRequest, Wanted},
    register::{self, Registered, Registration, RegistrationRules, UserAlreadyExists},
    role::RoleName,
    visitor::Visitor,
};
use fastauth_ports::{
    accounts::ReadAccounts, commit::Commit, passwords::HashPasswords, roles::ReadRoles,
    unavailable::Unavailable,
};
use secrecy::SecretString;

use crate::{
    attempts::Attempts,
    breaches::{BreachError, Breaches},
    limit::{LimitError, RequestLimit},
    moments::Moments,
    pending_requests::keep,
    tokens::{TokenIssuer, Tokens},
};

/// Registers accounts.
pub struct Registrations {
    /// Tells whether an address is taken.
    pub accounts: Arc<dyn ReadAccounts>,
    /// Finds the role that new accounts get.
    pub first_role: FirstRole,
    /// Stores the account, or the request for one.
    pub store: Arc<dyn Commit>,
    /// Hashes the password.
    pub passwords: Arc<dyn HashPasswords>,
    /// Counts what clients ask for.
    pub limit: RequestLimit,
    /// Gives time and randomness.
    pub moments: Moments,
    /// Issues the first tokens.
    pub tokens: TokenIssuer,
    /// Which passwords are accepted.
    pub password_policy: PasswordPolicy,
    /// Which are known from breaches.
    pub breaches: Breaches,
    /// The rules of registering.
    pub rules: RegistrationRules,
}

/// The role that new accounts get.
#[derive(Clone)]
pub struct FirstRole {
    /// Tells whether it is there.
    pub roles: Arc<dyn ReadRoles>,
    /// Its name; `None` if they get none.
    pub name: Option<RoleName>,
}

impl FirstRole {
    /// The role, if it is there. Nobody is kept from registering because it was deleted.
    pub(crate) async fn find(&self) -> Result<Option<RoleName>, Unavailable> {
        let Some(name) = &self.name else { return Ok(None) };
        Ok(self.roles.role(name).await?.map(|role| role.name))
    }
}

/// What a person registers with.
#[derive(Debug)]
pub struct NewUser {
    /// Where their mail goes.
    pub email: EmailAddress,
    /// The password they chose.
    pub password: SecretString,
    /// What they want to be called.
    pub name: Option<DisplayName>,
}

/// What a registration earned.
#[derive(Debug)]
pub enum Welcome {
    /// The account may be used at once.
    SignedIn(Tokens),
    /// The rest is in the mail, whether the address was new or taken.
    CheckMail,
}

/// Why nobody was registered.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The address has an account. Never said where addresses must be verified.
    #[error(transparent)]
    UserAlreadyExists(#[from] UserAlreadyExists),
    /// The password is not accepted.
    #[error(transparent)]
    UnacceptablePassword(#[from] UnacceptablePassword),
    /// The client has registered too many.
    #[error(transparent)]
    TooManyAttempts(#[from] TooManyAttempts),
    /// Something did not answer.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<LimitError> for RegisterError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::TooManyAttempts(why) => why.into(),
            LimitError::Unavailable(why) => why.into(),
        }
    }
}

impl From<BreachError> for RegisterError {
    fn from(error: BreachError) -> Self {
        match error {
            BreachError::UnacceptablePassword(why) => why.into(),
            BreachError::Unavailable(why) => why.into(),
        }
    }
}

impl Registrations {
    /// Registers an account. One that is turned away because something does not answer is not counted.
    pub async fn register(
        &self,
        user: NewUser,
        visitor: &Visitor,
    ) -> Result<Welcome, RegisterError> {
        let NewUser { email, password, name } = user;
        let owner = Owner { email: &email, name: name.as_ref() };
        let password = NewPassword::parse(&password, owner, &self.password_policy)?;
        self.is_there_room(visitor)?;
        let counted = self.limit.admit(Request::Register, visitor).await?;
        let outcome = self.admitted(email, password, name, visitor).await;
        if let Err(RegisterError::Unavailable(_)) = outcome {
            self.limit.give_back(counted).await;
        }
        outcome
    }

    /// Whoever is to come again is told so before anything is done for them.
    fn is_there_room(&self, visitor: &Visitor) -> Result<(), Unavailable> {
        if self.rules.verification == VerificationRule::Required {
            self.limit.bell.admit()?;
        }
        self.passwords.has_room(&visitor.origin)
    }

    /// The password is searched for and hashed whether the address is taken or not, and where addresses
    /// must be verified, nobody looks whether it is before the answer.
    async fn admitted(
        &self,
        email: EmailAddress,
        password: NewPassword,
        name: Option<DisplayName>,
        visitor: &Visitor,
    ) -> Result<Welcome, RegisterError> {
        self.breaches.admit(&password).await?;
        let turn = self.passwords.turn(&visitor.origin).await?;
        let password = self.passwords.hash(&password, &turn).await?;
        match self.rules.verification {
            VerificationRule::Required => {
                let wanted = Wanted::Registration(Applicant { name, password });
                let mut moment = self.moments.moment_of(visitor)?;
                let keep = async {
                    let request = PendingRequest::new(email.clone(), wanted, &mut moment);
                    keep(&*self.store, request).await
                };
                self.limit.keep_if_room(Request::Register, email.key(), keep).await?;
                Ok(Welcome::CheckMail)
            }
            VerificationRule::Optional => {
                self.open(Registration { email, name, password, role: None }, visitor).await
            }
        }
    }

    /// Opens an account and its first session.
    async fn open(
        &self,
        mut registration: Registration,
        visitor: &Visitor,
    ) -> Result<Welcome, RegisterError> {
        let mut attempts = Attempts::default();
        loop {
            let taken = self.accounts.with_email(registration.email.key()).await?;
            registration.role = self.first_role.find().await?;
            let mut moment = self.moments.moment_of(visitor)?;
            let decision =
                register::register(taken.as_ref(), registration.clone(), &self.rules, &mut moment);
            if let Some(answer) = attempts.commit(&*self.store, decision).await? {
                return self.welcome(&answer?).await;
            }
        }
    }

    async fn welcome(&self, registered: &Registered) -> Result<Welcome, RegisterError> {
        Ok(match registered {
            Registered::SignedIn(grant) => Welcome::SignedIn(self.tokens.issue(grant).await?),
            Registered::CheckMail => Welcome::CheckMail,
        })
    }
}
