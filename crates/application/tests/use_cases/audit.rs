//! Following the audit trail.

use std::{sync::Arc, time::Duration};

use fastauth_application::audit::{AuditTrail, Follower};
use fastauth_domain::{
    audit::{Event, EventKind},
    change::Changes,
    identifier::EventId,
    moment::Moment,
    time::Timestamp,
};
use fastauth_memory::MemoryStore;
use fastauth_ports::{clock::Clock, commit::Commit, randomness::Randomness};
use fastauth_testkit::{clock::TurnableClock, randomness::Dice};

/// A trail, and what it is followed by.
#[derive(Default)]
struct Scene {
    store: Arc<MemoryStore>,
    clock: Arc<TurnableClock>,
    dice: Dice,
}

impl Scene {
    /// Stores an event that happened at this moment.
    async fn event(&self, at: Timestamp) -> EventId {
        let mut moment = Moment::new(at, self.dice.seed().unwrap());
        let event = Event::new(EventKind::SignedIn, &mut moment);
        let id = event.id;
        self.store.commit(&Changes::default().with(event)).await.unwrap();
        id
    }

    async fn follower(&self) -> Follower {
        self.trail().follow(self.clock.clone()).await.unwrap()
    }

    fn trail(&self) -> AuditTrail {
        AuditTrail { events: self.store.clone() }
    }
}

async fn told(follower: &mut Follower) -> Vec<EventId> {
    follower.news().await.unwrap().iter().map(|event| event.id).collect()
}

#[tokio::test]
async fn a_follower_tells_of_each_event_once_and_of_none_that_was_there_before() {
    let scene = Scene::default();
    scene.event(scene.clock.now()).await;
    let mut follower = scene.follower().await;
    assert!(told(&mut follower).await.is_empty());
    for _ in 0..100 {
        scene.clock.advance(Duration::from_secs(1));
        let event = scene.event(scene.clock.now()).await;
        assert_eq!(told(&mut follower).await, [event]);
        assert!(told(&mut follower).await.is_empty());
    }
}

#[tokio::test]
async fn an_event_that_is_seen_late_is_told_of_all_the_same() {
    let scene = Scene::default();
    let mut follower = scene.follower().await;
    let newer = scene.event(scene.clock.now()).await;
    assert_eq!(told(&mut follower).await, [newer]);
    let late = scene.event(scene.clock.now().minus(Duration::from_secs(20))).await;
    assert_eq!(told(&mut follower).await, [late]);
}

#[tokio::test]
async fn a_clock_that_is_ahead_hides_nobody_elses_events() {
    let scene = Scene::default();
    let mut follower = scene.follower().await;
    let ahead = scene.event(scene.clock.now().plus(Duration::from_hours(1))).await;
    assert_eq!(told(&mut follower).await, [ahead]);
    for _ in 0..100 {
        scene.clock.advance(Duration::from_secs(1));
        let event = scene.event(scene.clock.now()).await;
        assert_eq!(told(&mut follower).await, [event]);
    }
}

#[tokio::test]
async fn a_crowd_of_events_is_told_in_order() {
    let scene = Scene::default();
    let mut follower = scene.follower().await;
    let mut stored = Vec::new();
    for _ in 0..1_200 {
        scene.clock.advance(Duration::from_millis(1));
        stored.push(scene.event(scene.clock.now()).await);
    }
    assert_eq!(told(&mut follower).await, stored);
    assert!(told(&mut follower).await.is_empty());
}

#[tokio::test]
async fn what_was_shown_in_another_way_is_not_told_again() {
    let scene = Scene::default();
    let mut follower = scene.follower().await;
    let shown = scene.event(scene.clock.now()).await;
    follower.skip(&scene.trail().latest(1).await.unwrap());
    let next = scene.event(scene.clock.now()).await;
    assert_ne!(shown, next);
    assert_eq!(told(&mut follower).await, [next]);
}
