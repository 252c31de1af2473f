//! Making an account for somebody, as whoever runs the server does.
//!
//! Nobody is signed in by it, and whether an address is taken is said: whoever may do this may look it up.

use crate::{
    account::{self, Account, DisplayName},
    audit::{Event, EventKind},
    change::{Changes, Decision},
    email::EmailAddress,
    mail::{Mail, Message},
    moment::Moment,
    one_time::{Issuer, Kind},
    password::PasswordHash,
    register::UserAlreadyExists,
    role::{self, RoleName},
};

/// The account to make.
#[derive(Clone, Debug)]
pub struct Provision<P> {
    /// Where its owner's mail goes.
    pub email: EmailAddress,
    /// What its owner is called.
    pub name: Option<DisplayName>,
    /// Whether the address is known to be its owner's, so that nobody has to prove it.
    pub is_verified: bool,
    /// The role that it starts with. It must be there; otherwise the changes are in conflict.
    pub role: Option<RoleName>,
    /// How its owner comes by a password.
    pub password: FirstPassword<P>,
}

/// How the owner of a new account comes by a password.
#[derive(Clone, Debug)]
pub enum FirstPassword<P> {
    /// It is this one, which they are told in some other way.
    Chosen(P),
    /// They ask for a link, as if they had forgotten it.
    LeftToOwner,
    /// They are mailed a link at once.
    Invited,
}

/// Decides to make an account, given the one that has the address, if any. A chosen password leaves it to
/// the owner to prove the address, as registering does.
pub fn provision(
    taken: Option<&Account>,
    provision: &Provision<PasswordHash>,
    issuer: &Issuer,
    moment: &mut Moment,
) -> Decision<Result<Account, UserAlreadyExists>> {
    if taken.is_some() {
        return Decision::unchanged(Err(UserAlreadyExists));
    }
    let account = open(provision, moment);
    let role = provision.role.clone();
    let assignment = role.map(|role| role::Change::Assign { account: account.id, role });
    let created =
        Changes::default().with(account::Change::Create(account.clone())).with_any(assignment);
    let mailed = match (&provision.password, provision.is_verified) {
        (FirstPassword::Chosen(_), false) => {
            let (token, link) = issuer.issue(Kind::EmailVerification, account.id, moment);
            created.with(token).with(Mail::new(&account, Message::VerifyEmail(link), moment))
        }
        (FirstPassword::Invited, _) => {
            let (token, link) = issuer.issue(Kind::PasswordReset, account.id, moment);
            created.with(token).with(Mail::new(&account, Message::ResetPassword(link), moment))
        }
        (FirstPassword::Chosen(_), true) | (FirstPassword::LeftToOwner, _) => created,
    };
    let changes = events(provision)
        .map(|kind| Event::new(kind, moment).about(account.id))
        .fold(mailed, Changes::with);
    let assigned = provision
        .role
        .as_ref()
        .map(|role| Event::new(EventKind::RoleAssigned, moment).about(account.id).telling(role));
    let changes = changes.with_any(assigned);
    Decision { changes, answer: Ok(account) }
}

fn open(provision: &Provision<PasswordHash>, moment: &mut Moment) -> Account {
    let password = match &provision.password {
        FirstPassword::Chosen(password) => Some(password.clone()),
        FirstPassword::LeftToOwner | FirstPassword::Invited => None,
    };
    let verified_at = provision.is_verified.then(|| moment.now());
    let (email, name) = (provision.email.clone(), provision.name.clone());
    Account { password, verified_at, ..Account::without_password(email, name, moment) }
}

/// What has happened, each as it would be told if it had happened alone.
fn events(provision: &Provision<PasswordHash>) -> impl Iterator<Item = EventKind> {
    let verified = provision.is_verified.then_some(EventKind::EmailVerified);
    let invited = match provision.password {
        FirstPassword::Invited => Some(EventKind::PasswordResetRequested),
        FirstPassword::Chosen(_) | FirstPassword::LeftToOwner => None,
    };
    [Some(EventKind::Registered), verified, invited].into_iter().flatten()
}
