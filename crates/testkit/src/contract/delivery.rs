//! What has become of mail, and the suppression list.

use fastauth_domain::{
    change::Changes,
    delivery::{Cause, Change, Delivery, Event, Notice, Reason, State, Suppression},
    identifier::MailId,
    mail::{Mail, Message},
    time::Timestamp,
};
use fastauth_ports::mail::Settlement;

use super::{
    flows::{self, NOW, address},
    world::{END_OF_TIME, World},
};

pub async fn a_mail_is_followed_from_the_queue_to_where_it_was_handed_over(world: &World) {
    let mail = enqueue(world, "Ada@example.com", NOW).await;
    let expected = Delivery {
        mail: mail.id,
        to: mail.to.clone(),
        topic: "password_changed".to_owned(),
        state: State::Queued,
        attempts: 0,
        created_at: NOW,
        settled_at: None,
        reason: None,
    };
    assert_eq!(delivery(world, mail.id).await, expected);
    world.store().claim(NOW, LEASE, 1).await.unwrap();
    let reason = Some(Reason::new("greylisted"));
    let retry = Settlement::Retry { at: NOW, reason: reason.clone() };
    world.store().settle(mail.id, retry).await.unwrap();
    let expected = Delivery { attempts: 1, reason, ..expected };
    assert_eq!(delivery(world, mail.id).await, expected);
    settle(world, mail.id, State::HandedOver).await;
    let expected =
        Delivery { state: State::HandedOver, settled_at: Some(NOW), reason: None, ..expected };
    assert_eq!(delivery(world, mail.id).await, expected);
}

pub async fn an_unknown_mail_has_no_history(world: &World) {
    let id = MailId::generate(&mut world.moment());
    assert_eq!(world.store().delivery(id).await.unwrap(), None);
    note(world, id, Event::HardBounce).await;
    assert!(!world.store().requeue(id, NOW).await.unwrap());
    assert!(!world.store().forget(id).await.unwrap());
}

pub async fn a_notice_moves_a_mail_on_and_never_back(world: &World) {
    let mail = enqueue(world, "ada@example.com", NOW).await;
    let state = async || delivery(world, mail.id).await.state;
    note(world, mail.id, Event::Delivered).await;
    assert_eq!(state().await, State::Queued);
    settle(world, mail.id, State::HandedOver).await;
    for (event, expected) in [
        (Event::Delivered, State::Delivered),
        (Event::HardBounce, State::Bounced),
        (Event::Delivered, State::Bounced),
        (Event::Complaint, State::Complained),
        (Event::SoftBounce, State::Complained),
    ] {
        note(world, mail.id, event).await;
        assert_eq!(state().await, expected, "{event:?}");
    }
}

pub async fn a_suppression_holds_for_one_address_until_it_is_lifted(world: &World) {
    let (ada, bob) = (address("Ada@example.com"), address("bob@example.com"));
    let suppression = |cause, at| Suppression { address: ada.key().clone(), cause, at };
    assert_eq!(world.store().suppression(ada.key()).await.unwrap(), None);
    for (cause, at) in [(Cause::HardBounce, NOW), (Cause::Complaint, END_OF_TIME)] {
        commit(world, Change::Suppress(suppression(cause, at))).await;
        let found = world.beside().await.suppression(address("ada@EXAMPLE.com").key()).await;
        assert_eq!(found.unwrap(), Some(suppression(cause, at)));
    }
    assert_eq!(world.store().suppression(bob.key()).await.unwrap(), None);
    for _ in 0..2 {
        commit(world, Change::Lift(ada.key().clone())).await;
        assert_eq!(world.store().suppression(ada.key()).await.unwrap(), None);
    }
}

pub async fn mails_are_found_by_address_and_by_state(world: &World) {
    let first = enqueue(world, "Ada@example.com", NOW).await.id;
    let second = enqueue(world, "ADA@example.com", NOW.plus(LEASE)).await.id;
    enqueue(world, "bob@example.com", NOW).await;
    let to_ada = async |limit| {
        let found = world.store().deliveries_to(address("ada@example.com").key(), limit).await;
        found.unwrap().iter().map(|delivery| delivery.mail).collect::<Vec<_>>()
    };
    assert_eq!(to_ada(10).await, [second, first]);
    assert_eq!(to_ada(1).await, [second]);
    settle(world, second, State::Refused).await;
    let refused = world.store().deliveries_in(State::Refused, 10).await.unwrap();
    assert_eq!(refused.iter().map(|it| it.mail).collect::<Vec<_>>(), [second]);
    assert_eq!(world.store().deliveries_in(State::Queued, 10).await.unwrap().len(), 2);
    assert_eq!(world.store().deliveries_in(State::Queued, 1).await.unwrap()[0].created_at, NOW);
}

pub async fn a_settled_mail_can_be_sent_again_and_be_forgotten(world: &World) {
    let mail = enqueue(world, "ada@example.com", NOW).await;
    world.store().claim(NOW, LEASE, 1).await.unwrap();
    settle(world, mail.id, State::Refused).await;
    assert!(world.store().requeue(mail.id, NOW).await.unwrap());
    let claimed = world.store().claim(NOW, LEASE, 1).await.unwrap();
    assert_eq!((claimed[0].mail.id, claimed[0].attempt), (mail.id, 1));
    assert!(world.store().forget(mail.id).await.unwrap());
    assert_eq!(world.store().delivery(mail.id).await.unwrap(), None);
    assert!(world.store().claim(END_OF_TIME, LEASE, 1).await.unwrap().is_empty());
}

const LEASE: std::time::Duration = std::time::Duration::from_mins(5);

pub async fn all_mail_about_an_account_is_forgotten(world: &World) {
    let ada = world.sign_up("ada@example.com").await.account;
    let bob = world.sign_up("bob@example.com").await.account;
    let to_ada = Mail::new(&ada, Message::PasswordChanged, &mut world.moment());
    let elsewhere = to_ada.clone().to(address("ada@example.net"));
    let elsewhere = Mail { id: MailId::generate(&mut world.moment()), ..elsewhere };
    let to_bob = Mail::new(&bob, Message::PasswordChanged, &mut world.moment());
    for mail in [&to_ada, &elsewhere, &to_bob] {
        world.commit(&Changes::default().with(mail.clone())).await;
    }
    settle(world, to_ada.id, State::HandedOver).await;
    world.commit(&Changes::default().with(Change::ForgetAll(ada.id))).await;
    let store = world.store();
    for forgotten in [to_ada.id, elsewhere.id] {
        assert_eq!(store.delivery(forgotten).await.unwrap(), None);
    }
    assert_eq!(store.deliveries_to(ada.email.key(), 10).await.unwrap(), []);
    assert_eq!(store.delivery(to_bob.id).await.unwrap().unwrap().mail, to_bob.id);
}

async fn enqueue(world: &World, to: &str, at: Timestamp) -> Mail {
    let mail = Mail::new(&flows::owner(to), Message::PasswordChanged, &mut world.moment_at(at));
    world.commit(&Changes::default().with(mail.clone())).await;
    mail
}

async fn delivery(world: &World, id: MailId) -> Delivery {
    world.store().delivery(id).await.unwrap().unwrap()
}

async fn settle(world: &World, id: MailId, state: State) {
    let settlement = Settlement::Done { state, reason: None, at: NOW };
    world.store().settle(id, settlement).await.unwrap();
}

async fn note(world: &World, mail: MailId, event: Event) {
    commit(world, Change::Note(Notice { mail, event, reason: None })).await;
}

async fn commit(world: &World, change: Change) {
    world.commit(&Changes::default().with(change)).await;
}
