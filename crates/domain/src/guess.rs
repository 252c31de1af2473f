//! Guessing passwords: how often somebody may try, and when a password alone opens nothing any more.
//!
//! An attempt is counted before the password is compared, so that many at once are no more than one
//! after another, and is taken back if the password was right. What is counted is told apart by the
//! address that was typed, whether it has an account or not (OWASP ASVS 5.0, 6.3.1 and 6.3.8).
//!
//! After so many wrong passwords in a row an account takes none any more (NIST SP 800-63B-4, section
//! 3.2.2), and nobody is told: to the outside, every password is wrong. A reset ends it. A client that
//! signed in to the account before has a count of its own, so that strangers lock nobody out.

use std::{num::NonZeroU32, time::Duration};

use crate::{
    email::EmailKey,
    limit::{Bucket, Change, Keeping, Rate, Reached, TooManyAttempts, digest},
    session::Session,
    time::Timestamp,
    visitor::{ClientNetwork, Origin},
};

/// After how long one wrong password is forgotten that no right one followed. What is counted has to end
/// some day, or addresses that nobody has would be kept for ever.
const YEAR: Duration = Duration::from_hours(365 * 24);

/// How often passwords may be guessed. `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GuessLimits {
    /// How often one client may try the password of one account. It may try those of all accounts
    /// together, and all strangers together may try that of one account, four times as often at once
    /// and twice as often over time.
    pub rate: Option<Rate>,
    /// How many wrong passwords in a row an account takes.
    pub most: Option<NonZeroU32>,
}

/// An attempt at a password, and what it is counted in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guess {
    counted: Vec<(Scope, Bucket)>,
    is_locked: bool,
}

/// Whose attempts are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// Those of one client at all accounts.
    Client,
    /// Those of one client at one account.
    ClientAtAccount,
    /// Those of everybody at one account, which do not count against a client that it knows.
    Account,
    /// The wrong ones of everybody at one account, which do not count against a client that it knows.
    Row,
    /// The wrong ones of one client at one account.
    RowOfClient,
}

impl Scope {
    /// Wrong passwords in a row are counted for years.
    const fn keeping(self) -> Keeping {
        match self {
            Self::Client | Self::ClientAtAccount | Self::Account => Keeping::Passing,
            Self::Row | Self::RowOfClient => Keeping::Lasting,
        }
    }
}

impl Guess {
    /// An attempt to sign in to the account of an address, if there is one.
    pub fn at_sign_in(limits: GuessLimits, address: &EmailKey, origin: &Origin) -> Self {
        let client = origin.network();
        let names = Names::of(address, client.as_ref());
        let (often, most) = (limits.rate, limits.most.and_then(in_a_row));
        Self::in_each([
            (Scope::Client, names.client, often.map(|rate| rate.shared())),
            (Scope::ClientAtAccount, Some(names.client_at_account), often),
            (Scope::Account, Some(names.account), often.map(|rate| rate.shared())),
            (Scope::RowOfClient, Some(names.row_of_client), most),
            (Scope::Row, Some(names.row), most),
        ])
    }

    /// An attempt to give a password again, by somebody who is signed in. It is counted apart: nobody
    /// else can use it up.
    pub fn when_signed_in(limits: GuessLimits, address: &EmailKey) -> Self {
        let named = |what| Some(format!("{what} {}", digest(address, None)));
        Self::in_each([
            (Scope::ClientAtAccount, named("password again"), limits.rate),
            (Scope::RowOfClient, named("wrong again"), limits.most.and_then(in_a_row)),
        ])
    }

    fn in_each<const N: usize>(scopes: [(Scope, Option<String>, Option<Rate>); N]) -> Self {
        let bucket = |(scope, name, rate): (Scope, Option<String>, Option<Rate>)| {
            Some((scope, Bucket { name: name?, rate: rate?, keeping: scope.keeping() }))
        };
        Self { counted: scopes.into_iter().filter_map(bucket).collect(), is_locked: false }
    }

    /// What it is to be counted in.
    pub fn buckets(&self) -> Vec<Bucket> {
        self.counted.iter().map(|(_, bucket)| bucket.clone()).collect()
    }

    /// Whether no password is right any more.
    pub const fn is_locked(&self) -> bool {
        self.is_locked
    }

    /// Whether it matters, where there was no room, if the account knows the client.
    pub fn depends_on_the_client(&self, reached: &Reached) -> bool {
        matches!(self.scope(reached), Some(Scope::Account | Scope::Row))
    }

    /// Decides on an attempt that there was no room for: what it is to be counted in instead, or that it
    /// has to wait. An account that is locked is found out by nobody, because attempts at it are counted
    /// as before.
    pub fn without(
        mut self,
        reached: &Reached,
        is_known: bool,
        now: Timestamp,
    ) -> Result<Self, TooManyAttempts> {
        match self.scope(reached) {
            Some(Scope::Account | Scope::Row) if is_known => {}
            Some(Scope::Row | Scope::RowOfClient) => self.is_locked = true,
            Some(Scope::Client | Scope::ClientAtAccount | Scope::Account) | None => {
                return Err(reached.at(now));
            }
        }
        self.counted.retain(|(_, bucket)| bucket.name != reached.bucket.name);
        Ok(self)
    }

    fn scope(&self, reached: &Reached) -> Option<Scope> {
        let is_meant = |(_, bucket): &&(Scope, Bucket)| bucket.name == reached.bucket.name;
        self.counted.iter().find(is_meant).map(|(scope, _)| *scope)
    }

    /// What becomes of it when the password was right. Of what the client tried elsewhere it has only
    /// this attempt back: otherwise an account of its own would let it go on for ever.
    pub fn was_right(&self) -> Vec<Change> {
        if self.counted.is_empty() {
            return Vec::new();
        }
        let is_elsewhere = |(scope, _): &&(Scope, Bucket)| *scope == Scope::Client;
        let (elsewhere, here): (Vec<_>, Vec<_>) = self.counted.iter().partition(is_elsewhere);
        let given_back = elsewhere.into_iter().map(|(_, bucket)| Change::GiveBack(bucket.clone()));
        let forgotten = here.into_iter().map(|(_, bucket)| bucket.name.clone()).collect();
        given_back.chain([Change::Forget(forgotten)]).collect()
    }

    /// What becomes of it when the password was never compared.
    pub fn was_none(&self) -> Vec<Change> {
        self.counted.iter().map(|(_, bucket)| Change::GiveBack(bucket.clone())).collect()
    }
}

/// What is forgotten when the owner of an account has proven in another way who they are, at a client.
pub fn forgive(address: &EmailKey, origin: &Origin) -> Change {
    let names = Names::of(address, origin.network().as_ref());
    let Names { client: _, client_at_account, account, row, row_of_client } = names;
    Change::Forget(vec![client_at_account, account, row, row_of_client])
}

/// Whether somebody comes from where one of these sessions was opened.
pub fn is_known(earlier: &[Session], origin: &Origin) -> bool {
    let client = origin.network();
    client.is_some() && earlier.iter().any(|session| session.origin.network() == client)
}

/// So many times without a right one in between.
fn in_a_row(most: NonZeroU32) -> Option<Rate> {
    Rate::new(most.get(), YEAR.saturating_mul(most.get()))
}

/// What attempts to sign in are counted under.
struct Names {
    client: Option<String>,
    client_at_account: String,
    account: String,
    row: String,
    row_of_client: String,
}

impl Names {
    fn of(address: &EmailKey, client: Option<&ClientNetwork>) -> Self {
        let (all, one) = (digest(address, None), digest(address, client));
        Self {
            client: client.map(|client| format!("login from {}", client.as_str())),
            client_at_account: format!("login at {one}"),
            account: format!("login to {all}"),
            row: format!("wrong to {all}"),
            row_of_client: format!("wrong at {one}"),
        }
    }
}
