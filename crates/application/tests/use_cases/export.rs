//! A copy of what is stored, for somebody who was recognised a moment ago.

use std::sync::Arc;

use fastauth_application::{account::Caller, export::Exports, moments::Moments};
use fastauth_domain::{
    account::{self, DisplayName, ProfileChange},
    change::Changes,
    visitor::Visitor,
};
use fastauth_memory::MemoryStore;
use fastauth_ports::{commit::Commit, sessions::ReadSessions};
use fastauth_testkit::{clock::TurnableClock, contract::flows, randomness::Dice};

fn exports(store: &Arc<MemoryStore>) -> Exports {
    let clock = Arc::new(TurnableClock::default());
    Exports {
        accounts: store.clone(),
        roles: store.clone(),
        sessions: store.clone(),
        events: store.clone(),
        deliveries: store.clone(),
        one_time_tokens: store.clone(),
        store: store.clone(),
        moments: Moments { clock, randomness: Arc::new(Dice::default()) },
    }
}

#[tokio::test]
async fn a_copy_shows_what_is_stored_now_and_not_what_its_owner_was_recognised_by() {
    let store = Arc::<MemoryStore>::default();
    let (changes, grant) = flows::register("ada@example.com", &mut flows::moment(1));
    store.commit(&changes).await.unwrap();
    let known = store.session(grant.session()).await.unwrap().unwrap();
    let caller = Caller { account: known.account, session: known.session.id };
    let id = caller.account.id;
    let name = DisplayName::parse("Ada Lovelace").unwrap();
    let profile = ProfileChange { name: Some(Some(name.clone())), ..ProfileChange::default() };
    let renamed = Changes::default().with(account::Change::SetProfile { id, profile });
    store.commit(&renamed).await.unwrap();
    let copy = exports(&store).export(&caller, &Visitor::default()).await.unwrap();
    assert_eq!((caller.account.name, copy.account.name), (None, Some(name)));
}
