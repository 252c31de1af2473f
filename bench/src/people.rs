//! The people of a benchmark. All about a person follows from a number, tokens included, so that
//! nothing of a million of them has to be remembered.

use std::time::Duration;

use fastauth_domain::{
    account::Account,
    audit::{Event, EventKind},
    email::EmailAddress,
    gate::{self, VerificationRule},
    moment::Moment,
    password::PasswordHash,
    refresh_token::RefreshKey,
    server_key::ServerKey,
    session::{Persistence, Session, SessionLimits, SessionPolicy},
    time::Timestamp,
};

use crate::Failure;

/// Everybody's password.
pub(crate) const PASSWORD: &str = "securepassword123";
/// Its hash under the server's default parameters: a million of their own would take hours.
const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$YmVuY2htYXJrLXBlb3BsZQ$zjZYxyejti4PqMC/VwMbYsQ0khSzgjDftvRkWkYSgqg";
/// The secret of the servers that are measured, which nobody else can reach.
pub(crate) const SECRET_KEY: &str = "Zk3vQ9sW1xN6bT8yH2mC4pL7rD5fJ0gAeU";
/// Every so many people one is signed in.
const SIGNED_IN: usize = 2;
/// Over how long they have registered.
const DAY: Duration = Duration::from_hours(24);

/// So many people who have registered over a day.
#[derive(Clone, Copy, Debug)]
pub(crate) struct People {
    pub(crate) count: usize,
    pub(crate) until: Timestamp,
}

/// One of them, as the server would have stored them.
pub(crate) struct Person {
    pub(crate) account: Account,
    pub(crate) event: Event,
    pub(crate) session: Option<Session>,
    refresh_token: Option<String>,
}

impl People {
    /// The last of them has registered just before this.
    pub(crate) const fn until(now: Timestamp, count: usize) -> Self {
        Self { count, until: now }
    }

    pub(crate) fn email(number: usize) -> String {
        format!("person{number}@example.com")
    }

    /// How many are signed in.
    pub(crate) const fn signed_in(&self) -> usize {
        self.count / SIGNED_IN
    }

    /// The number of one who is signed in, of so many.
    pub(crate) const fn nth_signed_in(nth: usize) -> usize {
        nth * SIGNED_IN
    }

    /// The refresh token that a person was given at first.
    pub(crate) fn refresh_token(&self, number: usize) -> Result<String, Failure> {
        self.person(number)?.refresh_token.ok_or_else(|| "nobody is signed in there".into())
    }

    /// Makes a person up, the same one each time.
    pub(crate) fn person(&self, number: usize) -> Result<Person, Failure> {
        let moment = &mut self.moment(number)?;
        let email = EmailAddress::parse(&Self::email(number))?;
        let mut account = Account::open(email, None, PasswordHash::from_phc(HASH), moment);
        let event = Event::new(EventKind::Registered, moment).about(account.id);
        if !number.is_multiple_of(SIGNED_IN) {
            return Ok(Person { account, event, session: None, refresh_token: None });
        }
        account.last_login = Some(moment.now());
        let admitted = gate::admit(&account, VerificationRule::Optional);
        let active = admitted.map_err(|refusal| format!("{refusal:?}"))?;
        let (session, grant) = active.open_session(Persistence::Normal, &policy(), moment);
        let key = RefreshKey::new(&ServerKey::parse(SECRET_KEY.into())?);
        let refresh_token = Some(grant.refresh_token().seal(&key).expose().to_owned());
        let event = event.in_session(session.id);
        Ok(Person { account, event, session: Some(session), refresh_token })
    }

    fn moment(&self, number: usize) -> Result<Moment, Failure> {
        let mut seed = [0; 32];
        seed.iter_mut().zip(number.to_be_bytes()).for_each(|(to, from)| *to = from);
        let [number, count] = [u32::try_from(number)?, u32::try_from(self.count)?];
        let since = DAY.mul_f64(f64::from(number) / f64::from(count.max(1)));
        Ok(Moment::new(self.until.minus(DAY).plus(since), seed))
    }
}

/// As the server has it by default.
const fn policy() -> SessionPolicy {
    let normal = SessionLimits {
        idle: Duration::from_hours(7 * 24),
        absolute: Duration::from_hours(30 * 24),
    };
    SessionPolicy {
        normal,
        remembered: normal,
        reuse_interval: Duration::from_secs(10),
        most: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_the_same_each_time_and_nobody_else() {
        let people = People::until(Timestamp::from_unix_micros(1_800_000_000_000_000), 10);
        let [once, again, other] = [2, 2, 4].map(|number| people.person(number).unwrap());
        assert_eq!(once.account, again.account);
        assert_eq!(once.session, again.session);
        assert_eq!(once.refresh_token, again.refresh_token);
        assert_ne!(once.account.id, other.account.id);
        assert_ne!(once.refresh_token, other.refresh_token);
    }

    #[test]
    fn those_who_are_counted_as_signed_in_have_a_token() {
        let people = People::until(Timestamp::from_unix_micros(1_800_000_000_000_000), 9);
        for nth in 0..people.signed_in() {
            assert!(people.refresh_token(People::nth_signed_in(nth)).is_ok());
        }
        assert!(people.refresh_token(1).is_err());
    }
}
