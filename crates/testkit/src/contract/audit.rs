//! The audit trail.

use std::time::Duration;

use fastauth_domain::{
    audit::{Change, Detail, Event, EventKind},
    change::Changes,
};

use super::{
    flows::{self, NOW},
    world::World,
};

pub async fn every_kind_of_event_is_kept_whole(world: &World) {
    let person = world.sign_up("ada@example.com").await;
    let (account, session) = (person.account.id, person.grant.session());
    let mut expected = world.events().await;
    for &kind in EventKind::ALL {
        let about_nobody = Event::new(kind, &mut world.moment().of(&flows::visitor()));
        let about_somebody = Event::new(kind, &mut world.moment()).about(account);
        let in_session = Event::new(kind, &mut world.moment()).about(account).in_session(session);
        let detail = "🦀".repeat(Detail::MAX_LENGTH + 1);
        let by_somebody = Event::new(kind, &mut world.moment()).by(Some(account)).telling(detail);
        for event in [about_nobody, about_somebody, in_session, by_somebody] {
            world.commit(&Changes::default().with(event.clone())).await;
            expected.push(event);
        }
    }
    expected.sort_by_key(|event| event.id);
    assert_eq!(world.events().await, expected);
}

pub async fn the_events_about_an_account_are_read_in_pages(world: &World) {
    let ada = world.sign_up("ada@example.com").await.account;
    world.sign_up("bob@example.com").await;
    let mut expected: Vec<_> = world.events().await;
    expected.retain(|event| event.account == Some(ada.id));
    for second in 1..=4 {
        let mut moment = world.moment_at(NOW.plus(Duration::from_secs(second)));
        let event = Event::new(EventKind::SignedIn, &mut moment).about(ada.id);
        world.commit(&Changes::default().with(event.clone())).await;
        expected.insert(0, event);
    }
    let store = world.store();
    assert_eq!(store.events_about(ada.id, None, 100).await.unwrap(), expected);
    assert_eq!(store.events_about(ada.id, None, 3).await.unwrap(), expected[..3]);
    let last = expected[2].id;
    assert_eq!(store.events_about(ada.id, Some(last), 100).await.unwrap(), expected[3..]);
}

pub async fn events_are_read_by_when_they_happened(world: &World) {
    let at = |second| NOW.plus(Duration::from_secs(second));
    let mut expected = Vec::new();
    for second in [2, 1, 3] {
        let event = Event::new(EventKind::SignInRefused, &mut world.moment_at(at(second)));
        world.commit(&Changes::default().with(event.clone())).await;
        expected.push(event);
    }
    expected.sort_by_key(|event| event.at);
    let store = world.store();
    assert_eq!(store.events_since(at(2), 100).await.unwrap(), expected[1..]);
    assert_eq!(store.events_since(at(0), 2).await.unwrap(), expected[..2]);
    expected.reverse();
    assert_eq!(store.latest_events(2).await.unwrap(), expected[..2]);
}

pub async fn the_events_about_an_account_are_removed(world: &World) {
    let ada = world.sign_up("ada@example.com").await.account;
    world.sign_up("bob@example.com").await;
    let mut expected = world.events().await;
    expected.retain(|event| event.account != Some(ada.id));
    world.commit(&Changes::default().with(Change::Erase(ada.id))).await;
    assert_eq!(world.events().await, expected);
    assert!(!expected.is_empty());
}
