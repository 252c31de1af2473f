use std::{sync::Arc, time::Duration};

use fastauth_application::{
    moments::Moments,
    session::{RefreshError, Sessions},
    tokens::TokenIssuer,
};
use fastauth_domain::{
    account::Account,
    change::Conflict,
    email::EmailAddress,
    gate::{self, Grant, VerificationRule},
    moment::Moment,
    password::PasswordHash,
    refresh_token::RefreshKey,
    server_key::ServerKey,
    session::{Persistence, SessionLimits, SessionPolicy, SignedIn},
    time::Timestamp,
    token::Token,
    visitor::Visitor,
};
use fastauth_ports::{
    access_tokens::{AccessToken, MockAccessTokens},
    clock::{Clock, MockClock},
    commit::{CommitError, MockCommit},
    randomness::MockRandomness,
    sessions::MockReadSessions,
    unavailable::Unavailable,
};

pub(crate) const NOW: Timestamp = Timestamp::from_unix_micros(1_800_000_000_000_000);

const POLICY: SessionPolicy = {
    let limits = SessionLimits { idle: Duration::from_hours(1), absolute: Duration::from_hours(2) };
    SessionPolicy { normal: limits, remembered: limits, reuse_interval: Duration::ZERO, most: None }
};

pub(crate) fn signed_in() -> (SignedIn, Grant) {
    let mut moment = Moment::new(NOW, [7; 32]);
    let email = EmailAddress::parse("user@example.com").unwrap();
    let account = Account::open(email, None, PasswordHash::from_phc("$"), &mut moment);
    let active = gate::admit(&account, VerificationRule::Optional).unwrap();
    let (session, grant) = active.open_session(Persistence::Normal, &POLICY, &mut moment);
    (SignedIn { session, account }, grant)
}

pub(crate) fn refresh_key() -> RefreshKey {
    let server = ServerKey::parse("oJ0x1cEwFz2nqkD5u8VbR7mLyT4gHsPa".into()).unwrap();
    RefreshKey::new(&server)
}

/// Sessions over a store that behaves as staged.
pub(crate) fn sessions(sessions: MockReadSessions, store: MockCommit) -> Sessions {
    let mut clock = MockClock::new();
    clock.expect_now().return_const(NOW);
    let clock: Arc<dyn Clock> = Arc::new(clock);
    let mut randomness = MockRandomness::new();
    randomness.expect_seed().returning(|| Ok([9; 32]));
    let mut access_tokens = MockAccessTokens::new();
    access_tokens.expect_issue().returning(|_, _, _| {
        Ok(AccessToken { token: Token::presented("access"), lifetime: Duration::from_mins(30) })
    });
    Sessions {
        sessions: Arc::new(sessions),
        store: Arc::new(store),
        moments: Moments { clock: Arc::clone(&clock), randomness: Arc::new(randomness) },
        tokens: TokenIssuer {
            access_tokens: Arc::new(access_tokens),
            roles: None,
            refresh_key: refresh_key(),
            clock,
        },
        refresh_key: refresh_key(),
        verification: VerificationRule::Optional,
        policy: POLICY,
    }
}

pub(crate) fn reads(found: SignedIn, times: usize) -> MockReadSessions {
    let mut reads = MockReadSessions::new();
    reads.expect_session().times(times).returning(move |_| Ok(Some(found.clone())));
    reads
}

#[tokio::test]
async fn an_overtaken_use_case_reads_and_decides_again() {
    let (found, grant) = signed_in();
    let mut store = MockCommit::new();
    let mut overtakings = 3;
    store.expect_commit().times(4).returning(move |_| {
        overtakings -= 1;
        if overtakings >= 0 { Err(Conflict::SessionMoved.into()) } else { Ok(()) }
    });
    let sessions = sessions(reads(found, 4), store);
    let token = grant.refresh_token().seal(&refresh_key());
    assert!(sessions.refresh(&token, &Visitor::default()).await.is_ok());
}

#[tokio::test]
async fn a_use_case_that_is_overtaken_without_end_gives_up_as_unavailable() {
    let (found, grant) = signed_in();
    let mut store = MockCommit::new();
    store.expect_commit().returning(|_| Err(Conflict::SessionMoved.into()));
    let sessions = sessions(reads(found, 8), store);
    let token = grant.refresh_token().seal(&refresh_key());
    assert!(matches!(
        sessions.refresh(&token, &Visitor::default()).await,
        Err(RefreshError::Unavailable(_))
    ));
}

#[tokio::test]
async fn no_token_is_handed_out_before_its_commit_has_succeeded() {
    let (found, grant) = signed_in();
    let mut store = MockCommit::new();
    store.expect_commit().returning(|_| Err(CommitError::Unavailable(Unavailable::new("gone"))));
    let sessions = sessions(reads(found, 1), store);
    let token = grant.refresh_token().seal(&refresh_key());
    assert!(matches!(
        sessions.refresh(&token, &Visitor::default()).await,
        Err(RefreshError::Unavailable(_))
    ));
}

#[tokio::test]
async fn a_revocation_that_was_not_committed_is_not_reported_as_done() {
    let (mut found, grant) = signed_in();
    found.session.generation = found.session.generation.next();
    let mut store = MockCommit::new();
    store.expect_commit().returning(|_| Err(CommitError::Unavailable(Unavailable::new("gone"))));
    let sessions = sessions(reads(found, 1), store);
    let token = grant.refresh_token().seal(&refresh_key());
    assert!(matches!(
        sessions.refresh(&token, &Visitor::default()).await,
        Err(RefreshError::Unavailable(_))
    ));
}

#[tokio::test]
async fn a_forged_refresh_token_costs_no_query() {
    let sessions = sessions(MockReadSessions::new(), MockCommit::new());
    let visitor = Visitor::default();
    for forged in ["", "fa_refresh_", "fa_refresh_AAAA", "v4.public.AAAA"] {
        let refused = sessions.refresh(&Token::presented(forged), &visitor).await;
        assert!(matches!(refused, Err(RefreshError::InvalidRefreshToken)));
        assert!(sessions.logout(&Token::presented(forged), &visitor).await.is_ok());
    }
}
