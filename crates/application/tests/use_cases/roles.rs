use std::{sync::Arc, time::Duration};

use fastauth_application::{
    moments::Moments,
    roles::{Actor, Roles, RolesError},
};
use fastauth_domain::{
    change::Conflict,
    identifier::AccountId,
    moment::Moment,
    role::{
        Administrators, GuardVersion, Hold, LastAdministrator, Permission, Refused, Rights, Role,
        RoleName,
    },
    token::Token,
    visitor::Visitor,
};
use fastauth_memory::MemoryStore;
use fastauth_ports::{
    access_tokens::{AccessToken, MockAccessTokens},
    commit::{Commit, MockCommit},
    roles::{MockReadRoles, ReadRoles},
    unavailable::Unavailable,
};
use fastauth_testkit::{clock::TurnableClock, contract::flows, randomness::Dice};

use crate::overtaken::{NOW, reads, refresh_key, sessions, signed_in};

fn roles(roles: Arc<dyn ReadRoles>, store: Arc<dyn Commit>) -> Roles {
    let (clock, randomness) = (Arc::new(TurnableClock::default()), Arc::new(Dice::default()));
    Roles { roles, store, moments: Moments { clock, randomness } }
}

pub(crate) fn id(number: u8) -> AccountId {
    AccountId::generate(&mut Moment::new(NOW, [number; 32]))
}

pub(crate) fn administrators(guard: i64, accounts: &[AccountId]) -> Administrators {
    let hold = |account: &AccountId| Hold {
        account: *account,
        role: RoleName::ADMIN,
        permission: Permission::MANAGE_ROLES,
    };
    let holds = accounts.iter().map(hold).collect();
    Administrators { guard: GuardVersion::from_stored(guard), holds }
}

fn admin() -> Role {
    Role { name: RoleName::ADMIN, permissions: [Permission::MANAGE_ROLES].into() }
}

fn rights() -> Rights {
    Rights { roles: [RoleName::ADMIN].into(), permissions: [Permission::MANAGE_ROLES].into() }
}

#[tokio::test]
async fn whoever_is_overtaken_in_removing_an_administrator_looks_again_who_is_left() {
    let (ada, bob) = (id(1), id(2));
    let mut reads = MockReadRoles::new();
    let mut found = vec![administrators(2, &[ada]), administrators(1, &[ada, bob])];
    reads.expect_administrators().times(2).returning(move || Ok(found.pop().unwrap()));
    reads.expect_rights().times(2).returning(|_| Ok(Some(rights())));
    reads.expect_role().times(2).returning(|_| Ok(Some(admin())));
    let mut store = MockCommit::new();
    store.expect_commit().times(1).returning(|_| Err(Conflict::RolesMoved.into()));
    let roles = roles(Arc::new(reads), Arc::new(store));
    let refused = roles.revoke(ada, &RoleName::ADMIN, &Actor::default()).await.unwrap_err();
    let last = Refused::LastAdministrator(LastAdministrator);
    assert!(matches!(refused, RolesError::Refused(why) if why == last), "{refused}");
}

#[tokio::test]
async fn an_administrator_is_made_once_however_often_it_is_asked_for() {
    let store = Arc::new(MemoryStore::default());
    let (changes, grant) = flows::register("ada@example.com", &mut flows::moment(1));
    store.commit(&changes).await.unwrap();
    let roles = roles(store.clone(), store.clone());
    for _ in 0..3 {
        roles.make_administrator(grant.account(), &Actor::default()).await.unwrap();
    }
    assert_eq!(store.audit_events().len(), 1 + 3);
    assert_eq!(roles.rights(grant.account()).await.unwrap(), rights());
    let nobody = roles.make_administrator(id(1), &Actor::default()).await;
    assert!(matches!(nobody, Err(RolesError::Refused(Refused::UserNotFound))), "{nobody:?}");
}

/// Access tokens that say this.
fn saying(expected: Rights) -> MockAccessTokens {
    let mut tokens = MockAccessTokens::new();
    tokens.expect_issue().once().withf(move |_, rights, _| *rights == expected).returning(
        |_, _, _| {
            let lifetime = Duration::from_mins(30);
            let token = Token::presented("access");
            Ok(AccessToken { token, lifetime })
        },
    );
    tokens
}

fn committing() -> MockCommit {
    let mut store = MockCommit::new();
    store.expect_commit().returning(|_| Ok(()));
    store
}

#[tokio::test]
async fn access_tokens_say_what_their_holder_may_do_where_they_are_told_to() {
    for says_it in [true, false] {
        let (found, grant) = signed_in();
        let token = grant.refresh_token().seal(&refresh_key());
        let mut sessions = sessions(reads(found, 1), committing());
        let expected = if says_it { rights() } else { Rights::default() };
        sessions.tokens.access_tokens = Arc::new(saying(expected));
        if says_it {
            let mut reads = MockReadRoles::new();
            reads.expect_rights().once().returning(|_| Ok(Some(rights())));
            sessions.tokens.roles = Some(Arc::new(reads));
        }
        sessions.refresh(&token, &Visitor::default()).await.unwrap();
    }
}

#[tokio::test]
async fn no_access_token_says_that_its_holder_may_do_nothing_because_roles_could_not_be_read() {
    let (found, grant) = signed_in();
    let token = grant.refresh_token().seal(&refresh_key());
    let mut sessions = sessions(reads(found, 1), committing());
    let mut reads = MockReadRoles::new();
    reads.expect_rights().returning(|_| Err(Unavailable::new("gone")));
    sessions.tokens.roles = Some(Arc::new(reads));
    assert!(sessions.refresh(&token, &Visitor::default()).await.is_err());
}
