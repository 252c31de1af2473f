//! What strangers ask for, kept until it is attended to.

use std::time::Duration;

use fastauth_domain::{
    account::DisplayName,
    change::{Changes, Conflict},
    email::EmailAddress,
    language::Language,
    pending_request::{Applicant, Change, PendingRequest, Wanted},
    visitor::Visitor,
};

use super::{
    flows::{self, NOW, address, hash},
    world::World,
};

pub async fn every_request_is_read_back_whole(world: &World) {
    let language = Some(Language::parse("de-CH").unwrap());
    let known = Visitor { language, ..flows::visitor() };
    let name = Some(DisplayName::parse("Ada 名").unwrap());
    let applicant = |name| Applicant { name, password: hash("first") };
    let mut kept = Vec::new();
    for (wanted, visitor) in [
        (Wanted::PasswordReset, known.clone()),
        (Wanted::EmailVerification, Visitor::default()),
        (Wanted::Registration(applicant(name)), known),
        (Wanted::Registration(applicant(None)), Visitor::default()),
    ] {
        let email = address("José+tag@Bücher.Example");
        let request = PendingRequest::new(email, wanted, &mut world.moment().of(&visitor));
        world.commit(&keep(&request)).await;
        kept.push(request);
    }
    kept.sort_by_key(|request| request.id);
    assert_eq!(world.store().pending(None, 10).await.unwrap(), kept);
}

pub async fn the_oldest_requests_are_read_first_and_no_more_than_asked_for(world: &World) {
    assert_eq!(world.store().pending(None, 10).await.unwrap(), []);
    let mut kept = Vec::new();
    for nth in [2, 0, 1] {
        let moment = &mut world.moment_at(NOW.plus(Duration::from_secs(nth)));
        let request =
            PendingRequest::new(address("ada@example.com"), Wanted::PasswordReset, moment);
        world.commit(&keep(&request)).await;
        kept.push(request);
    }
    kept.sort_by_key(|request| request.created_at);
    assert_eq!(world.store().pending(None, 2).await.unwrap(), kept[..2]);
    assert_eq!(world.store().pending(Some(kept[1].id), 10).await.unwrap(), kept[2..]);
    let last = kept.last().map(|request| request.id);
    assert_eq!(world.store().pending(last, 10).await.unwrap(), []);
    assert_eq!(world.store().pending(None, 10).await.unwrap(), kept);
}

pub async fn the_oldest_registration_is_found_by_its_address(world: &World) {
    let applicant = || Applicant { name: None, password: hash("first") };
    let mut registered = Vec::new();
    for (email, wanted) in [
        ("Ada@example.com", Wanted::Registration(applicant())),
        ("ada@example.com", Wanted::PasswordReset),
        ("bob@example.com", Wanted::Registration(applicant())),
        ("ADA@example.com", Wanted::Registration(applicant())),
    ] {
        let request = PendingRequest::new(address(email), wanted, &mut world.moment());
        world.commit(&keep(&request)).await;
        registered.push(request);
    }
    let found =
        async |email: &str| world.store().pending_registration(address(email).key()).await.unwrap();
    let of_ada = [&registered[0], &registered[3]];
    let oldest = of_ada.into_iter().min_by_key(|request| request.id);
    assert_eq!(found("ada@example.com").await.as_ref(), oldest);
    assert_eq!(found("bob@example.com").await.as_ref(), Some(&registered[2]));
    assert_eq!(found("eve@example.com").await, None);
}

pub async fn a_request_is_settled_once(world: &World) {
    let request = wish(world, address("ada@example.com"));
    let other = wish(world, address("ada@example.com"));
    world.commit(&keep(&request)).await;
    world.commit(&keep(&other)).await;
    world.commit(&settle(&request)).await;
    assert_eq!(world.refused(&settle(&request)).await, Conflict::RequestSettled);
    assert_eq!(world.store().pending(None, 10).await.unwrap(), [other]);
}

pub async fn of_many_who_attend_to_a_request_one_does(world: &World) {
    for round in 0..8 {
        let request = wish(world, address(&format!("person{round}@example.com")));
        world.commit(&keep(&request)).await;
        let outcomes = world.race(vec![settle(&request); 6]).await;
        let settled = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        assert_eq!(settled, 1, "{outcomes:?}");
        let is_late = |outcome: &&Result<(), Conflict>| **outcome == Err(Conflict::RequestSettled);
        assert_eq!(outcomes.iter().filter(is_late).count(), 5, "{outcomes:?}");
    }
}

fn wish(world: &World, email: EmailAddress) -> PendingRequest {
    PendingRequest::new(email, Wanted::PasswordReset, &mut world.moment())
}

fn keep(request: &PendingRequest) -> Changes {
    Changes::default().with(Change::Keep(request.clone()))
}

fn settle(request: &PendingRequest) -> Changes {
    Changes::default().with(Change::Settle(request.id))
}
