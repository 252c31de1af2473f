//! Accounts.

use fastauth_domain::{
    account::{Account, Change, DisplayName, ImageUrl, ProfileChange, Version},
    change::{Changes, Conflict},
    identifier::AccountId,
    time::Timestamp,
};

use super::{
    flows::{NOW, address, hash},
    world::{END_OF_TIME, World},
};

/// One address, as different people and programs write it.
pub const SPELLINGS: [&str; 6] = [
    "josé@bücher.example",
    "JOSé@bücher.example",
    "jose\u{301}@bücher.example",
    "josé@BÜCHER.Example",
    "josé@xn--bcher-kva.example",
    "Jose\u{301}@XN--BCHER-KVA.example",
];

/// Addresses of different people, which a database may take for each other.
const LOOK_ALIKES: [&str; 14] = [
    "mike@example.com",
    "mıke@example.com",
    "josé@example.com",
    "jose@example.com",
    "Élan@example.com",
    "élan@example.com",
    "straße@example.com",
    "strasse@example.com",
    "ada@example.com",
    "ada+tag@example.com",
    "a_a@example.com",
    "aba@example.com",
    "a%@example.com",
    "a@example.com",
];

pub async fn a_new_account_is_read_back_whole(world: &World) {
    let longest = format!("{}@{}.example", "ü".repeat(32), ["label"; 30].join("."));
    for account in [
        account(world, "Ada.Løvelace@bücher.example"),
        bare(world, "ada@example.com"),
        extreme(world, &longest, END_OF_TIME),
        extreme(world, "first@example.com", Timestamp::from_unix_micros(i64::MIN)),
    ] {
        create(world, &account).await;
        assert_eq!(world.account(account.email.as_typed()).await, account);
    }
}

pub async fn an_unknown_address_has_no_account(world: &World) {
    world.sign_up("ada@example.com").await;
    let bob = address("bob@example.com");
    assert_eq!(world.store().with_email(bob.key()).await.unwrap(), None);
}

pub async fn an_account_is_found_by_every_spelling_of_its_address(world: &World) {
    let typed = SPELLINGS[5];
    let ada = world.sign_up(typed).await.account;
    assert_eq!(ada.email.as_typed(), address(typed).as_typed());
    for spelling in SPELLINGS {
        assert_eq!(world.account(spelling).await, ada, "{spelling}");
    }
}

pub async fn a_taken_address_is_taken_in_every_spelling(world: &World) {
    let ada = world.sign_up(SPELLINGS[0]).await.account;
    for spelling in SPELLINGS {
        let other = account(world, spelling);
        let refused = world.refused(&list(Change::Create(other))).await;
        assert_eq!(refused, Conflict::EmailTaken, "{spelling}");
    }
    assert_eq!(world.account(SPELLINGS[0]).await, ada);
}

pub async fn look_alike_addresses_are_other_people(world: &World) {
    let mut everybody = Vec::new();
    for typed in LOOK_ALIKES {
        everybody.push(world.sign_up(typed).await.account);
    }
    for account in everybody {
        assert_eq!(world.account(account.email.as_typed()).await, account);
    }
}

pub async fn a_sign_in_is_noted_and_nothing_else(world: &World) {
    let before = created(world, "ada@example.com").await;
    let (id, version, at) = (before.id, before.version, NOW);
    // Two sign-ins that were decided on one version both hold.
    for at in [at, Timestamp::from_unix_micros(at.unix_micros() + 1)] {
        world.commit(&list(Change::SignIn { id, version, at, renewed: None })).await;
        let after = world.account("ada@example.com").await;
        assert_eq!(after, Account { last_login: Some(at), ..before.clone() });
    }
}

pub async fn a_sign_in_may_renew_the_hash_of_the_password(world: &World) {
    let before = created(world, "ada@example.com").await;
    let (id, version, at) = (before.id, before.version, NOW);
    let renewed = Some(hash("renewed"));
    world.commit(&list(Change::SignIn { id, version, at, renewed: renewed.clone() })).await;
    let after = world.account("ada@example.com").await;
    assert_eq!(after, Account { last_login: Some(at), password: renewed, ..before });
}

pub async fn a_new_password_moves_the_account_to_its_next_version(world: &World) {
    let mut account = account(world, "ada@example.com");
    account.version = Version::from_stored(i64::MAX - 1);
    create(world, &account).await;
    let (id, version, at) = (account.id, account.version, NOW);
    let change = Change::SetPassword { id, version, password: Some(hash("new")), at };
    world.commit(&list(change.clone())).await;
    let password = Some(hash("new"));
    let version = Version::from_stored(i64::MAX);
    assert_eq!(world.account("ada@example.com").await, Account { password, version, ..account });
    assert_eq!(world.refused(&list(change)).await, Conflict::AccountMoved);
}

pub async fn the_first_proof_of_an_address_counts(world: &World) {
    let before = bare(world, "ada@example.com");
    create(world, &before).await;
    let (id, version, at) = (before.id, before.version, NOW);
    for at in [at, END_OF_TIME, Timestamp::from_unix_micros(0)] {
        world.commit(&list(Change::Verify { id, version, at })).await;
    }
    let after = world.account("ada@example.com").await;
    assert_eq!(after, Account { verified_at: Some(at), ..before });
}

pub async fn a_change_that_was_decided_on_another_version_is_refused(world: &World) {
    let ada = created(world, "ada@example.com").await;
    let nobody = AccountId::generate(&mut world.moment());
    for (id, number) in [(ada.id, 6), (ada.id, 8), (ada.id, i64::MAX), (nobody, 7)] {
        for change in changes_at(id, Version::from_stored(number)) {
            let refused = world.refused(&list(change.clone())).await;
            assert_eq!(refused, Conflict::AccountMoved, "{change:?}");
        }
    }
    assert_eq!(world.account("ada@example.com").await, ada);
}

pub async fn a_change_concerns_one_account(world: &World) {
    let ada = created(world, "ada@example.com").await;
    let bob = created(world, "bob@example.com").await;
    for change in changes_at(ada.id, ada.version) {
        world.commit(&list(change)).await;
    }
    assert_eq!(world.account("bob@example.com").await, bob);
}

pub async fn an_account_is_found_by_its_name(world: &World) {
    let ada = created(world, "ada@example.com").await;
    created(world, "bob@example.com").await;
    assert_eq!(world.store().with_id(ada.id).await.unwrap(), Some(ada));
    let nobody = AccountId::generate(&mut world.moment());
    assert_eq!(world.store().with_id(nobody).await.unwrap(), None);
}

pub async fn accounts_are_listed_in_pages(world: &World) {
    let mut everybody = Vec::new();
    for typed in &LOOK_ALIKES[..5] {
        everybody.push(created(world, typed).await);
    }
    everybody.sort_by_key(|account| account.id);
    let store = world.store();
    assert_eq!(store.accounts(None, 3).await.unwrap(), everybody[..3]);
    assert_eq!(store.accounts(Some(everybody[2].id), 3).await.unwrap(), everybody[3..]);
    assert_eq!(store.accounts(Some(everybody[4].id), 3).await.unwrap(), []);
}

pub async fn a_profile_changes_by_what_is_given(world: &World) {
    let mut ada = created(world, "ada@example.com").await;
    let bob = created(world, "bob@example.com").await;
    let name = DisplayName::parse("Countess").unwrap();
    for profile in [
        ProfileChange { name: Some(Some(name)), image: None },
        ProfileChange { name: None, image: Some(None) },
        ProfileChange { name: Some(None), image: Some(ImageUrl::parse("https://x.example").ok()) },
        ProfileChange::default(),
    ] {
        ada.name = profile.name.clone().unwrap_or(ada.name);
        ada.image = profile.image.clone().unwrap_or(ada.image);
        world.commit(&list(Change::SetProfile { id: ada.id, profile })).await;
        assert_eq!(world.account("ada@example.com").await, ada);
    }
    assert_eq!(world.account("bob@example.com").await, bob);
    let id = AccountId::generate(&mut world.moment());
    let nobodys = Change::SetProfile { id, profile: ProfileChange::default() };
    assert_eq!(world.refused(&list(nobodys)).await, Conflict::AccountMoved);
}

pub async fn a_new_address_takes_the_place_of_the_old(world: &World) {
    let ada = created(world, "ada@example.com").await;
    let (id, version, at) = (ada.id, ada.version, END_OF_TIME);
    let email = address("Ada@bücher.example");
    world.commit(&list(Change::SetEmail { id, version, email: email.clone(), at })).await;
    let (verified_at, version) = (Some(at), version.next());
    let moved = Account { email, verified_at, version, ..ada.clone() };
    assert_eq!(world.account("ADA@xn--bcher-kva.example").await, moved);
    assert_eq!(world.store().with_email(ada.email.key()).await.unwrap(), None);
    // The old address is free, and another spelling of the new one is the same.
    created(world, "ada@example.com").await;
    let email = address("ada@BÜCHER.example");
    world.commit(&list(Change::SetEmail { id, version, email: email.clone(), at })).await;
    let respelled = Account { email, version: version.next(), ..moved };
    assert_eq!(world.account("ada@bücher.example").await, respelled);
}

pub async fn a_taken_address_is_not_given_again(world: &World) {
    let ada = created(world, "ada@example.com").await;
    let bob = created(world, SPELLINGS[0]).await;
    let (id, version, at) = (ada.id, ada.version, NOW);
    for spelling in SPELLINGS {
        let take = Change::SetEmail { id, version, email: address(spelling), at };
        assert_eq!(world.refused(&list(take)).await, Conflict::EmailTaken, "{spelling}");
    }
    assert_eq!(world.account("ada@example.com").await, ada);
    assert_eq!(world.account(SPELLINGS[0]).await, bob);
}

pub async fn of_many_who_want_one_address_one_gets_it(world: &World) {
    let mut people = Vec::new();
    for typed in &LOOK_ALIKES[..8] {
        people.push(created(world, typed).await);
    }
    let email = address("wanted@example.com");
    let take = |account: &Account| {
        let (id, version) = (account.id, account.version);
        list(Change::SetEmail { id, version, email: email.clone(), at: NOW })
    };
    let results = world.race(people.iter().map(take).collect()).await;
    let winner = results.iter().position(Result::is_ok).unwrap();
    assert_eq!(world.account("wanted@example.com").await.id, people[winner].id);
    for (nth, result) in results.into_iter().enumerate() {
        assert!(nth == winner || result == Err(Conflict::EmailTaken), "{result:?}");
    }
}

pub async fn a_closed_account_can_be_opened_again(world: &World) {
    let open = bare(world, "ada@example.com");
    create(world, &open).await;
    let mut version = open.version;
    for since in [Some(NOW), None] {
        world.commit(&list(Change::SetDisabled { id: open.id, version, since })).await;
        version = version.next();
        let expected = Account { disabled_at: since, version, ..open.clone() };
        assert_eq!(world.account("ada@example.com").await, expected);
    }
}

pub async fn an_account_is_removed_with_its_sessions_and_tokens(world: &World) {
    let ada = world.sign_up("ada@example.com").await;
    let bob = world.sign_up("bob@example.com").await;
    let (id, version) = (ada.account.id, ada.account.version);
    world.commit(&list(Change::Erase { id, version })).await;
    let store = world.store();
    assert_eq!(store.with_id(id).await.unwrap(), None);
    assert_eq!(store.with_email(ada.account.email.key()).await.unwrap(), None);
    assert_eq!(store.session(ada.grant.session()).await.unwrap(), None);
    assert_eq!(store.sessions_of(id, 10).await.unwrap(), []);
    assert_eq!(store.unspent(id).await.unwrap(), []);
    assert_eq!(world.session(bob.grant.session()).await.account, bob.account);
    assert_eq!(world.refused(&list(Change::Erase { id, version })).await, Conflict::AccountMoved);
    world.sign_up("ada@example.com").await;
}

/// An account in which every field says something else, at version 7.
fn account(world: &World, typed: &str) -> Account {
    let at = |micros| Timestamp::from_unix_micros(NOW.unix_micros() + micros);
    Account {
        id: AccountId::generate(&mut world.moment()),
        email: address(typed),
        name: Some(DisplayName::parse("Ada Løvelace 🦀").unwrap()),
        image: ImageUrl::parse("https://bücher.example/ada.png?größe=2").ok(),
        password: Some(hash("first")),
        verified_at: Some(at(1)),
        disabled_at: Some(at(22)),
        created_at: at(333),
        last_login: Some(at(4_444)),
        version: Version::from_stored(7),
    }
}

/// An account that says no more than it must.
fn bare(world: &World, typed: &str) -> Account {
    Account {
        name: None,
        image: None,
        password: None,
        verified_at: None,
        disabled_at: None,
        last_login: None,
        ..account(world, typed)
    }
}

/// An account whose values are as large as they get.
fn extreme(world: &World, typed: &str, at: Timestamp) -> Account {
    Account {
        name: Some(DisplayName::parse(&"🦀".repeat(128)).unwrap()),
        verified_at: Some(at),
        disabled_at: Some(at),
        created_at: at,
        last_login: Some(at),
        version: Version::from_stored(at.unix_micros()),
        ..account(world, typed)
    }
}

/// One of each change that expects a version, the last of which moves it.
fn changes_at(id: AccountId, version: Version) -> [Change; 3] {
    let at = NOW;
    [
        Change::SignIn { id, version, at, renewed: Some(hash("renewed")) },
        Change::Verify { id, version, at },
        Change::SetPassword { id, version, password: Some(hash("new")), at },
    ]
}

async fn create(world: &World, account: &Account) {
    world.commit(&list(Change::Create(account.clone()))).await;
}

async fn created(world: &World, typed: &str) -> Account {
    let account = account(world, typed);
    create(world, &account).await;
    account
}

fn list(change: Change) -> Changes {
    Changes::default().with(change)
}
