//! Roles.

use std::{collections::BTreeSet, slice, sync::Arc};

use fastauth_domain::{
    account::{self, Account},
    change::{Changes, Conflict},
    identifier::AccountId,
    moment::Moment,
    role::{
        self, Change, GuardVersion, Hold, LastAdministrator, Permission, Refused, Rights, Role,
        RoleName,
    },
};
use fastauth_ports::commit::CommitError;
use tokio::{sync::Barrier, task::JoinSet};

use super::{
    flows::{NOW, owner},
    world::World,
};
use crate::store::Store;

/// How often a race is run, each time by somebody else.
const ROUNDS: usize = 16;
const CROWD: usize = 8;

pub async fn a_new_role_is_read_back_whole(world: &World) {
    let longest = "z".repeat(RoleName::MAX_LENGTH);
    let long_permission = format!("{longest}:{longest}");
    for (name, permissions) in [
        ("a", &[][..]),
        ("editor", &["posts:edit", "posts:*", "*:*"]),
        (&*longest, &[&*long_permission]),
    ] {
        let role = defined(world, name, permissions).await;
        assert_eq!(world.store().role(&role.name).await.unwrap(), Some(role));
    }
}

pub async fn an_unknown_role_is_not_found(world: &World) {
    defined(world, "editor", &["posts:edit"]).await;
    for unknown in ["editors", "edito", "e", "edit-r", "edit_r"] {
        assert_eq!(world.store().role(&name(unknown)).await.unwrap(), None);
    }
}

pub async fn a_name_is_taken_once(world: &World) {
    let editor = defined(world, "editor", &["posts:edit"]).await;
    let again = list(Change::Create(editor.name.clone()));
    assert_eq!(world.refused(&again).await, Conflict::RoleTaken);
    assert_eq!(world.store().roles().await.unwrap(), [editor]);
}

pub async fn all_roles_are_listed_in_the_order_of_their_names(world: &World) {
    assert_eq!(world.store().roles().await.unwrap(), []);
    let mut roles = Vec::new();
    for name in ["b", "a-b", "a", "a_b", "a0", "ab", "a-"] {
        roles.push(defined(world, name, &["a:b", "b:a"]).await);
    }
    roles.sort_by(|one, other| one.name.cmp(&other.name));
    assert_eq!(world.store().roles().await.unwrap(), roles);
}

pub async fn a_role_permits_what_was_granted_and_not_withdrawn(world: &World) {
    let Role { name, .. } = defined(world, "editor", &["posts:edit", "posts:read"]).await;
    let other = defined(world, "reader", &["posts:edit", "posts:read"]).await;
    for (is_granted, permissions, expected) in [
        (true, &["posts:read", "posts:*"][..], &["posts:edit", "posts:read", "posts:*"][..]),
        (true, &["posts:read"], &["posts:edit", "posts:read", "posts:*"]),
        (false, &["posts:read", "posts:publish"], &["posts:edit", "posts:*"]),
        (false, &["posts:read"], &["posts:edit", "posts:*"]),
        (false, &["posts:edit", "posts:*"], &[]),
    ] {
        let (role, permissions) = (name.clone(), set(permissions));
        world
            .commit(&list(if is_granted {
                Change::Grant { role, permissions }
            } else {
                Change::Withdraw { role, permissions }
            }))
            .await;
        let found = world.store().role(&name).await.unwrap().unwrap();
        assert_eq!(found.permissions, set(expected));
    }
    assert_eq!(world.store().role(&other.name).await.unwrap(), Some(other));
}

pub async fn what_is_not_there_can_be_taken_away_and_not_be_given(world: &World) {
    let account = world.sign_up("ada@example.com").await.account.id;
    let (editor, unknown) = (defined(world, "editor", &[]).await.name, name("unknown"));
    let nobody = AccountId::generate(&mut world.moment());
    let permissions = set(&["posts:edit"]);
    for refused in [
        Change::Grant { role: unknown.clone(), permissions: permissions.clone() },
        Change::Assign { account, role: unknown.clone() },
        Change::Assign { account: nobody, role: editor.clone() },
        Change::Assign { account: nobody, role: unknown.clone() },
    ] {
        assert_eq!(world.refused(&list(refused)).await, Conflict::RolesMoved);
    }
    for done in [
        Change::Withdraw { role: unknown.clone(), permissions },
        Change::Revoke { account, role: unknown.clone() },
        Change::Revoke { account, role: editor.clone() },
        Change::Revoke { account: nobody, role: editor },
        Change::Delete(unknown.clone()),
    ] {
        world.commit(&list(done)).await;
    }
    assert_eq!(world.store().role(&unknown).await.unwrap(), None);
}

pub async fn an_account_may_do_what_any_of_its_roles_permits(world: &World) {
    let ada = world.sign_up("ada@example.com").await.account.id;
    let bob = world.sign_up("bob@example.com").await.account.id;
    assert_eq!(rights(world, ada).await, Some(Rights::default()));
    defined(world, "editor", &["posts:edit", "posts:read"]).await;
    defined(world, "reader", &["posts:read", "news:read"]).await;
    defined(world, "nothing", &[]).await;
    defined(world, "unassigned", &["*:*"]).await;
    // Twice is once.
    for role in ["editor", "reader", "nothing", "editor"] {
        world.commit(&assignment(ada, role)).await;
    }
    let expected = Rights {
        roles: ["editor", "reader", "nothing"].map(name).into(),
        permissions: set(&["posts:edit", "posts:read", "news:read"]),
    };
    assert_eq!(rights(world, ada).await, Some(expected));
    assert_eq!(rights(world, bob).await, Some(Rights::default()));
    for _ in 0..2 {
        world.commit(&list(Change::Revoke { account: ada, role: name("editor") })).await;
    }
    let expected = Rights {
        roles: ["reader", "nothing"].map(name).into(),
        permissions: set(&["posts:read", "news:read"]),
    };
    assert_eq!(world.beside().await.rights(ada).await.unwrap(), Some(expected));
}

pub async fn nobody_is_told_of_an_account_that_is_not_there(world: &World) {
    let nobody = AccountId::generate(&mut world.moment());
    assert_eq!(rights(world, nobody).await, None);
}

pub async fn a_deleted_role_is_nobodys_and_comes_back_empty(world: &World) {
    let ada = world.sign_up("ada@example.com").await.account.id;
    defined(world, "editor", &["posts:edit"]).await;
    let reader = defined(world, "reader", &["posts:read"]).await;
    for role in ["editor", "reader"] {
        world.commit(&assignment(ada, role)).await;
    }
    let left = Rights { roles: [name("reader")].into(), permissions: set(&["posts:read"]) };
    world.commit(&list(Change::Delete(name("editor")))).await;
    assert_eq!(rights(world, ada).await, Some(left.clone()));
    assert_eq!(world.store().roles().await.unwrap(), slice::from_ref(&reader));
    let editor = defined(world, "editor", &[]).await;
    assert_eq!(rights(world, ada).await, Some(left));
    assert_eq!(world.store().roles().await.unwrap(), [editor, reader]);
}

pub async fn administrators_are_the_active_accounts_that_may_manage_roles(world: &World) {
    let ada = world.sign_up("ada@example.com").await.account.id;
    let bob = world.sign_up("bob@example.com").await.account.id;
    let id = AccountId::generate(&mut world.moment());
    let cleo = Account { id, disabled_at: Some(NOW), ..owner("cleo@example.com") };
    world.commit(&Changes::default().with(account::Change::Create(cleo.clone()))).await;
    assert_eq!(world.store().administrators().await.unwrap().holds, BTreeSet::new());
    defined(world, "admin", &["roles:manage", "roles:list", "posts:*"]).await;
    defined(world, "root", &["*:*", "roles:*"]).await;
    defined(world, "editor", &["posts:*", "roles:list", "role:manage"]).await;
    defined(world, "unassigned", &["*:*"]).await;
    assert_eq!(world.store().administrators().await.unwrap().holds, BTreeSet::new());
    for (account, role) in
        [(ada, "admin"), (ada, "root"), (bob, "editor"), (cleo.id, "admin"), (cleo.id, "root")]
    {
        world.commit(&assignment(account, role)).await;
    }
    let hold = |role, permission| Hold {
        account: ada,
        role: name(role),
        permission: Permission::parse(permission).unwrap(),
    };
    let expected = [hold("admin", "roles:manage"), hold("root", "*:*"), hold("root", "roles:*")];
    let found = world.beside().await.administrators().await.unwrap();
    assert_eq!((found.guard, found.holds), (GuardVersion::FIRST, expected.into()));
}

pub async fn the_guard_leaves_a_version_once(world: &World) {
    let guard = async || world.store().administrators().await.unwrap().guard;
    let from = guard().await;
    let moving = |from| list(Change::MoveGuard { from });
    assert_eq!(world.refused(&moving(from.next())).await, Conflict::RolesMoved);
    let results = world.race(vec![moving(from); CROWD]).await;
    assert_eq!(results.iter().filter(|it| it.is_ok()).count(), 1, "{results:?}");
    assert_eq!(guard().await, from.next());
    assert_eq!(world.refused(&moving(from)).await, Conflict::RolesMoved);
    world.commit(&moving(from.next())).await;
}

pub async fn of_many_who_create_a_role_one_does(world: &World) {
    let results = world.race(vec![list(Change::Create(name("editor"))); CROWD]).await;
    let losers = results.iter().filter(|it| **it == Err(Conflict::RoleTaken)).count();
    assert_eq!(losers, CROWD - 1, "{results:?}");
}

pub async fn no_assignment_outlives_its_role(world: &World) {
    let ada = world.sign_up("ada@example.com").await.account.id;
    for _ in 0..ROUNDS {
        defined(world, "editor", &["posts:edit"]).await;
        let delete = list(Change::Delete(name("editor")));
        let [assigned, deleted] = world.race_of_two(assignment(ada, "editor"), delete).await;
        assert_eq!(deleted, Ok(()));
        assert!(matches!(assigned, Ok(()) | Err(Conflict::RolesMoved)), "{assigned:?}");
        assert_eq!(rights(world, ada).await, Some(Rights::default()));
    }
}

pub async fn of_two_administrators_who_remove_each_other_one_is_left(world: &World) {
    defined(world, "admin", &["roles:manage"]).await;
    for round in 0..ROUNDS {
        let couple = administrators(world, round, 2).await;
        let [ada, bob] = [couple[0], couple[1]];
        let results = decide_at_once(world, vec![Removal::Revoke(ada), Removal::Revoke(bob)]).await;
        assert_one_is_left(world, &results).await;
        clear(world).await;
    }
}

pub async fn whichever_way_the_last_administrators_are_removed_one_is_left(world: &World) {
    for round in 0..ROUNDS {
        defined(world, "admin", &["roles:manage", "posts:edit"]).await;
        defined(world, "root", &["*:*"]).await;
        let couple = administrators(world, round, 2).await;
        let [ada, bob] = [couple[0], couple[1]];
        // Ada is one by the role of administrators alone, and Bob by the other.
        world.commit(&list(Change::Revoke { account: bob, role: RoleName::ADMIN })).await;
        world.commit(&assignment(bob, "root")).await;
        let one = [Removal::Revoke(ada), Removal::Withdraw, Removal::Delete][round % 3];
        let results = decide_at_once(world, vec![one, Removal::LetGo(bob)]).await;
        assert_eq!(results.iter().filter(|it| it.is_ok()).count(), 1, "{results:?}");
        for role in ["admin", "root"] {
            world.commit(&list(Change::Delete(name(role)))).await;
        }
    }
}

pub async fn of_a_crowd_of_administrators_who_remove_each_other_one_is_left(world: &World) {
    defined(world, "admin", &["roles:manage"]).await;
    let crowd = administrators(world, 0, CROWD).await;
    let removals = crowd.iter().map(|account| Removal::Revoke(*account)).collect();
    let results = decide_at_once(world, removals).await;
    assert_one_is_left(world, &results).await;
}

/// A way to remove an administrator.
#[derive(Clone, Copy, Debug)]
enum Removal {
    /// The role of administrators is revoked from this account.
    Revoke(AccountId),
    /// The permission is withdrawn from it.
    Withdraw,
    /// It is deleted.
    Delete,
    /// This account is let go: it loses its other role, as it would when it is closed.
    LetGo(AccountId),
}

impl Removal {
    async fn decide(self, store: &dyn Store, moment: &mut Moment) -> Result<Changes, Refused> {
        let administrators = store.administrators().await.unwrap();
        let found = store.role(&RoleName::ADMIN).await.unwrap();
        let found = found.as_ref();
        match self {
            Self::Revoke(account) => {
                let rights = store.rights(account).await.unwrap();
                role::revoke(account, rights.as_ref(), found, &administrators, None, moment)
            }
            Self::Withdraw => {
                let all = [Permission::MANAGE_ROLES].into();
                role::withdraw(found, &all, &administrators, None, moment)
            }
            Self::Delete => role::delete(found, &administrators, None, moment),
            Self::LetGo(account) => {
                let guard = administrators.let_go(account)?;
                let revoke = Change::Revoke { account, role: name("root") };
                Ok(Changes::default().with(guard).with(revoke))
            }
        }
    }
}

/// Decides all on the same facts, commits at once, and decides again until each is done or refused.
async fn decide_at_once(world: &World, removals: Vec<Removal>) -> Vec<Result<(), Refused>> {
    let stores = [world.shared(), world.beside().await];
    let start = Arc::new(Barrier::new(removals.len()));
    let mut racers = JoinSet::new();
    for (nth, removal) in removals.into_iter().enumerate() {
        let (store, start) = (Arc::clone(&stores[nth % 2]), Arc::clone(&start));
        let mut moment = world.moment();
        racers.spawn(async move {
            let mut changes = removal.decide(&*store, &mut moment).await.unwrap();
            start.wait().await;
            while let Err(error) = store.commit(&changes).await {
                let is_overtaken = matches!(error, CommitError::Conflict(Conflict::RolesMoved));
                assert!(is_overtaken, "{error}");
                changes = removal.decide(&*store, &mut moment).await?;
            }
            Ok(())
        });
    }
    racers.join_all().await
}

async fn assert_one_is_left(world: &World, results: &[Result<(), Refused>]) {
    let refused = Err(Refused::LastAdministrator(LastAdministrator));
    assert_eq!(results.iter().filter(|it| **it == refused).count(), 1, "{results:?}");
    assert_eq!(results.iter().filter(|it| it.is_ok()).count(), results.len() - 1);
    assert_eq!(world.store().administrators().await.unwrap().accounts().len(), 1);
}

/// New accounts that have the role of administrators, which nobody else has.
async fn administrators(world: &World, round: usize, count: usize) -> Vec<AccountId> {
    let mut accounts = Vec::new();
    for nth in 0..count {
        let typed = format!("admin.{round}.{nth}@example.com");
        let account = world.sign_up(&typed).await.account.id;
        world.commit(&assignment(account, "admin")).await;
        accounts.push(account);
    }
    accounts
}

/// Takes the role of administrators from whoever is left.
async fn clear(world: &World) {
    for account in world.store().administrators().await.unwrap().accounts() {
        world.commit(&list(Change::Revoke { account, role: RoleName::ADMIN })).await;
    }
}

async fn defined(world: &World, text: &str, permissions: &[&str]) -> Role {
    let role = Role { name: name(text), permissions: set(permissions) };
    let changes = role::create(None, &role, None, &mut world.moment()).unwrap();
    world.commit(&changes).await;
    role
}

async fn rights(world: &World, account: AccountId) -> Option<Rights> {
    world.store().rights(account).await.unwrap()
}

fn assignment(account: AccountId, role: &str) -> Changes {
    list(Change::Assign { account, role: name(role) })
}

fn name(text: &str) -> RoleName {
    RoleName::parse(text).unwrap()
}

fn set(permissions: &[&str]) -> BTreeSet<Permission> {
    permissions.iter().map(|text| Permission::parse(text).unwrap()).collect()
}

fn list(change: Change) -> Changes {
    Changes::default().with(change)
}
