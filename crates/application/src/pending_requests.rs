//! Attending to what strangers have asked for, after they were answered.

use std::{sync::Arc, time::Duration};

use fastauth_domain::{
    account::Account,
    change::{Change, Changes, Conflict},
    email::{EmailAddress, EmailKey},
    email_verification,
    gate::VerificationRule,
    moment::Moment,
    password_reset,
    pending_request::{self, Applicant, PendingRequest, Wanted},
    register::{self, Registration, RegistrationRules},
    visitor::Visitor,
};
use fastauth_ports::{
    accounts::ReadAccounts,
    commit::{Commit, CommitError},
    pending_requests::ReadPendingRequests,
    unavailable::Unavailable,
};

use tokio::time::{sleep, timeout};

use crate::{bell::Bell, moments::Moments, register::FirstRole};

/// How many requests are read at a time.
const BATCH: u32 = 32;
/// How often requests are looked for when nobody rings.
const POLL: Duration = Duration::from_secs(5);
/// How long a request waits at most where somebody rings. What it takes to attend to one depends on who
/// has an account, and slows down what comes at the same time: nobody is to know when that is.
const WAIT: Duration = Duration::from_millis(500);
/// How often a request is decided anew because what it was decided on has changed.
const MOST: u32 = 8;

/// Attends to pending requests. Safe to run in every instance: each is settled once.
pub struct PendingRequests {
    /// Finds the requests.
    pub requests: Arc<dyn ReadPendingRequests>,
    /// Finds the account of an address.
    pub accounts: Arc<dyn ReadAccounts>,
    /// Finds the role that new accounts get.
    pub first_role: FirstRole,
    /// Stores what was decided.
    pub store: Arc<dyn Commit>,
    /// Gives time and randomness.
    pub moments: Moments,
    /// The rules of registering; they issue the links as well.
    pub rules: RegistrationRules,
    /// Tells that there are requests.
    pub bell: Bell,
}

impl PendingRequests {
    /// Attends to requests as they come, for ever.
    pub async fn run(&self) {
        loop {
            if let Err(error) = self.attend_all().await {
                tracing::error!(%error, "pending requests cannot be attended to, and are tried again");
            }
            if timeout(POLL, self.bell.requests()).await.is_ok() {
                sleep(self.wait()).await;
            }
        }
    }

    fn wait(&self) -> Duration {
        let [chance, ..] = self.moments.randomness.seed().unwrap_or_default();
        WAIT * u32::from(chance) / u32::from(u8::MAX)
    }

    /// Attends to all requests there are, the oldest first, and says how many this caller settled. One
    /// that fails does not keep others waiting; of several failures, the last is told.
    pub async fn attend_all(&self) -> Result<usize, Unavailable> {
        let mut settled = 0;
        loop {
            let requests = self.requests.pending(BATCH).await?;
            if requests.is_empty() {
                return Ok(settled);
            }
            let mut outcome = Ok(());
            for request in &requests {
                match self.attend(request).await {
                    Ok(by_this_caller) => settled += usize::from(by_this_caller),
                    Err(error) => outcome = Err(error),
                }
            }
            outcome?;
        }
    }

    /// Attends to those who have registered this address, before anybody looks for its account: what was
    /// answered is there for whoever comes next.
    pub(crate) async fn attend_to_registrations(
        &self,
        address: &EmailKey,
    ) -> Result<(), Unavailable> {
        if self.rules.verification == VerificationRule::Optional {
            return Ok(());
        }
        for request in &self.requests.pending_registrations(address, BATCH).await? {
            self.attend(request).await?;
        }
        Ok(())
    }

    /// Attends to a request, and says whether nobody else has.
    async fn attend(&self, request: &PendingRequest) -> Result<bool, Unavailable> {
        let mut overtaken = 0;
        loop {
            let found = self.accounts.with_email(request.email.key()).await?;
            let changes = self.decide(request, found.as_ref()).await?;
            match self.store.commit(&changes).await {
                Ok(()) => return Ok(true),
                Err(CommitError::Conflict(Conflict::RequestSettled)) => return Ok(false),
                Err(CommitError::Conflict(conflict)) if overtaken == MOST => {
                    return Err(Unavailable::new(conflict));
                }
                Err(CommitError::Conflict(_)) => overtaken += 1,
                Err(CommitError::Unavailable(error)) => return Err(error),
            }
        }
    }

    async fn decide(
        &self,
        request: &PendingRequest,
        found: Option<&Account>,
    ) -> Result<Changes, Unavailable> {
        let mut moment = self.moments.moment_of(&request.visitor)?;
        let issuer = &self.rules.one_time;
        let changes = match &request.wanted {
            Wanted::PasswordReset => password_reset::request(found, issuer, &mut moment).changes,
            Wanted::EmailVerification => {
                email_verification::request(found, issuer, &mut moment).changes
            }
            Wanted::Registration(applicant) => {
                self.register(request, applicant, found, &mut moment).await?
            }
        };
        Ok(Changes::default().with(pending_request::Change::Settle(request.id)).with_all(changes))
    }

    async fn register(
        &self,
        request: &PendingRequest,
        applicant: &Applicant,
        taken: Option<&Account>,
        moment: &mut Moment,
    ) -> Result<Changes, Unavailable> {
        let Applicant { name, password } = applicant.clone();
        let role = self.first_role.find().await?;
        let registration = Registration { email: request.email.clone(), name, password, role };
        Ok(register::register(taken, registration, &self.rules, moment).changes)
    }
}

/// Keeps what a visitor asks for, whoever has the address.
pub(crate) async fn keep(
    store: &dyn Commit,
    moments: &Moments,
    (email, wanted): (EmailAddress, Wanted),
    visitor: &Visitor,
) -> Result<(), Unavailable> {
    let request = PendingRequest::new(email, wanted, &mut moments.moment_of(visitor)?);
    let change = Change::from(pending_request::Change::Keep(request));
    match store.commit(&Changes::default().with(change)).await {
        Ok(()) => Ok(()),
        Err(CommitError::Unavailable(error)) => Err(error),
        // Keeping expects nothing.
        Err(CommitError::Conflict(conflict)) => Err(Unavailable::new(conflict)),
    }
}
