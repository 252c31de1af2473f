//! Lists that are committed at once: of those that want the same thing, one gets it.

use fastauth_domain::{
    account::{self, Account},
    change::{Changes, Conflict},
    one_time::Kind,
    session,
};

use super::{
    account::SPELLINGS,
    flows::{self, NOW, hash},
    world::{Person, World},
};

const CROWD: usize = 32;
/// How often a race of two is run, each time for somebody else.
const ROUNDS: usize = 16;
const ADA: &str = "ada@example.com";

pub async fn of_many_registrations_of_one_address_one_is_stored(world: &World) {
    let spellings = SPELLINGS.iter().cycle().take(CROWD);
    let lists: Vec<_> =
        spellings.map(|typed| flows::register(typed, &mut world.moment()).0).collect();
    let results = world.race(lists.clone()).await;
    let winner = only_winner(&results, Conflict::EmailTaken);
    let contents = world.contents().await;
    assert_eq!(contents.accounts.len(), 1);
    assert_eq!(contents.sessions.len(), 1);
    assert_eq!(contents.tokens.len(), 1);
    assert_eq!(contents.mails.len(), 1);
    assert_eq!(contents.events, [lists[winner].receipt().unwrap().clone()]);
}

pub async fn of_many_turns_of_one_session_one_is_stored(world: &World) {
    let Person { grant, .. } = world.sign_up(ADA).await;
    let found = world.session(grant.session()).await;
    let turn = flows::refresh(&found, &grant, &mut world.moment());
    let results = world.race(vec![turn; CROWD]).await;
    only_winner(&results, Conflict::SessionMoved);
    let turned = world.session(grant.session()).await.session;
    assert_eq!(turned.generation, found.session.generation.next());
}

pub async fn of_many_new_passwords_one_is_stored(world: &World) {
    let account = world.sign_up(ADA).await.account;
    let names: Vec<_> = (0..CROWD).map(|nth| nth.to_string()).collect();
    let lists = names.iter().map(|name| set_password(&account, name)).collect();
    let results = world.race(lists).await;
    let winner = only_winner(&results, Conflict::AccountMoved);
    let after = world.account(ADA).await;
    assert_eq!(after.password, Some(hash(&names[winner])));
    assert_eq!(after.version, account.version.next());
}

pub async fn of_many_resets_by_one_token_one_is_stored(world: &World) {
    let account = world.sign_up(ADA).await.account;
    let found = world.issue(Kind::PasswordReset, &account).await;
    let reset =
        |nth: usize| flows::confirm_reset(&found, hash(&nth.to_string()), &mut world.moment());
    let results = world.race((0..CROWD).map(reset).collect()).await;
    let winner = only_winner(&results, Conflict::AccountMoved);
    assert_eq!(world.account(ADA).await.password, Some(hash(&winner.to_string())));
}

pub async fn a_turn_does_not_outlive_a_revocation(world: &World) {
    for round in 0..ROUNDS {
        let Person { account, grant } = world.sign_up(&numbered(round)).await;
        let found = world.session(grant.session()).await;
        let turn = flows::refresh(&found, &grant, &mut world.moment());
        let revoke = session::Change::RevokeAll { account: account.id, at: NOW };
        let revoke = Changes::default().with(revoke);
        let [turned, revoked] = world.race_of_two(turn, revoke).await;
        assert_eq!(revoked, Ok(()));
        let session = world.session(grant.session()).await.session;
        assert_eq!(session.revoked_at, Some(NOW));
        match turned {
            Ok(()) => assert_eq!(session.generation, found.session.generation.next()),
            Err(conflict) => {
                assert_eq!(conflict, Conflict::SessionMoved);
                assert_eq!(session, session::Session { revoked_at: Some(NOW), ..found.session });
            }
        }
    }
}

pub async fn a_renewed_hash_does_not_outlive_a_new_password(world: &World) {
    for round in 0..ROUNDS {
        let account = world.sign_up(&numbered(round)).await.account;
        let sign_in = flows::login(&account, Some(hash("renewed")), &mut world.moment());
        let [signed_in, set] = world.race_of_two(sign_in, set_password(&account, "new")).await;
        assert_eq!(set, Ok(()));
        assert!(matches!(signed_in, Ok(()) | Err(Conflict::AccountMoved)), "{signed_in:?}");
        let after = world.account(&numbered(round)).await;
        assert_eq!(after.password, Some(hash("new")));
        assert_eq!(after.version, account.version.next());
    }
}

pub async fn no_session_outlives_a_password_reset(world: &World) {
    for round in 0..ROUNDS {
        let account = world.sign_up(&numbered(round)).await.account;
        let found = world.issue(Kind::PasswordReset, &account).await;
        let reset = flows::confirm_reset(&found, hash("new"), &mut world.moment());
        let sign_ins = (0..7).map(|_| flows::login(&account, None, &mut world.moment()));
        let results = world.race([reset].into_iter().chain(sign_ins).collect()).await;
        assert_eq!(results[0], Ok(()));
        let may_be = |result: &_| matches!(result, Ok(()) | Err(Conflict::AccountMoved));
        assert!(results.iter().all(may_be), "{results:?}");
    }
    let sessions = world.contents().await.sessions;
    assert!(sessions.len() >= ROUNDS);
    assert!(sessions.iter().all(|found| found.session.revoked_at.is_some()));
}

pub async fn lists_that_do_not_concern_each_other_are_all_stored(world: &World) {
    let account = world.sign_up(ADA).await.account;
    let sign_ins = (0..CROWD).map(|_| flows::login(&account, None, &mut world.moment()));
    let registrations =
        (0..CROWD).map(|nth| flows::register(&numbered(nth), &mut world.moment()).0);
    let results = world.race(sign_ins.chain(registrations).collect()).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    let contents = world.contents().await;
    assert_eq!(contents.accounts.len(), 1 + CROWD);
    assert_eq!(contents.sessions.len(), 1 + 2 * CROWD);
    assert_eq!(contents.events.len(), 1 + 2 * CROWD);
}

/// The place of the one that succeeded, where all others met the same conflict.
fn only_winner(results: &[Result<(), Conflict>], conflict: Conflict) -> usize {
    let winners: Vec<_> = (0..results.len()).filter(|nth| results[*nth].is_ok()).collect();
    let losers = results.iter().filter(|result| **result == Err(conflict)).count();
    assert_eq!((winners.len(), losers), (1, results.len() - 1), "{results:?}");
    winners[0]
}

fn set_password(account: &Account, name: &str) -> Changes {
    let (id, version, at) = (account.id, account.version, NOW);
    let password = hash(name);
    Changes::default().with(account::Change::SetPassword { id, version, password, at })
}

fn numbered(nth: usize) -> String {
    format!("person.{nth}@example.com")
}
