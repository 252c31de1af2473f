//! Leaving, when somebody else leaves at the same moment.

use std::sync::Arc;

use fastauth_application::{
    account::Caller,
    deletion::{DeletionError, Deletions},
    guess::Guesses,
    moments::Moments,
    password_proof::PasswordProofs,
};
use fastauth_domain::{
    change::Conflict, deletion::Deletion, guess::GuessLimits, password::PresentedPassword,
    visitor::Visitor,
};
use fastauth_memory::MemoryStore;
use fastauth_ports::{
    accounts::MockReadAccounts,
    commit::MockCommit,
    passwords::{Match, MockHashPasswords, Turn},
    roles::MockReadRoles,
};
use fastauth_testkit::{clock::TurnableClock, randomness::Dice};

use crate::{
    overtaken::signed_in,
    roles::{administrators, id},
};

fn deletions(accounts: MockReadAccounts, roles: MockReadRoles, store: MockCommit) -> Deletions {
    let clock = Arc::new(TurnableClock::default());
    let counts = Arc::new(MemoryStore::default());
    let mut passwords = MockHashPasswords::new();
    passwords.expect_turn().returning(|_| Ok(Turn::free()));
    passwords.expect_verify().returning(|_, _, _| Ok(Match::Yes { outdated: false }));
    let guesses = Guesses {
        limits: counts.clone(),
        accounts: counts.clone(),
        sessions: counts.clone(),
        store: counts,
        clock: clock.clone(),
        policy: GuessLimits { rate: None, most: None },
    };
    let proofs = PasswordProofs {
        accounts: Arc::new(accounts),
        store: Arc::new(store),
        passwords: Arc::new(passwords),
        guesses,
        moments: Moments { clock, randomness: Arc::new(Dice::default()) },
    };
    Deletions { proofs, roles: Arc::new(roles) }
}

#[tokio::test]
async fn an_administrator_who_loses_a_race_to_leave_stays_as_the_last() {
    for deletion in [Deletion::Soft, Deletion::Hard] {
        let (ada, _) = signed_in();
        let caller = Caller { account: ada.account.clone(), session: ada.session.id };
        let (mut accounts, mut roles, mut store) =
            (MockReadAccounts::new(), MockReadRoles::new(), MockCommit::new());
        let ada = ada.account;
        let mut found = vec![administrators(2, &[ada.id]), administrators(1, &[ada.id, id(2)])];
        accounts.expect_with_id().times(2).returning(move |_| Ok(Some(ada.clone())));
        roles.expect_administrators().times(2).returning(move || Ok(found.pop().unwrap()));
        store.expect_commit().times(1).returning(|_| Err(Conflict::RolesMoved.into()));
        let password = PresentedPassword::new(&"securepassword123".into());
        let deletions = deletions(accounts, roles, store);
        let refused = deletions.delete(&caller, &password, deletion, &Visitor::default()).await;
        assert!(matches!(refused, Err(DeletionError::LastAdministrator(_))), "{refused:?}");
    }
}
