//! Whatever administrators do one after another, somebody is left who may manage roles.

use std::collections::{BTreeMap, BTreeSet};

use fastauth_domain::{
    change::Changes,
    identifier::AccountId,
    role::{
        self, Administrators, Change, GuardVersion, Hold, Permission, Refused, Rights, Role,
        RoleName,
    },
};
use proptest::prelude::*;

use crate::{
    roles::{id, name, role_changes, set},
    support::{MINUTE, moment},
};

/// Roles and their holders, changed as a store would.
#[derive(Default)]
struct Store {
    roles: BTreeMap<RoleName, BTreeSet<Permission>>,
    holders: BTreeSet<(AccountId, RoleName)>,
}

impl Store {
    fn role(&self, name: &RoleName) -> Option<Role> {
        let permissions = self.roles.get(name)?.clone();
        Some(Role { name: name.clone(), permissions })
    }

    fn rights(&self, account: AccountId) -> Rights {
        let roles = self.holders.iter().filter(|(holder, _)| *holder == account);
        let roles: BTreeSet<_> = roles.map(|(_, role)| role.clone()).collect();
        let permissions = roles.iter().flat_map(|role| self.roles[role].clone()).collect();
        Rights { roles, permissions }
    }

    fn administrators(&self) -> Administrators {
        let mut holds = BTreeSet::new();
        for (account, role) in &self.holders {
            for permission in
                self.roles[role].iter().filter(|it| it.covers(&Permission::MANAGE_ROLES))
            {
                let (role, permission) = (role.clone(), permission.clone());
                holds.insert(Hold { account: *account, role, permission });
            }
        }
        Administrators { guard: GuardVersion::FIRST, holds }
    }

    fn apply(&mut self, changes: &Changes) {
        for change in role_changes(changes) {
            match change.clone() {
                Change::MoveGuard { .. } => {}
                Change::Create(name) => drop(self.roles.insert(name, BTreeSet::new())),
                Change::Delete(name) => {
                    self.roles.remove(&name);
                    self.holders.retain(|(_, role)| *role != name);
                }
                Change::Grant { role, permissions } => {
                    self.roles.get_mut(&role).unwrap().extend(permissions);
                }
                Change::Withdraw { role, permissions } => {
                    self.roles.get_mut(&role).unwrap().retain(|it| !permissions.contains(it));
                }
                Change::Assign { account, role } => drop(self.holders.insert((account, role))),
                Change::Revoke { account, role } => drop(self.holders.remove(&(account, role))),
            }
        }
    }
}

/// Something to try: which of the changes, on which role and account, with which permission.
type Step = (u8, usize, u64, usize);

fn try_step(store: &Store, (kind, role, account, permission): Step) -> Result<Changes, Refused> {
    let name = name(["admin", "root", "editor"][role]);
    let permissions = set(&[["roles:manage", "roles:*", "*:*", "posts:edit"][permission]]);
    let (found, account) = (store.role(&name), id(account));
    let (found, rights) = (found.as_ref(), store.rights(account));
    let (rights, administrators) = (Some(&rights), store.administrators());
    let moment = &mut moment(MINUTE);
    match kind {
        0 => role::create(found, &Role { name, permissions }, None, moment),
        1 => role::delete(found, &administrators, None, moment),
        2 => role::grant(found, &permissions, None, moment),
        3 => role::withdraw(found, &permissions, &administrators, None, moment),
        4 => role::assign(account, rights, found, None, moment),
        5 => role::revoke(account, rights, found, &administrators, None, moment),
        _ => role::make_administrator(
            account,
            rights,
            store.role(&RoleName::ADMIN).as_ref(),
            None,
            moment,
        ),
    }
}

proptest! {
    #[test]
    fn once_there_is_an_administrator_there_is_always_one(
        steps in prop::collection::vec((0..7_u8, 0..3_usize, 1..4_u64, 0..4_usize), 1..60)
    ) {
        let mut store = Store::default();
        let mut has_been_one = false;
        for step in steps {
            if let Ok(changes) = try_step(&store, step) {
                store.apply(&changes);
            }
            let is_one = !store.administrators().holds.is_empty();
            prop_assert!(is_one || !has_been_one, "{step:?}");
            has_been_one |= is_one;
        }
    }
}
