//! Proving that mail to an address is received.

use crate::{
    account::{self, Account},
    audit::{Event, EventKind},
    change::{Changes, Decision},
    mail::{Mail, Message},
    moment::Moment,
    one_time::{self, IssuedToken, Issuer, Kind, TokenRefused},
};

/// Decides a request for a verification mail: the owner of an open account that is not verified
/// yet gets a link.
pub fn request(found: Option<&Account>, issuer: &Issuer, moment: &mut Moment) -> Decision<()> {
    let event = Event::new(EventKind::EmailVerificationRequested, moment)
        .about_any(found.map(|account| account.id));
    let is_pending =
        |account: &&Account| account.disabled_at.is_none() && account.verified_at.is_none();
    let changes = match found.filter(is_pending) {
        Some(account) => {
            let (token, link) = issuer.issue(Kind::EmailVerification, account.id, moment);
            let mail = Mail::new(account, Message::VerifyEmail(link), moment);
            Changes::default().with(token).with(mail)
        }
        None => Changes::default(),
    };
    Decision { changes: changes.with(event), answer: () }
}

/// Decides a verification.
pub fn confirm(
    found: Option<&IssuedToken>,
    moment: &mut Moment,
) -> Decision<Result<(), TokenRefused>> {
    let at = moment.now();
    let (account, consumed) = match one_time::consume_once(found, at) {
        Ok(consumable) => consumable,
        Err(refused) => return Decision::unchanged(Err(refused)),
    };
    let changes = Changes::default()
        .with(account::Change::Verify { id: account.id, version: account.version, at })
        .with(consumed)
        .with(Event::new(EventKind::EmailVerified, moment).about(account.id));
    Decision { changes, answer: Ok(()) }
}
