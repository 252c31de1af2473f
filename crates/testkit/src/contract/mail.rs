//! The outbox.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use fastauth_domain::{
    change::Changes,
    delivery::{Reason, State},
    identifier::MailId,
    language::Language,
    mail::{Link, Mail, Message},
    one_time::Nonce,
    time::Timestamp,
    visitor::{DeviceName, Origin, Visitor},
};
use fastauth_ports::mail::{Backlog, ClaimedMail, Settlement};
use tokio::{sync::Barrier, task::JoinSet};

use super::{
    flows::{self, NOW},
    world::{END_OF_TIME, World},
};

const LEASE: Duration = Duration::from_mins(5);
const MICROSECOND: Duration = Duration::from_micros(1);

pub async fn every_message_is_handed_out_as_it_was_stored(world: &World) {
    let longest = format!("{}@{}.example", "ü".repeat(32), ["label"; 30].join("."));
    let longest = flows::address(&longest);
    let link = |byte, expires_at| Link { nonce: Nonce::from_stored([byte; 32]), expires_at };
    for message in [
        Message::VerifyEmail(link(0, END_OF_TIME)),
        Message::ResetPassword(link(0x7f, NOW.plus(MICROSECOND))),
        Message::AlreadyRegistered(link(0xff, NOW)),
        Message::PasswordChanged,
        Message::SessionStolen,
        Message::NewSignIn(None),
        Message::NewSignIn(DeviceName::of(&"ö".repeat(DeviceName::MAX_LENGTH))),
        Message::ChangeEmail(link(1, END_OF_TIME)),
        Message::EmailChangeRequested { to: longest.clone(), link: link(2, END_OF_TIME) },
        Message::EmailChangeRepeated(longest.clone()),
        Message::AccountClosed,
    ] {
        let address = "2001:db8::1".parse().ok();
        let origin = Origin { address, ..Origin::default() };
        let visitor = Visitor { language: Language::parse("zh-Hant-TW").ok(), origin };
        let owner = flows::owner("JOSé@bücher.example");
        let mail = Mail::new(&owner, message, &mut world.moment().of(&visitor));
        world.commit(&Changes::default().with(mail.clone())).await;
        let claimed = world.store().claim(NOW, LEASE, 10).await.unwrap();
        assert_eq!(claimed, [ClaimedMail { mail, attempt: 1 }]);
    }
}

pub async fn an_empty_outbox_hands_out_nothing(world: &World) {
    assert_eq!(claim(world, END_OF_TIME, 10).await, []);
}

pub async fn the_mail_that_has_waited_longest_goes_first(world: &World) {
    let third = enqueue(world, NOW.plus(3 * MICROSECOND)).await;
    let first = enqueue(world, NOW.plus(MICROSECOND)).await;
    let second = enqueue(world, NOW.plus(2 * MICROSECOND)).await;
    let later = NOW.plus(LEASE);
    assert_eq!(claim(world, later, 1).await, [(first, 1)]);
    // A mail to be tried again waits from then on.
    settle(world, first, later_on(later)).await;
    assert_eq!(claim(world, later, 10).await, [(second, 1), (third, 1), (first, 2)]);
}

pub async fn no_more_is_handed_out_than_asked_for(world: &World) {
    for nth in 0..5 {
        enqueue(world, NOW.plus(nth * MICROSECOND)).await;
    }
    for expected in [2, 2, 1, 0] {
        assert_eq!(claim(world, NOW.plus(5 * MICROSECOND), 2).await.len(), expected);
    }
}

pub async fn a_claimed_mail_is_nobody_elses_until_its_lease_ends(world: &World) {
    let id = enqueue(world, NOW).await;
    let beside = world.beside().await;
    let mut now = NOW;
    for attempt in 1..=3 {
        assert_eq!(claim(world, now, 10).await, [(id, attempt)]);
        let end = now.plus(LEASE);
        let just_before = Timestamp::from_unix_micros(end.unix_micros() - 1);
        for moment in [now, just_before] {
            assert_eq!(claim(world, moment, 10).await, []);
            assert!(beside.claim(moment, LEASE, 10).await.unwrap().is_empty());
        }
        now = end;
    }
}

pub async fn a_mail_that_is_done_with_is_not_handed_out_again(world: &World) {
    let (id, other) = (enqueue(world, NOW).await, enqueue(world, NOW).await);
    claim(world, NOW, 10).await;
    settle(world, id, done(State::HandedOver)).await;
    assert_eq!(claim(world, END_OF_TIME, 10).await, [(other, 2)]);
}

pub async fn a_mail_to_be_tried_again_is_due_then_and_not_before(world: &World) {
    let id = enqueue(world, NOW).await;
    let early = NOW.plus(MICROSECOND);
    let late = NOW.plus(10 * LEASE);
    claim(world, NOW, 10).await;
    // Both before the lease would end, and after.
    for (attempt, due) in [(2, early), (3, late)] {
        settle(world, id, later_on(due)).await;
        let just_before = Timestamp::from_unix_micros(due.unix_micros() - 1);
        assert_eq!(claim(world, just_before, 10).await, []);
        assert_eq!(claim(world, due, 10).await, [(id, attempt)]);
    }
}

pub async fn a_mail_that_was_tried_is_no_first_contact_any_more(world: &World) {
    let link = Link { nonce: Nonce::from_stored([7; 32]), expires_at: END_OF_TIME };
    let owner = flows::owner("ada@example.com");
    let mail = Mail::new(&owner, Message::VerifyEmail(link), &mut world.moment());
    world.commit(&Changes::default().with(mail.clone())).await;
    let is_first_contact = async || {
        let claimed = world.store().claim(NOW, LEASE, 10).await.unwrap();
        claimed.first().unwrap().mail.is_first_contact
    };
    assert!(is_first_contact().await);
    settle(world, mail.id, Settlement::Postpone { until: NOW }).await;
    assert!(is_first_contact().await);
    settle(world, mail.id, later_on(NOW)).await;
    assert!(!is_first_contact().await);
}

pub async fn settling_what_is_settled_changes_nothing(world: &World) {
    let id = enqueue(world, NOW).await;
    claim(world, NOW, 10).await;
    for settlement in [done(State::HandedOver), done(State::Refused), later_on(NOW)] {
        settle(world, id, settlement).await;
    }
    assert_eq!(claim(world, END_OF_TIME, 10).await, []);
    let delivery = world.store().delivery(id).await.unwrap().unwrap();
    assert_eq!(delivery.state, State::HandedOver);
}

pub async fn the_backlog_is_what_waits_and_since_when(world: &World) {
    assert_eq!(world.store().backlog().await.unwrap(), Backlog::default());
    let first = enqueue(world, NOW).await;
    let later = NOW.plus(MICROSECOND);
    enqueue(world, later).await;
    let backlog = async || world.store().backlog().await.unwrap();
    assert_eq!(backlog().await, Backlog { waiting: 2, oldest: Some(NOW) });
    claim(world, NOW, 1).await;
    assert_eq!(backlog().await, Backlog { waiting: 2, oldest: Some(NOW) });
    settle(world, first, done(State::HandedOver)).await;
    assert_eq!(backlog().await, Backlog { waiting: 1, oldest: Some(later) });
}

pub async fn no_mail_is_handed_out_twice_however_many_ask(world: &World) {
    let mut expected = BTreeSet::new();
    for nth in 0..48 {
        expected.insert(enqueue(world, NOW.plus(nth / 8 * MICROSECOND)).await);
    }
    let mut claimed = Vec::new();
    for ids in claim_everything(world, 8).await {
        claimed.extend(ids);
    }
    assert_eq!(claimed.len(), expected.len());
    assert_eq!(BTreeSet::from_iter(claimed), expected);
}

pub async fn nobody_leaves_empty_handed_while_there_is_mail_for_all(world: &World) {
    const RELAYS: u32 = 8;
    for nth in 0..RELAYS * 2 {
        enqueue(world, NOW.plus(nth * MICROSECOND)).await;
    }
    let start = Arc::new(Barrier::new(RELAYS as usize));
    let mut running = JoinSet::new();
    for _ in 0..RELAYS {
        let (store, start) = (world.beside().await, Arc::clone(&start));
        running.spawn(async move {
            start.wait().await;
            store.claim(NOW.plus(LEASE), LEASE, 2).await.unwrap().len()
        });
    }
    let counts = running.join_all().await;
    assert!(counts.iter().all(|count| (1..=2).contains(count)), "{counts:?}");
}

/// What each of several relays claims, all at once, until they find nothing more.
async fn claim_everything(world: &World, relays: usize) -> Vec<Vec<MailId>> {
    let start = Arc::new(Barrier::new(relays));
    let mut running = JoinSet::new();
    for _ in 0..relays {
        let (store, start) = (world.beside().await, Arc::clone(&start));
        running.spawn(async move {
            start.wait().await;
            let mut ids = Vec::new();
            // More often than there are mails, nobody has to ask.
            for _ in 0..100 {
                let claimed = store.claim(NOW.plus(LEASE), LEASE, 5).await.unwrap();
                if claimed.is_empty() {
                    break;
                }
                ids.extend(claimed.into_iter().map(|claimed| claimed.mail.id));
            }
            ids
        });
    }
    running.join_all().await
}

/// Puts a mail into the outbox.
async fn enqueue(world: &World, at: Timestamp) -> MailId {
    let to = flows::owner("ada@example.com");
    let mail = Mail::new(&to, Message::PasswordChanged, &mut world.moment_at(at));
    let id = mail.id;
    world.commit(&Changes::default().with(mail)).await;
    id
}

/// Claims mail, and says which, for the how-manieth time.
async fn claim(world: &World, now: Timestamp, limit: u32) -> Vec<(MailId, u32)> {
    let claimed = world.store().claim(now, LEASE, limit).await.unwrap();
    claimed.into_iter().map(|claimed| (claimed.mail.id, claimed.attempt)).collect()
}

fn done(state: State) -> Settlement {
    Settlement::Done { state, reason: None, at: NOW }
}

fn later_on(at: Timestamp) -> Settlement {
    Settlement::Retry { at, reason: Some(Reason::new("not now")) }
}

async fn settle(world: &World, id: MailId, settlement: Settlement) {
    world.store().settle(id, settlement).await.unwrap();
}
