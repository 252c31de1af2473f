//! What a refresh token earns.

use std::time::Duration;

use crate::support::{
    DAY, MINUTE, POLICY, at, disabled, moment, open, server_key, signed_in, verified,
};
use fastauth_domain::{
    audit::{self, EventKind},
    change::{Change, Changes},
    gate::{self, VerificationRule},
    mail::Message,
    moment::Moment,
    refresh_token::{RefreshKey, RefreshToken},
    session::{self, Persistence, RefreshRefused, Session, SessionPolicy, SignedIn},
    token::Token,
};
use proptest::prelude::*;

const SECOND: Duration = Duration::from_secs(1);
const STRICT: SessionPolicy = SessionPolicy { reuse_interval: Duration::ZERO, ..POLICY };

fn key() -> RefreshKey {
    RefreshKey::new(&server_key())
}

/// A session, its clock, and every refresh token it has handed out.
struct History {
    state: SignedIn,
    policy: SessionPolicy,
    handed_out: Vec<Token>,
}

impl History {
    fn begin(policy: SessionPolicy) -> Self {
        let (state, grant) = signed_in();
        Self { state, policy, handed_out: vec![grant.refresh_token().seal(&key())] }
    }

    /// Presents the n-th token handed out, and commits what is decided.
    fn present(&mut self, nth: usize, later: Duration) -> Result<Token, RefreshRefused> {
        let token = RefreshToken::open(&self.handed_out[nth], &key()).unwrap();
        let rule = VerificationRule::Optional;
        let mut moment = moment(later);
        let found = Some(&self.state);
        let decision = session::refresh(found, &token, rule, &self.policy, &mut moment);
        self.commit(&decision.changes);
        let grant = decision.answer?;
        let earned = grant.refresh_token().seal(&key());
        if !self.handed_out.iter().any(|known| known.expose() == earned.expose()) {
            self.handed_out.push(earned.clone());
        }
        Ok(earned)
    }

    fn commit(&mut self, changes: &Changes) {
        for change in changes {
            match change {
                Change::Session(session::Change::Turn { from, at, idle_until, .. }) => {
                    assert_eq!(*from, self.state.session.generation);
                    self.state.session.generation = from.next();
                    self.state.session.turned_at = *at;
                    self.state.session.idle_until = *idle_until;
                }
                Change::Session(session::Change::Revoke { at, .. }) => {
                    self.state.session.revoked_at = Some(*at);
                }
                Change::Mail(mail) => assert_eq!(mail.message, Message::SessionStolen),
                Change::Audit(audit::Change::Record(event)) => {
                    assert_eq!(event.kind, EventKind::RefreshTokenReused);
                }
                other => panic!("a refresh does not do this: {other:?}"),
            }
        }
    }
}

#[test]
fn a_token_earns_its_successor_and_the_successor_the_next() {
    let mut history = History::begin(POLICY);
    let second = history.present(0, MINUTE).unwrap();
    let third = history.present(1, 2 * MINUTE).unwrap();
    assert_ne!(second.expose(), third.expose());
}

#[test]
fn a_repeat_within_the_interval_earns_the_same_successor() {
    let mut history = History::begin(POLICY);
    let successor = history.present(0, MINUTE).unwrap();
    let repeated = history.present(0, MINUTE + 10 * SECOND).unwrap();
    assert_eq!(repeated.expose(), successor.expose());
}

#[test]
fn a_repeat_after_the_interval_ends_the_session() {
    let mut history = History::begin(POLICY);
    history.present(0, MINUTE).unwrap();
    let late = MINUTE + 10 * SECOND + Duration::from_micros(1);
    assert_eq!(history.present(0, late).unwrap_err(), RefreshRefused::Reused);
    assert_eq!(history.present(1, late).unwrap_err(), RefreshRefused::Invalid);
}

#[test]
fn a_repeat_after_its_successor_was_used_ends_the_session() {
    let mut history = History::begin(POLICY);
    history.present(0, MINUTE).unwrap();
    history.present(1, MINUTE + SECOND).unwrap();
    assert_eq!(history.present(0, MINUTE + 2 * SECOND).unwrap_err(), RefreshRefused::Reused);
    assert_eq!(history.present(2, MINUTE + 3 * SECOND).unwrap_err(), RefreshRefused::Invalid);
}

#[test]
fn an_interval_of_zero_means_strict_single_use() {
    let mut history = History::begin(STRICT);
    history.present(0, MINUTE).unwrap();
    assert_eq!(history.present(0, MINUTE).unwrap_err(), RefreshRefused::Reused);
}

#[test]
fn a_clock_set_back_does_not_stretch_the_interval() {
    let mut history = History::begin(POLICY);
    history.present(0, 30 * MINUTE).unwrap();
    assert_eq!(history.present(0, 20 * MINUTE).unwrap_err(), RefreshRefused::Reused);
}

#[test]
fn use_keeps_a_session_alive_up_to_its_absolute_end() {
    let mut history = History::begin(POLICY);
    for day in 1..30 {
        history.present(day - 1, DAY * u32::try_from(day).unwrap()).unwrap();
    }
    assert_eq!(history.state.session.idle_until, history.state.session.ends_at);
    let end = 30 * DAY;
    assert!(history.present(29, end.checked_sub(Duration::from_micros(1)).unwrap()).is_ok());
    assert_eq!(history.present(30, end).unwrap_err(), RefreshRefused::Invalid);
}

#[test]
fn an_idle_session_ends_and_a_remembered_one_ends_later() {
    let mut history = History::begin(POLICY);
    assert_eq!(history.present(0, 7 * DAY).unwrap_err(), RefreshRefused::Invalid);
    let (session, _) = open(&verified(), Persistence::Remembered);
    assert!(session.is_alive(at(89 * DAY)) && !session.is_alive(at(90 * DAY)));
}

#[test]
fn the_owner_of_a_stolen_session_is_told_where_they_have_proven_to_be() {
    for (account, mails) in [(verified(), 1), (crate::support::account(), 0)] {
        let (session, grant) = open(&account, Persistence::Normal);
        let used = Session { generation: session.generation.next().next(), ..session };
        let stolen = SignedIn { session: used, account };
        let token = grant.refresh_token();
        let rule = VerificationRule::Optional;
        let decision = session::refresh(Some(&stolen), token, rule, &POLICY, &mut moment(DAY));
        assert_eq!(decision.answer.unwrap_err(), RefreshRefused::Reused);
        let is_mail = |change: &&Change| matches!(change, Change::Mail(_));
        assert_eq!(decision.changes.iter().filter(is_mail).count(), mails);
    }
}

#[test]
fn a_closed_or_unverified_account_earns_nothing() {
    let (found, grant) = signed_in();
    let closed = SignedIn { account: disabled(), ..found.clone() };
    let unverified = SignedIn { account: crate::support::account(), ..found };
    for state in [closed, unverified] {
        let (token, rule) = (grant.refresh_token(), VerificationRule::Required);
        let decision = session::refresh(Some(&state), token, rule, &POLICY, &mut moment(MINUTE));
        assert_eq!(decision.answer.unwrap_err(), RefreshRefused::Invalid);
        assert!(decision.changes.is_empty());
    }
}

#[test]
fn a_token_of_another_session_with_the_same_name_earns_nothing() {
    let account = verified();
    let active = gate::admit(&account, VerificationRule::Optional).unwrap();
    let mut elsewhere = Moment::new(at(Duration::ZERO), [99; 32]);
    let (_, grant) = active.open_session(Persistence::Normal, &POLICY, &mut elsewhere);
    let (mut found, _) = signed_in();
    found.session.id = grant.session();
    let (token, rule) = (grant.refresh_token(), VerificationRule::Optional);
    let decision = session::refresh(Some(&found), token, rule, &POLICY, &mut moment(MINUTE));
    assert_eq!(decision.answer.unwrap_err(), RefreshRefused::Invalid);
}

#[test]
fn a_logout_ends_the_session_once_by_whatever_token_of_it() {
    let mut history = History::begin(POLICY);
    history.present(0, MINUTE).unwrap();
    let oldest = RefreshToken::open(&history.handed_out[0], &key()).unwrap();
    let decision = session::logout(Some(&history.state.session), &oldest, &mut moment(2 * MINUTE));
    let kinds: Vec<_> = decision.changes.iter().collect();
    assert!(matches!(
        kinds.as_slice(),
        [Change::Session(session::Change::Revoke { .. }), Change::Audit(audit::Change::Record(event))]
            if event.kind == EventKind::SignedOut
    ));
    history.state.session.revoked_at = Some(at(2 * MINUTE));
    let again = session::logout(Some(&history.state.session), &oldest, &mut moment(3 * MINUTE));
    assert!(again.changes.is_empty());
}

proptest! {
    /// Whatever order tokens come in, there is one line of succession: what is answered is always
    /// the newest token, a token whose successor was used earns nothing, and an ended session stays
    /// ended.
    #[test]
    fn there_is_never_a_second_branch(
        strict in any::<bool>(),
        steps in prop::collection::vec((0..8_000_u64, 0..6_usize), 1..60),
    ) {
        let mut history = History::begin(if strict { STRICT } else { POLICY });
        let mut now = Duration::ZERO;
        let mut ended = false;
        for (pause, back) in steps {
            now += Duration::from_millis(pause);
            let nth = history.handed_out.len().saturating_sub(1 + back);
            let newest = history.handed_out.len() - 1;
            match history.present(nth, now) {
                Ok(earned) => {
                    prop_assert!(!ended);
                    prop_assert!(nth == newest || (!strict && nth + 1 == newest));
                    prop_assert_eq!(earned.expose(), history.handed_out.last().unwrap().expose());
                }
                Err(RefreshRefused::Reused) => {
                    prop_assert!(!ended && nth < newest);
                    ended = true;
                }
                Err(RefreshRefused::Invalid) => prop_assert!(ended),
            }
        }
    }

    #[test]
    fn arbitrary_text_opens_nothing(text in any::<String>()) {
        prop_assert!(RefreshToken::open(&Token::presented(text), &key()).is_none());
    }
}
