//! A copy of everything that is stored about a person.

use std::sync::Arc;

use fastauth_domain::{
    account::Account,
    audit::{Event, EventKind},
    change::{Changes, Decision},
    delivery::{Delivery, Suppression},
    identifier::EventId,
    one_time::OneTimeToken,
    role::Rights,
    session::Session,
    visitor::Visitor,
};
use fastauth_ports::{
    accounts::ReadAccounts, audit::ReadAudit, commit::Commit, deliveries::ReadDeliveries,
    one_time::ReadOneTimeTokens, roles::ReadRoles, sessions::ReadSessions,
    unavailable::Unavailable,
};

use crate::{account::Caller, attempts::Attempts, moments::Moments};

/// How much of each sort is read at once.
const PAGE: u32 = 1_000;

/// Copies what is stored about people.
pub struct Exports {
    /// Finds the account.
    pub accounts: Arc<dyn ReadAccounts>,
    /// Finds what it may do.
    pub roles: Arc<dyn ReadRoles>,
    /// Finds the sessions.
    pub sessions: Arc<dyn ReadSessions>,
    /// Finds the events.
    pub events: Arc<dyn ReadAudit>,
    /// Finds the mails.
    pub deliveries: Arc<dyn ReadDeliveries>,
    /// Finds the links that were mailed.
    pub one_time_tokens: Arc<dyn ReadOneTimeTokens>,
    /// Stores that somebody was given a copy.
    pub store: Arc<dyn Commit>,
    /// Gives time and randomness.
    pub moments: Moments,
}

/// Everything that is stored about a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// The account.
    pub account: Account,
    /// What it may do.
    pub rights: Rights,
    /// Its sessions, those included that have ended.
    pub sessions: Vec<Session>,
    /// The links that were mailed and not followed yet.
    pub links: Vec<OneTimeToken>,
    /// The mails to its address.
    pub mails: Vec<Delivery>,
    /// Why it gets no mail, if it gets none.
    pub suppression: Option<Suppression>,
    /// What has happened, the newest first.
    pub events: Vec<Event>,
}

impl Exports {
    /// Copies what is stored about the caller, as of before this.
    pub async fn export(&self, caller: &Caller, visitor: &Visitor) -> Result<Export, Unavailable> {
        // As it is stored, which the caller may have been recognised without. It is gone only if its owner
        // deletes it at this moment.
        let stored = self.accounts.with_id(caller.account.id).await?;
        let account = stored.unwrap_or_else(|| caller.account.clone());
        let (id, address) = (account.id, account.email.key());
        let export = Export {
            rights: self.roles.rights(id).await?.unwrap_or_default(),
            sessions: self.sessions.sessions_of(id, PAGE).await?,
            links: self.one_time_tokens.unspent(id).await?,
            mails: self.deliveries.deliveries_to(address, PAGE).await?,
            suppression: self.deliveries.suppression(address).await?,
            events: self.events(&account).await?,
            account,
        };
        self.record(caller, visitor).await?;
        Ok(export)
    }

    async fn events(&self, account: &Account) -> Result<Vec<Event>, Unavailable> {
        let mut events: Vec<Event> = Vec::new();
        loop {
            let oldest: Option<EventId> = events.last().map(|event| event.id);
            let page = self.events.events_about(account.id, oldest, PAGE).await?;
            let is_last = page.len() < PAGE as usize;
            events.extend(page);
            if is_last {
                return Ok(events);
            }
        }
    }

    async fn record(&self, caller: &Caller, visitor: &Visitor) -> Result<(), Unavailable> {
        let mut moment = self.moments.moment_of(visitor)?;
        let event = Event::new(EventKind::AccountExported, &mut moment)
            .about(caller.account.id)
            .in_session(caller.session);
        let changes = Changes::default().with(event);
        Attempts::default().commit(&*self.store, Decision { changes, answer: () }).await.map(drop)
    }
}
