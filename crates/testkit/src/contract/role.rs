//! Roles.

use std::{collections::BTreeSet, slice};

use fastauth_domain::{
    change::{Changes, Conflict},
    identifier::AccountId,
    role::{self, Change, Permission, Rights, Role, RoleName},
};

use super::world::World;

/// How often a race of two is run.
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

pub(super) async fn defined(world: &World, text: &str, permissions: &[&str]) -> Role {
    let role = Role { name: name(text), permissions: set(permissions) };
    let changes = role::create(None, &role, None, &mut world.moment()).unwrap();
    world.commit(&changes).await;
    role
}

async fn rights(world: &World, account: AccountId) -> Option<Rights> {
    world.store().rights(account).await.unwrap()
}

pub(super) fn assignment(account: AccountId, role: &str) -> Changes {
    list(Change::Assign { account, role: name(role) })
}

pub(super) fn name(text: &str) -> RoleName {
    RoleName::parse(text).unwrap()
}

fn set(permissions: &[&str]) -> BTreeSet<Permission> {
    permissions.iter().map(|text| Permission::parse(text).unwrap()).collect()
}

pub(super) fn list(change: Change) -> Changes {
    Changes::default().with(change)
}
