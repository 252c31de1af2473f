//! The mails that are sent: links to a new password, to people who have proven their addresses, so that
//! no limit of what strangers get is met.

use std::time::Duration;

use fastauth::{
    FastAuth,
    domain::{
        account::Account,
        email::EmailAddress,
        mail::{Link, Mail, Message},
        moment::Moment,
        one_time::Nonce,
        password::PasswordHash,
        time::Timestamp,
    },
    ports::{clock::Clock, mail::OutgoingMail},
};
use fastauth_system::SystemClock;

use crate::{
    Failure,
    people::{People, SECRET_KEY},
};

/// Longer than any measurement.
const DAY: Duration = Duration::from_hours(24);

/// So many mails, each to somebody else.
pub(crate) struct Mails {
    /// As the outbox has them.
    pub(crate) queued: Vec<Mail>,
    /// The same as they leave.
    pub(crate) written: Vec<OutgoingMail>,
}

impl Mails {
    /// Writes them as the server would.
    pub(crate) async fn new(count: u32) -> Result<Self, Failure> {
        let now = SystemClock.now();
        let queued: Result<Vec<_>, _> = (0..count).map(|number| mail(number, now)).collect();
        let queued = queued?;
        let auth = FastAuth::builder().database("memory://").secret_key(&SECRET_KEY.into());
        let auth = auth.build().await?;
        let letters = &auth.mail_relay().mail.letters;
        let written: Result<Vec<_>, _> = queued.iter().map(|mail| letters.write(mail)).collect();
        Ok(Self { queued, written: written? })
    }

    pub(crate) const fn count(&self) -> usize {
        self.queued.len()
    }
}

fn mail(number: u32, now: Timestamp) -> Result<Mail, Failure> {
    let mut seed = [0; 32];
    seed.iter_mut().zip(number.to_be_bytes()).for_each(|(to, from)| *to = from);
    let mut moment = Moment::new(now, seed);
    let email = EmailAddress::parse(&People::email(usize::try_from(number)?))?;
    let mut owner = Account::open(email, None, PasswordHash::from_phc(""), &mut moment);
    owner.verified_at = Some(now);
    let link = Link { nonce: Nonce::from_stored(seed), expires_at: now.plus(DAY) };
    Ok(Mail::new(&owner, Message::ResetPassword(link), &mut moment))
}
