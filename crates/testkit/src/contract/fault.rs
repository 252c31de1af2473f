//! Writes that fail: whatever a flow commits is stored whole or not at all.

use fastauth_domain::{
    change::Changes,
    deletion::Deletion,
    one_time::{IssuedToken, Kind},
    pending_request::{self, PendingRequest, Wanted},
    role::{self, Permission, Role, RoleName},
};
use fastauth_ports::commit::CommitError;

use super::{
    flows::{self, HOUR, NOW, hash},
    world::{Person, World},
};

const ADA: &str = "ada@example.com";

pub async fn a_registration_is_whole_or_nothing(world: &World, spared: &World) {
    fail_each_write(world, spared, async |world| flows::register(ADA, &mut world.moment()).0).await;
}

pub async fn a_registration_to_be_verified_is_whole_or_nothing(world: &World, spared: &World) {
    fail_each_write(world, spared, async |world| {
        flows::register_unverified(None, ADA, &mut world.moment())
    })
    .await;
}

pub async fn a_repeated_registration_is_whole_or_nothing(world: &World, spared: &World) {
    fail_each_write(world, spared, async |world| {
        let owner = world.sign_up(ADA).await.account;
        flows::register_unverified(Some(&owner), ADA, &mut world.moment())
    })
    .await;
}

pub async fn a_sign_in_is_whole_or_nothing(world: &World, spared: &World) {
    fail_each_write(world, spared, async |world| {
        let account = world.sign_up(ADA).await.account;
        flows::login(&account, Some(hash("renewed")), &mut world.moment())
    })
    .await;
}

pub async fn a_refused_sign_in_is_whole_or_nothing(world: &World, spared: &World) {
    fail_each_write(world, spared, async |world| flows::login_refused(None, &mut world.moment()))
        .await;
}

pub async fn a_refresh_is_whole_or_nothing(world: &World, spared: &World) {
    fail_each_write(world, spared, async |world| {
        let Person { grant, .. } = world.sign_up(ADA).await;
        let found = world.session(grant.session()).await;
        flows::refresh(&found, &grant, &mut world.moment())
    })
    .await;
}

pub async fn the_end_of_a_stolen_session_is_whole_or_nothing(world: &World, spared: &World) {
    fail_each_write(world, spared, async |world| {
        let Person { grant, .. } = world.sign_up(ADA).await;
        let found = world.session(grant.session()).await;
        world.commit(&flows::refresh(&found, &grant, &mut world.moment())).await;
        let turned = world.session(grant.session()).await;
        let much_later = NOW.plus(HOUR / 2);
        flows::refresh(&turned, &grant, &mut world.moment_at(much_later))
    })
    .await;
}

pub async fn a_logout_is_whole_or_nothing(world: &World, spared: &World) {
    fail_each_write(world, spared, async |world| {
        let Person { grant, .. } = world.sign_up(ADA).await;
        let found = world.session(grant.session()).await.session;
        flows::logout(&found, &grant, &mut world.moment())
    })
    .await;
}

pub async fn a_request_for_a_reset_is_whole_or_nothing(world: &World, spared: &World) {
    fail_each_write(world, spared, async |world| {
        let account = world.sign_up(ADA).await.account;
        world.issue(Kind::PasswordReset, &account).await;
        flows::request_reset(Some(&account), &mut world.moment())
    })
    .await;
}

pub async fn attending_to_a_request_is_whole_or_nothing(world: &World, spared: &World) {
    fail_each_write(world, spared, async |world| {
        let account = world.sign_up(ADA).await.account;
        let (email, moment) = (account.email.clone(), &mut world.moment());
        let request = PendingRequest::new(email, Wanted::PasswordReset, moment);
        let settle = pending_request::Change::Settle(request.id);
        let keep = pending_request::Change::Keep(request);
        world.commit(&Changes::default().with(keep)).await;
        let attend = flows::request_reset(Some(&account), &mut world.moment());
        Changes::default().with(settle).with_all(attend)
    })
    .await;
}

pub async fn a_reset_is_whole_or_nothing(world: &World, spared: &World) {
    fail_each_write(world, spared, async |world| {
        let found = issued(world, Kind::PasswordReset).await;
        // A second session, so that more than one ends.
        world.commit(&flows::login(&found.account, None, &mut world.moment())).await;
        flows::confirm_reset(&found, hash("new"), &mut world.moment())
    })
    .await;
}

pub async fn a_request_for_a_verification_is_whole_or_nothing(world: &World, spared: &World) {
    fail_each_write(world, spared, async |world| {
        let account = world.sign_up(ADA).await.account;
        flows::request_verification(Some(&account), &mut world.moment())
    })
    .await;
}

pub async fn a_verification_is_whole_or_nothing(world: &World, spared: &World) {
    fail_each_write(world, spared, async |world| {
        let found = issued(world, Kind::EmailVerification).await;
        flows::confirm_verification(&found, &mut world.moment())
    })
    .await;
}

pub async fn a_new_password_is_whole_or_nothing(world: &World, spared: &World) {
    fail_each_write(world, spared, async |world| {
        let Person { account, grant } = signed_in_twice(world).await;
        world.issue(Kind::PasswordReset, &account).await;
        flows::change_password(&account, grant.session(), &mut world.moment())
    })
    .await;
}

pub async fn a_request_for_another_address_is_whole_or_nothing(world: &World, spared: &World) {
    fail_each_write(world, spared, async |world| {
        let account = world.sign_up(ADA).await.account;
        flows::request_email_change(&account, "ada@example.net", &mut world.moment())
    })
    .await;
}

pub async fn a_change_of_address_is_whole_or_nothing(world: &World, spared: &World) {
    fail_each_write(world, spared, async |world| {
        let found = asked_for_another_address(world, Kind::EmailChange).await;
        flows::confirm_email_change(&found, &mut world.moment())
    })
    .await;
}

pub async fn a_change_of_address_is_taken_back_whole_or_not_at_all(world: &World, spared: &World) {
    fail_each_write(world, spared, async |world| {
        let found = asked_for_another_address(world, Kind::EmailRevert).await;
        flows::revert_email_change(&found, &mut world.moment())
    })
    .await;
}

pub async fn closing_an_account_is_whole_or_nothing(world: &World, spared: &World) {
    fail_each_write(world, spared, async |world| {
        let Person { account, .. } = signed_in_twice(world).await;
        let administrators = world.store().administrators().await.unwrap();
        flows::delete(&account, &administrators, Deletion::Soft, &mut world.moment())
    })
    .await;
}

pub async fn erasing_a_person_is_whole_or_nothing(world: &World, spared: &World) {
    fail_each_write(world, spared, async |world| {
        let Person { account, .. } = signed_in_twice(world).await;
        let administrators = world.store().administrators().await.unwrap();
        flows::delete(&account, &administrators, Deletion::Hard, &mut world.moment())
    })
    .await;
}

pub async fn ending_other_sessions_is_whole_or_nothing(world: &World, spared: &World) {
    fail_each_write(world, spared, async |world| {
        let Person { account, grant } = signed_in_twice(world).await;
        flows::revoke_others(&account, grant.session(), &mut world.moment())
    })
    .await;
}

pub async fn the_making_of_an_administrator_is_whole_or_nothing(world: &World, spared: &World) {
    fail_each_write(world, spared, async |world| {
        let account = world.sign_up(ADA).await.account;
        flows::make_administrator(&account, &mut world.moment())
    })
    .await;
}

pub async fn the_end_of_a_role_is_whole_or_nothing(world: &World, spared: &World) {
    fail_each_write(world, spared, async |world| {
        let account = world.sign_up(ADA).await.account;
        world.commit(&flows::make_administrator(&account, &mut world.moment())).await;
        let name = RoleName::from_static("root");
        let root = Role { name: name.clone(), permissions: Permission::MANAGING_ROLES.into() };
        let changes = role::create(None, &root, None, &mut world.moment()).unwrap();
        let assign = role::Change::Assign { account: account.id, role: name };
        world.commit(&changes.with(assign)).await;
        let administrators = world.store().administrators().await.unwrap();
        role::delete(Some(&root), &administrators, None, &mut world.moment()).unwrap()
    })
    .await;
}

async fn signed_in_twice(world: &World) -> Person {
    let person = world.sign_up(ADA).await;
    world.commit(&flows::login(&person.account, None, &mut world.moment())).await;
    person
}

/// A token of a kind that somebody was mailed who asked for another address.
async fn asked_for_another_address(world: &World, wanted: Kind) -> IssuedToken {
    let account = world.sign_up(ADA).await.account;
    let changes = flows::request_email_change(&account, "ada@example.net", &mut world.moment());
    world.commit(&changes).await;
    let issued = world.store().unspent(account.id).await.unwrap();
    let token = issued.into_iter().find(|token| token.kind == wanted).unwrap();
    IssuedToken { token, account }
}

/// Lets the n-th write of a list fail, for n = 1, 2, ... until nothing fails, and compares what is
/// stored in the end with a store that was spared.
async fn fail_each_write(world: &World, spared: &World, list: impl AsyncFn(&World) -> Changes) {
    let changes = list(world).await;
    assert_eq!(changes, list(spared).await, "both stores are told the same story");
    spared.commit(&changes).await;
    let before = world.contents().await;
    let mut failed = 0;
    while let Err(error) = commit_with_fault(world, &changes, failed + 1).await {
        failed += 1;
        assert!(matches!(error, CommitError::Unavailable(_)), "write {failed} failed as {error}");
        assert_eq!(world.contents().await, before, "after write {failed} failed");
    }
    assert!(failed >= changes.iter().count(), "no fault before some write");
    assert_eq!(world.contents().await, spared.contents().await);
}

async fn commit_with_fault(
    world: &World,
    changes: &Changes,
    nth: usize,
) -> Result<(), CommitError> {
    world.fault().fail_write(u32::try_from(nth).unwrap());
    let result = world.try_commit(changes).await;
    let has_struck = !world.fault().is_armed();
    world.fault().fail_write(0);
    assert_eq!(has_struck, result.is_err(), "write {nth} fails if, and only if, it is told to");
    result
}

/// A token of somebody who has just registered.
async fn issued(world: &World, kind: Kind) -> IssuedToken {
    let account = world.sign_up(ADA).await.account;
    world.issue(kind, &account).await
}
