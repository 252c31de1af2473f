//! One-time tokens. Every case holds for every kind.

use std::time::Duration;

use fastauth_domain::{
    account::Account,
    change::{Changes, Conflict},
    email::EmailAddress,
    identifier::AccountId,
    one_time::{self, Change, IssuedToken, OneTimeToken},
    time::Timestamp,
    token::TokenHash,
};

pub use fastauth_domain::one_time::Kind;

use super::{
    flows::NOW,
    world::{END_OF_TIME, World},
};

/// How many try to spend one token at once.
const CROWD: usize = 32;

pub async fn an_issued_token_is_read_back_whole_with_its_account(world: &World, kind: Kind) {
    let account = world.sign_up("ada@example.com").await.account;
    for (hash, expires_at) in [([0; 32], END_OF_TIME), ([0xff; 32], NOW)] {
        let hash = TokenHash::from_stored(hash);
        let token = OneTimeToken { kind, account: account.id, hash, expires_at, email: None };
        world.commit(&list(Change::Issue(token.clone()))).await;
        let found = world.issued(kind, hash).await;
        assert_eq!(found, Some(IssuedToken { token, account: account.clone() }));
    }
}

pub async fn an_unknown_token_is_not_found(world: &World, kind: Kind) {
    let ada = world.sign_up("ada@example.com").await.account;
    world.issue(kind, &ada).await;
    assert_eq!(world.issued(kind, TokenHash::from_stored([7; 32])).await, None);
}

pub async fn a_token_is_no_token_of_another_kind(world: &World, kind: Kind) {
    let ada = world.sign_up("ada@example.com").await.account;
    let issued = world.issue(kind, &ada).await;
    for kind in others(kind) {
        assert_eq!(world.issued(kind, issued.token.hash).await, None);
        let token = OneTimeToken { kind, ..issued.token.clone() };
        let misused = IssuedToken { token, account: ada.clone() };
        assert_eq!(world.refused(&spend(&misused, NOW)).await, Conflict::TokenSpent);
    }
    world.commit(&spend(&issued, NOW)).await;
}

pub async fn an_expired_token_is_found_but_not_spent(world: &World, kind: Kind) {
    let ada = world.sign_up("ada@example.com").await.account;
    let issued = world.issue(kind, &ada).await;
    let OneTimeToken { hash, expires_at, .. } = issued.token;
    for late in [expires_at, expires_at.plus(Duration::from_hours(24))] {
        assert_eq!(world.refused(&spend(&issued, late)).await, Conflict::TokenSpent);
        assert_eq!(world.issued(kind, hash).await.as_ref(), Some(&issued));
    }
    let just_before = Timestamp::from_unix_micros(expires_at.unix_micros() - 1);
    world.commit(&spend(&issued, just_before)).await;
}

pub async fn a_token_is_spent_once(world: &World, kind: Kind) {
    let ada = world.sign_up("ada@example.com").await.account;
    let issued = world.issue(kind, &ada).await;
    world.commit(&spend(&issued, NOW)).await;
    assert_eq!(world.issued(kind, issued.token.hash).await, None);
    assert_eq!(world.refused(&spend(&issued, NOW)).await, Conflict::TokenSpent);
}

pub async fn a_token_that_was_never_issued_is_not_spent(world: &World, kind: Kind) {
    let account = world.sign_up("ada@example.com").await.account;
    let token = numbered(kind, account.id, 7);
    let refused = world.refused(&spend(&IssuedToken { token, account }, NOW)).await;
    assert_eq!(refused, Conflict::TokenSpent);
}

pub async fn a_newer_token_takes_the_place_of_the_older(world: &World, kind: Kind) {
    let ada = world.sign_up("ada@example.com").await.account;
    let older = world.issue(kind, &ada).await;
    let newer = world.issue(kind, &ada).await;
    assert_eq!(world.issued(kind, older.token.hash).await, None);
    assert_eq!(world.refused(&spend(&older, NOW)).await, Conflict::TokenSpent);
    world.commit(&spend(&newer, NOW)).await;
    let newest = world.issue(kind, &ada).await;
    world.commit(&spend(&newest, NOW)).await;
}

pub async fn issuing_leaves_other_kinds_and_other_accounts_alone(world: &World, kind: Kind) {
    let ada = world.sign_up("ada@example.com").await.account;
    let untouched = issue_to_others(world, kind, &ada).await;
    for _ in 0..2 {
        world.issue(kind, &ada).await;
    }
    assert_issued(world, untouched).await;
}

pub async fn spending_leaves_other_kinds_and_other_accounts_alone(world: &World, kind: Kind) {
    let ada = world.sign_up("ada@example.com").await.account;
    let untouched = issue_to_others(world, kind, &ada).await;
    let issued = world.issue(kind, &ada).await;
    world.commit(&spend(&issued, NOW)).await;
    assert_issued(world, untouched).await;
}

pub async fn of_many_callers_one_spends_it(world: &World, kind: Kind) {
    let ada = world.sign_up("ada@example.com").await.account;
    let issued = world.issue(kind, &ada).await;
    let results = world.race(vec![spend(&issued, NOW); CROWD]).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    let refused = results.iter().filter(|result| **result == Err(Conflict::TokenSpent)).count();
    assert_eq!(refused, CROWD - 1);
    assert_eq!(world.issued(kind, issued.token.hash).await, None);
}

pub async fn of_many_issued_at_once_one_is_left(world: &World, kind: Kind) {
    let ada = world.sign_up("ada@example.com").await.account;
    let tokens: Vec<_> = (0..8).map(|nth| numbered(kind, ada.id, nth)).collect();
    let lists = tokens.iter().map(|token| list(Change::Issue(token.clone()))).collect();
    assert!(world.race(lists).await.iter().all(Result::is_ok));
    let mut left = 0;
    for token in tokens {
        left += usize::from(world.issued(kind, token.hash).await.is_some());
    }
    assert_eq!(left, 1);
}

pub async fn a_first_token_does_not_take_the_place_of_another(world: &World, kind: Kind) {
    let ada = world.sign_up("ada@example.com").await.account;
    let (first, second) = (numbered(kind, ada.id, 1), numbered(kind, ada.id, 2));
    world.commit(&withdraw(ada.id, kind)).await;
    world.commit(&list(Change::IssueFirst(first.clone()))).await;
    let refused = world.refused(&list(Change::IssueFirst(second.clone()))).await;
    assert_eq!(refused, Conflict::TokenPending);
    assert_eq!(world.issued(kind, first.hash).await.unwrap().token, first);
    assert_eq!(world.issued(kind, second.hash).await, None);
}

pub async fn of_many_first_tokens_one_is_issued(world: &World, kind: Kind) {
    let ada = world.sign_up("ada@example.com").await.account;
    world.commit(&withdraw(ada.id, kind)).await;
    let tokens: Vec<_> = (1..=10).map(|nth| numbered(kind, ada.id, nth)).collect();
    let lists = tokens.iter().map(|token| list(Change::IssueFirst(token.clone()))).collect();
    let results = world.race(lists).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
    let winner = results.iter().position(Result::is_ok).unwrap();
    assert_eq!(world.issued(kind, tokens[winner].hash).await.unwrap().token, tokens[winner]);
}

pub async fn a_withdrawn_token_is_not_spent(world: &World, kind: Kind) {
    let ada = world.sign_up("ada@example.com").await.account;
    let bob = world.sign_up("bob@example.com").await.account;
    let (adas, bobs) = (world.issue(kind, &ada).await, world.issue(kind, &bob).await);
    for _ in 0..2 {
        world.commit(&withdraw(ada.id, kind)).await;
    }
    assert_eq!(world.issued(kind, adas.token.hash).await, None);
    assert_eq!(world.refused(&spend(&adas, NOW)).await, Conflict::TokenSpent);
    assert_eq!(world.issued(kind, bobs.token.hash).await, Some(bobs));
}

pub async fn only_an_expired_token_is_withdrawn_for_that(world: &World, kind: Kind) {
    let ada = world.sign_up("ada@example.com").await.account;
    let token = OneTimeToken { expires_at: NOW, ..numbered(kind, ada.id, 1) };
    world.commit(&list(Change::Issue(token.clone()))).await;
    let account = ada.id;
    let before = Timestamp::from_unix_micros(NOW.unix_micros() - 1);
    world.commit(&list(Change::WithdrawExpired { account, kind, now: before })).await;
    assert_eq!(world.issued(kind, token.hash).await.unwrap().token, token);
    world.commit(&list(Change::WithdrawExpired { account, kind, now: NOW })).await;
    assert_eq!(world.issued(kind, token.hash).await, None);
}

pub async fn the_unspent_tokens_of_an_account_are_found(world: &World, kind: Kind) {
    let ada = world.sign_up("ada@example.com").await.account;
    let bob = world.sign_up("bob@example.com").await.account;
    world.issue(kind, &bob).await;
    let expected = world.issue(kind, &ada).await.token;
    let found = world.store().unspent(ada.id).await.unwrap();
    assert!(found.contains(&expected) && found.iter().all(|token| token.account == ada.id));
    world.commit(&withdraw(ada.id, kind)).await;
    let found = world.store().unspent(ada.id).await.unwrap();
    assert!(found.iter().all(|token| token.kind != kind));
}

fn withdraw(account: AccountId, kind: Kind) -> Changes {
    list(Change::Withdraw { account, kind })
}

/// Spends a token at a moment, as somebody does who has read that it lasts for ever.
fn spend(issued: &IssuedToken, now: Timestamp) -> Changes {
    let token = OneTimeToken { expires_at: END_OF_TIME, ..issued.token.clone() };
    let read = IssuedToken { token, account: issued.account.clone() };
    let (_, consumed) = one_time::consume_once(Some(&read), now).unwrap();
    list(consumed)
}

fn others(kind: Kind) -> impl Iterator<Item = Kind> {
    Kind::ALL.iter().copied().filter(move |other| *other != kind)
}

/// Tokens that have nothing to do with one of this kind and account.
async fn issue_to_others(world: &World, kind: Kind, account: &Account) -> Vec<IssuedToken> {
    let bob = world.sign_up("bob@example.com").await.account;
    let mut issued = vec![world.issue(kind, &bob).await];
    for other in others(kind) {
        issued.push(world.issue(other, account).await);
        issued.push(world.issue(other, &bob).await);
    }
    issued
}

async fn assert_issued(world: &World, expected: Vec<IssuedToken>) {
    for issued in expected {
        let OneTimeToken { kind, hash, .. } = issued.token;
        assert_eq!(world.issued(kind, hash).await, Some(issued));
    }
}

fn numbered(kind: Kind, account: AccountId, nth: u8) -> OneTimeToken {
    OneTimeToken {
        kind,
        account,
        hash: TokenHash::from_stored([nth; 32]),
        expires_at: END_OF_TIME,
        email: EmailAddress::parse("Ada@bücher.example").ok(),
    }
}

fn list(change: Change) -> Changes {
    Changes::default().with(change)
}

macro_rules! name_every_kind {
    ([$($kind:ident $module:ident)+]) => {
        /// The module that holds the tests of a kind. A new kind does not compile without one.
        pub const fn module_of(kind: Kind) -> &'static str {
            match kind { $(Kind::$kind => stringify!($module),)+ }
        }
    };
}

crate::__each_kind! { name_every_kind }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_tests_in_a_module_of_its_name() {
        for kind in Kind::ALL {
            assert_eq!(module_of(*kind), kind.name());
        }
    }
}
