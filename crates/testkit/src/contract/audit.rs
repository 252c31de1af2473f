//! The audit trail.

use fastauth_domain::{
    audit::{Detail, Event, EventKind},
    change::Changes,
};

use super::world::World;

pub async fn every_kind_of_event_is_kept_whole(world: &World) {
    let person = world.sign_up("ada@example.com").await;
    let (account, session) = (person.account.id, person.grant.session());
    let mut expected = world.events().await;
    for &kind in EventKind::ALL {
        let about_nobody = Event::new(kind, &mut world.moment());
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
