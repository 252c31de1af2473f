//! Attending to what strangers have asked for, after they were answered.

use std::{pin::pin, sync::Arc, time::Duration};

use fastauth_domain::{
    account::Account,
    change::{Changes, Conflict},
    email::EmailKey,
    email_verification,
    gate::VerificationRule,
    moment::Moment,
    password_reset,
    pending_request::{self, Applicant, PendingRequest, Wanted},
    register::{self, Registration, RegistrationRules},
};
use fastauth_ports::{
    accounts::ReadAccounts,
    commit::{Commit, CommitError},
    pending_requests::ReadPendingRequests,
    unavailable::Unavailable,
};
use tokio::time::{sleep, timeout};

use crate::{bell::Bell, metrics, moments::Moments, register::FirstRole};

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
    /// Attends to requests as they come until it is told to stop, and then to those that are there.
    pub async fn run_until(&self, told_to_stop: impl Future<Output = ()>) {
        let mut told_to_stop = pin!(told_to_stop);
        loop {
            self.attend_or_tell().await;
            let is_time = async {
                if timeout(POLL, self.bell.requests()).await.is_ok() {
                    sleep(self.wait()).await;
                }
            };
            tokio::select! {
                biased;
                () = &mut told_to_stop => break,
                () = is_time => {}
            }
        }
        self.attend_or_tell().await;
    }

    async fn attend_or_tell(&self) {
        if let Err(error) = self.attend_all().await {
            tracing::error!(%error, "pending requests cannot be attended to, and are tried again");
        }
    }

    fn wait(&self) -> Duration {
        WAIT * u32::from(self.chance()) / u32::from(u8::MAX)
    }

    fn chance(&self) -> u8 {
        let [chance, ..] = self.moments.randomness.seed().unwrap_or_default();
        chance
    }

    /// Attends to all requests there are, the oldest first as a rule, and says how many this caller
    /// settled. One that fails does not keep others waiting; of several failures, the last is told.
    pub async fn attend_all(&self) -> Result<usize, Unavailable> {
        let (mut settled, mut outcome, mut after) = (0, Ok(()), None);
        loop {
            let mut requests = self.requests.pending(after, BATCH).await?;
            let Some(last) = requests.last() else { break };
            after = Some(last.id);
            // So that instances that read the same ones do not all wait for the first.
            let first = usize::from(self.chance()) % requests.len();
            requests.rotate_left(first);
            for request in &requests {
                match self.attend(request).await {
                    Ok(by_this_caller) => settled += usize::from(by_this_caller),
                    Err(error) => outcome = Err(error),
                }
            }
        }
        if settled == 0 {
            self.bell.waited(Duration::ZERO);
        }
        outcome.map(|()| settled)
    }

    /// Attends to whoever has registered this address, before anybody looks for its account: what was
    /// answered is there for whoever comes next. Where that fails, it is done later.
    pub(crate) async fn attend_to_registration(&self, address: &EmailKey) {
        if self.rules.verification == VerificationRule::Optional {
            return;
        }
        let attended = async {
            if let Some(request) = self.requests.pending_registration(address).await? {
                self.attend(&request).await?;
            }
            Ok::<_, Unavailable>(())
        };
        if let Err(error) = attended.await {
            tracing::warn!(%error, "a registration is not attended to yet");
        }
    }

    /// Attends to a request, and says whether nobody else has.
    async fn attend(&self, request: &PendingRequest) -> Result<bool, Unavailable> {
        let mut overtaken = 0;
        loop {
            let found = self.accounts.with_email(request.email.key()).await?;
            let changes = self.decide(request, found.as_ref()).await?;
            match self.store.commit(&changes).await {
                Ok(()) => {
                    let waited = self.moments.clock.now().since(request.created_at);
                    self.bell.waited(waited);
                    metrics::attended(waited);
                    return Ok(true);
                }
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
        // As it was promised, whatever is set by now.
        let verification = VerificationRule::Required;
        let rules = RegistrationRules { verification, ..self.rules.clone() };
        Ok(register::register(taken, registration, &rules, moment).changes)
    }
}

/// Keeps what somebody asks for, whoever has the address.
pub(crate) async fn keep(store: &dyn Commit, request: PendingRequest) -> Result<(), Unavailable> {
    let keep = pending_request::Change::Keep(request);
    match store.commit(&Changes::default().with(keep)).await {
        Ok(()) => Ok(()),
        Err(CommitError::Unavailable(error)) => Err(error),
        // Keeping expects nothing.
        Err(CommitError::Conflict(conflict)) => Err(Unavailable::new(conflict)),
    }
}
