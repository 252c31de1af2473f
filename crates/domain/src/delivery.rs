//! What becomes of a mail after it was put into the outbox, and which addresses get none any more.

use crate::{
    email::{EmailAddress, EmailKey},
    identifier::{AccountId, MailId},
    time::Timestamp,
};

/// How far a mail has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// It waits in the outbox.
    Queued,
    /// The mail server or service has taken it; that is not yet the recipient's mailbox.
    HandedOver,
    /// The provider says that the recipient's server has taken it.
    Delivered,
    /// The provider says that the recipient's server has refused it.
    Bounced,
    /// The recipient has complained about it.
    Complained,
    /// The mail server or service will never take it.
    Refused,
    /// Its link ended before it could be handed over.
    Expired,
    /// Its recipient is on the suppression list.
    Suppressed,
    /// Too much mail to strangers was to be sent at the time.
    Withheld,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Queued,
        Self::HandedOver,
        Self::Delivered,
        Self::Bounced,
        Self::Complained,
        Self::Refused,
        Self::Expired,
        Self::Suppressed,
        Self::Withheld,
    ];

    /// The stable name, for storage and people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::HandedOver => "handed_over",
            Self::Delivered => "delivered",
            Self::Bounced => "bounced",
            Self::Complained => "complained",
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::Suppressed => "suppressed",
            Self::Withheld => "withheld",
        }
    }

    /// The state of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// Why a mail is where it is, in one short line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(String);

impl Reason {
    /// The most characters it has.
    pub const MAX_LENGTH: usize = 200;

    /// The beginning of a text, on one line.
    pub fn new(text: &str) -> Self {
        let is_kept = |it: &char| it.is_whitespace() || !it.is_control();
        let printable: String = text.chars().filter(is_kept).collect();
        let line = printable.split_whitespace().collect::<Vec<_>>().join(" ");
        let beginning: String = line.chars().take(Self::MAX_LENGTH).collect();
        Self(beginning.trim_end().to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the provider tells of a mail that it was handed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The mail. An identifier that is not one of ours is of no consequence.
    pub mail: MailId,
    /// What happened to it.
    pub event: Event,
    /// In the provider's words.
    pub reason: Option<Reason>,
}

/// What happened to a mail at the provider's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The recipient's server has taken it.
    Delivered,
    /// The recipient's server has refused it for the moment; the provider has given up.
    SoftBounce,
    /// The recipient's server has refused it for good: there is no such mailbox.
    HardBounce,
    /// The recipient has marked it as unwanted.
    Complaint,
}

impl Event {
    /// How far the mail has come then.
    pub const fn state(self) -> State {
        match self {
            Self::Delivered => State::Delivered,
            Self::SoftBounce | Self::HardBounce => State::Bounced,
            Self::Complaint => State::Complained,
        }
    }

    /// Why its recipient gets no more mail then, if so.
    pub const fn suppresses(self) -> Option<Cause> {
        match self {
            Self::Delivered | Self::SoftBounce => None,
            Self::HardBounce => Some(Cause::HardBounce),
            Self::Complaint => Some(Cause::Complaint),
        }
    }

    /// From where a mail gets there. Notices come late and in any order: a delivery says nothing
    /// new about a mail that has bounced since, and a complaint is the last word.
    pub const fn predecessors(self) -> &'static [State] {
        match self {
            Self::Delivered => &[State::HandedOver],
            Self::SoftBounce | Self::HardBounce => &[State::HandedOver, State::Delivered],
            Self::Complaint => &[State::HandedOver, State::Delivered, State::Bounced],
        }
    }
}

/// Why an address gets no mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// There is no such mailbox.
    HardBounce,
    /// Its owner has complained.
    Complaint,
}

impl Cause {
    /// The stable name, for storage and people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HardBounce => "hard_bounce",
            Self::Complaint => "complaint",
        }
    }

    /// The cause of a name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::HardBounce, Self::Complaint].into_iter().find(|cause| cause.name() == name)
    }
}

/// An address that gets no mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// The address.
    pub address: EmailKey,
    /// Why.
    pub cause: Cause,
    /// Since when.
    pub at: Timestamp,
}

/// A mail with what has become of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The mail.
    pub mail: MailId,
    /// Its recipient.
    pub to: EmailAddress,
    /// What it is about.
    pub topic: String,
    /// How far it has come.
    pub state: State,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was put into the outbox.
    pub created_at: Timestamp,
    /// When it left the queue.
    pub settled_at: Option<Timestamp>,
    /// Why it is where it is, or why the last attempt failed.
    pub reason: Option<Reason>,
}

/// What is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// What the provider told of a mail, if it says something new.
    Note(Notice),
    /// An address gets no more mail.
    Suppress(Suppression),
    /// An address gets mail again.
    Lift(EmailKey),
    /// All mail about an account is removed, whatever has become of it.
    ForgetAll(AccountId),
}

/// What a notice changes. Whom it concerns is taken from the mail that we sent and not from what the
/// notice says: a forged one cannot reach anybody else.
pub fn receive(found: Option<&Delivery>, notice: Notice, now: Timestamp) -> Vec<Change> {
    let Some(delivery) = found.filter(|it| notice.event.predecessors().contains(&it.state)) else {
        return Vec::new();
    };
    let suppression = notice.event.suppresses().map(|cause| {
        Change::Suppress(Suppression { address: delivery.to.key().clone(), cause, at: now })
    });
    [Change::Note(notice)].into_iter().chain(suppression).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_micros(7);

    fn delivery(state: State) -> Delivery {
        Delivery {
            mail: MailId::from(uuid::Uuid::from_u128(1)),
            to: EmailAddress::parse("Ada@example.com").unwrap(),
            topic: "verify_email".to_owned(),
            state,
            attempts: 1,
            created_at: NOW,
            settled_at: None,
            reason: None,
        }
    }

    fn notice(event: Event) -> Notice {
        Notice { mail: MailId::from(uuid::Uuid::from_u128(1)), event, reason: None }
    }

    #[test]
    fn hard_bounces_and_complaints_put_the_recipient_on_the_list_and_nothing_else_does() {
        let changes = |event| receive(Some(&delivery(State::HandedOver)), notice(event), NOW).len();
        assert_eq!([Event::Delivered, Event::SoftBounce].map(changes), [1, 1]);
        assert_eq!([Event::HardBounce, Event::Complaint].map(changes), [2, 2]);
    }

    #[test]
    fn a_notice_about_a_mail_that_never_left_changes_nothing() {
        for event in [Event::Delivered, Event::SoftBounce, Event::HardBounce, Event::Complaint] {
            assert_eq!(receive(None, notice(event), NOW), []);
            for state in [State::Queued, State::Refused, State::Expired, State::Suppressed] {
                assert_eq!(receive(Some(&delivery(state)), notice(event), NOW), [], "{state:?}");
            }
        }
    }

    #[test]
    fn a_late_notice_does_not_take_back_a_worse_one() {
        let is_news =
            |state, event| !receive(Some(&delivery(state)), notice(event), NOW).is_empty();
        assert!(is_news(State::Delivered, Event::HardBounce));
        assert!(is_news(State::Bounced, Event::Complaint));
        assert!(!is_news(State::Bounced, Event::Delivered));
        assert!(!is_news(State::Complained, Event::HardBounce));
        assert!(!is_news(State::Complained, Event::Complaint));
    }

    #[test]
    fn a_reason_is_one_short_line() {
        let reason = Reason::new(&format!("550\r\n no such\tuser {}", "x".repeat(500)));
        assert!(reason.as_str().starts_with("550 no such user x"));
        assert_eq!(reason.as_str().chars().count(), Reason::MAX_LENGTH);
    }

    #[test]
    fn a_reason_that_was_stored_is_read_as_itself() {
        let cut_at_a_blank = format!("{} b", "a".repeat(Reason::MAX_LENGTH - 1));
        for text in ["\0 550 no", "550 \u{1b} no", "550 no \0", &cut_at_a_blank] {
            let reason = Reason::new(text);
            assert_eq!(Reason::new(reason.as_str()), reason, "{text:?}");
        }
        assert_eq!(Reason::new(" 550 \u{7f} no\0such user ").as_str(), "550 nosuch user");
    }

    #[test]
    fn names_are_found_again() {
        assert!(State::ALL.into_iter().all(|state| State::named(state.name()) == Some(state)));
        assert_eq!(Cause::named("complaint"), Some(Cause::Complaint));
        assert_eq!(State::named("unheard_of"), None);
    }
}
