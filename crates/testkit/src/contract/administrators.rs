//! Administrators: whoever may manage roles, of whom the last one stays.

use std::{collections::BTreeSet, sync::Arc};

use fastauth_domain::{
    account::{self, Account},
    change::{Changes, Conflict},
    deletion::{self, Deletion},
    identifier::AccountId,
    moment::Moment,
    role::{self, Change, GuardVersion, Hold, LastAdministrator, Permission, Refused, RoleName},
};
use fastauth_ports::commit::CommitError;
use tokio::{sync::Barrier, task::JoinSet};

use super::{
    flows::{NOW, owner},
    role::{assignment, defined, list, name},
    world::World,
};
use crate::store::Store;

/// How often a race is run, each time by somebody else.
const ROUNDS: usize = 16;
const CROWD: usize = 8;

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
        let one = [
            Removal::Revoke(ada),
            Removal::Withdraw,
            Removal::Delete,
            Removal::Leave(ada, Deletion::Soft),
        ][round % 4];
        let other = [Deletion::Soft, Deletion::Hard][round / 4 % 2];
        let results = decide_at_once(world, vec![one, Removal::Leave(bob, other)]).await;
        assert_eq!(results.iter().filter(|it| it.is_ok()).count(), 1, "{results:?}");
        let erased = world.store().with_id(bob).await.unwrap().is_none();
        let rights = world.store().rights(bob).await.unwrap();
        assert_eq!(rights.is_none(), erased, "what they may do goes with them");
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
    /// This account is closed or erased.
    Leave(AccountId, Deletion),
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
            Self::Leave(account, how) => {
                let account = store.with_id(account).await.unwrap().unwrap();
                Ok(deletion::delete(&account, &administrators, how, moment)?)
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
