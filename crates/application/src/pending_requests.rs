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
use futures_util::future::join_all;
use tokio::time::{sleep, timeout};

use crate::{bell::Bell, metrics, moments::Moments, register::FirstRole};

/// How many requests are read at a time.
const BATCH: u32 = 32;
/// How many are attended to at a time, so that connections are left for whoever waits for an answer.
const AT_A_TIME: usize = 4;
/// How old the oldest of a full batch may be for more to be taken.
const LATE: Duration = Duration::from_mins(1);
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
    /// Attends to requests as they come until it is told to stop, and then to the oldest of those that
    /// are there. What it does not get to is left to whoever runs next.
    pub async fn run_until(&self, told_to_stop: impl Future<Output = ()>) {
        let mut told_to_stop = pin!(told_to_stop);
        loop {
            let attended = async {
                tell(self.attend_all().await);
                if timeout(POLL, self.bell.requests()).await.is_ok() {
                    sleep(self.wait()).await;
                }
            };
            tokio::select! {
                biased;
                () = &mut told_to_stop => break,
                () = attended => {}
            }
        }
        tell(self.attend_oldest().await);
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
            let batch = self.requests.pending(after, BATCH).await?;
            // Those that failed before are as late as they were.
            if outcome.is_ok() {
                self.bell.note_late(self.is_late(&batch));
            }
            let Some(last) = batch.last() else { break };
            after = Some(last.id);
            match self.attend_batch(batch).await {
                Ok(by_this_caller) => settled += by_this_caller,
                Err(error) => outcome = Err(error),
            }
        }
        outcome.map(|()| settled)
    }

    async fn attend_oldest(&self) -> Result<usize, Unavailable> {
        let batch = self.requests.pending(None, BATCH).await?;
        self.attend_batch(batch).await
    }

    /// Whether requests come faster than they are attended to. One that was left behind does not tell.
    fn is_late(&self, batch: &[PendingRequest]) -> bool {
        let is_full = u32::try_from(batch.len()) == Ok(BATCH);
        let age = |oldest: &PendingRequest| self.moments.clock.now().since(oldest.created_at);
        is_full && batch.first().is_some_and(|oldest| age(oldest) > LATE)
    }

    async fn attend_batch(&self, mut batch: Vec<PendingRequest>) -> Result<usize, Unavailable> {
        // So that instances that read the same ones do not all wait for the first.
        let first = usize::from(self.chance()) % batch.len().max(1);
        batch.rotate_left(first);
        let (mut settled, mut outcome) = (0, Ok(()));
        for some in batch.chunks(AT_A_TIME) {
            for attended in join_all(some.iter().map(|it| self.attend_in_turn(it))).await {
                match attended {
                    Ok(by_this_caller) => settled += by_this_caller,
                    Err(error) => outcome = Err(error),
                }
            }
        }
        outcome.map(|()| settled)
    }

    /// Attends to a request, after all registrations of its address that came before it: whoever comes
    /// first has the account, and whoever has registered gets the next link.
    async fn attend_in_turn(&self, request: &PendingRequest) -> Result<usize, Unavailable> {
        let mut settled = 0;
        let address = request.email.key();
        while let Some(earlier) = self.requests.pending_registration(address).await?
            && earlier.id < request.id
        {
            settled += usize::from(self.attend(&earlier).await?);
        }
        Ok(settled + usize::from(self.attend(request).await?))
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
            tracing::debug!(%error, "a registration is not attended to yet");
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
                    metrics::attended(self.moments.clock.now().since(request.created_at));
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

fn tell(attended: Result<usize, Unavailable>) {
    if let Err(error) = attended {
        tracing::error!(%error, "pending requests cannot be attended to, and are tried again");
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
