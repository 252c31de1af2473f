//! Connections to the database that break in the middle of something.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    door::{Answer, Door, credentials},
    engine::Engine,
    outages::{start, start_with},
    pair::{Pair, RESET, VERIFY},
    people::{OLD, address},
    proxy::{Bait, Moment, Proxy, Trap},
};

/// More than any flow says to the database.
const MESSAGES: u32 = 20;
const NEW: &str = "the password of after";
/// What attempts are counted in has a COMMIT of its own, which comes before that of what is asked for.
const UNCOUNTED: [(&str, &str); 2] =
    [("MAX_WRONG_PASSWORDS", "off"), ("EMAIL_LINKS_PER_RECIPIENT", "off")];

/// What is asked for while the connection breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    Register,
    Login,
    Refresh,
    Logout,
    Verify,
    RequestReset,
    Reset,
}

impl Flow {
    const ALL: [Self; 7] = [
        Self::Register,
        Self::Login,
        Self::Refresh,
        Self::Logout,
        Self::Verify,
        Self::RequestReset,
        Self::Reset,
    ];

    /// What is answered to whoever asks for the first time.
    const fn success(self) -> StatusCode {
        match self {
            Self::Register => StatusCode::CREATED,
            Self::Login | Self::Refresh => StatusCode::OK,
            Self::Logout | Self::Verify | Self::RequestReset | Self::Reset => {
                StatusCode::NO_CONTENT
            }
        }
    }

    /// What is answered to whoever asks again for what was done.
    const fn repeated(self) -> StatusCode {
        match self {
            Self::Register => StatusCode::CONFLICT,
            Self::Verify | Self::Reset => StatusCode::BAD_REQUEST,
            Self::Login | Self::Refresh | Self::Logout | Self::RequestReset => self.success(),
        }
    }
}

/// Somebody for whom one thing is done, and who has all that it takes.
struct Customer {
    flow: Flow,
    email: String,
    session: String,
    verification: String,
    reset: String,
}

impl Customer {
    fn request(&self) -> (&'static str, Value) {
        let session = json!({ "refresh_token": self.session });
        match self.flow {
            Flow::Register => {
                ("/auth/register", credentials(&format!("friend-of-{}", self.email), OLD))
            }
            Flow::Login => ("/auth/login", credentials(&self.email, OLD)),
            Flow::Refresh => ("/auth/refresh", session),
            Flow::Logout => ("/auth/logout", session),
            Flow::Verify => {
                ("/auth/email-verification/confirm", json!({ "token": self.verification }))
            }
            Flow::RequestReset => ("/auth/password-reset/request", json!({ "email": self.email })),
            Flow::Reset => (
                "/auth/password-reset/confirm",
                json!({ "token": self.reset, "new_password": NEW }),
            ),
        }
    }

    /// Asks once while the connection may break; `None` if that was not answered, or with the answer
    /// that it is not available.
    async fn ask(&self, door: &Door) -> Option<Answer> {
        let (path, body) = self.request();
        let answer = door.try_post(path, &body).await?;
        (answer.status != StatusCode::SERVICE_UNAVAILABLE).then_some(answer)
    }

    /// Asks again, and sees that what was done was done once.
    async fn check(&self, first: Option<&Answer>, again: &Door, case: &str) {
        let (path, body) = self.request();
        let second = again.post(path, &body).await;
        if let Some(first) = first {
            assert_eq!(first.status, self.flow.success(), "{case}: {first:?}");
            assert_eq!(second.status, self.flow.repeated(), "{case}: {second:?}");
        } else {
            let expected = [self.flow.success(), self.flow.repeated()];
            assert!(expected.contains(&second.status), "{case}: {second:?}");
        }
        match self.flow {
            Flow::Register => {
                let friend = format!("friend-of-{}", self.email);
                assert_eq!(again.login(&friend, OLD).await.status, StatusCode::OK, "{case}");
            }
            Flow::Login | Flow::Refresh => self.check_session(first, &second, again, case).await,
            Flow::Logout => {
                let late = again.refresh(&self.session).await;
                assert_eq!(late.status, StatusCode::UNAUTHORIZED, "{case}");
            }
            Flow::Verify | Flow::RequestReset => {
                assert_eq!(again.login(&self.email, OLD).await.status, StatusCode::OK, "{case}");
            }
            Flow::Reset => {
                let old = again.login(&self.email, OLD).await;
                assert_eq!(old.status, StatusCode::UNAUTHORIZED, "{case}");
                assert_eq!(again.login(&self.email, NEW).await.status, StatusCode::OK, "{case}");
            }
        }
    }

    async fn check_session(
        &self,
        first: Option<&Answer>,
        second: &Answer,
        again: &Door,
        case: &str,
    ) {
        if let (Flow::Refresh, Some(first)) = (self.flow, first) {
            assert_eq!(first.refresh_token(), second.refresh_token(), "{case}");
        }
        for answer in first.into_iter().chain([second]) {
            assert_eq!(again.me(&answer.access_token()).await.status, StatusCode::OK, "{case}");
            let next = again.refresh(&answer.refresh_token()).await;
            assert_eq!(next.status, StatusCode::OK, "{case}");
        }
    }
}

/// Has customers arrive at the instance whose database is not in trouble yet.
async fn customers(pair: &Pair, flows: &[Flow]) -> Vec<Customer> {
    let door = pair.door(1);
    let mut sessions = Vec::new();
    for number in 0..flows.len() {
        let email = address(&format!("customer{number}"));
        sessions.push(door.register(&email, OLD).await.refresh_token());
        assert_eq!(door.request_reset(&email).await.status, StatusCode::NO_CONTENT);
    }
    let mut verifications = pair.tokens(VERIFY, flows.len()).await;
    let mut resets = pair.tokens(RESET, flows.len()).await;
    let customer = |(number, (flow, session)): (usize, (&Flow, String))| {
        let email = address(&format!("customer{number}"));
        let verification = verifications.remove(&email).unwrap();
        let reset = resets.remove(&email).unwrap();
        Customer { flow: *flow, email, session, verification, reset }
    };
    flows.iter().zip(sessions).enumerate().map(customer).collect()
}

async fn wherever_a_connection_breaks_nothing_is_lost_and_nothing_is_double(engine: Engine) {
    let (pair, proxy) = start(engine).await;
    let mut cases = Vec::new();
    for flow in Flow::ALL {
        for moment in [Moment::Unheard, Moment::Unanswered] {
            cases.extend((0..MESSAGES).map(|message| (flow, moment, message)));
        }
    }
    let flows: Vec<_> = cases.iter().map(|(flow, ..)| *flow).collect();
    let mut sprung = 0;
    for (customer, (_, moment, message)) in customers(&pair, &flows).await.iter().zip(cases) {
        sprung += u32::from(try_one(&pair, &proxy, customer, moment, message).await);
    }
    assert!(sprung > 40, "{sprung} connections were cut");
    let count = |wanted| flows.iter().filter(|flow| **flow == wanted).count();
    for (kind, expected) in [
        ("registered", flows.len() + count(Flow::Register)),
        ("email_verified", count(Flow::Verify)),
        ("password_reset", count(Flow::Reset)),
        ("refresh_token_reused", 0),
    ] {
        let events = format!("SELECT COUNT(*) FROM audit_event WHERE kind = '{kind}'");
        let found = usize::try_from(pair.database.number(&events).await);
        assert_eq!(found, Ok(expected), "{kind}");
    }
    pair.stop();
}

async fn try_one(
    pair: &Pair,
    proxy: &Proxy,
    customer: &Customer,
    moment: Moment,
    message: u32,
) -> bool {
    proxy.set(Trap { bait: Bait::Message(message), moment });
    let first = customer.ask(&pair.door(0)).await;
    let has_sprung = proxy.take_trap();
    let case = format!("{:?}, {moment:?} at {message}", customer.flow);
    customer.check(first.as_ref(), &pair.doors(1), &case).await;
    has_sprung
}

async fn a_commit_that_was_not_heard_is_refused_and_one_whose_answer_was_lost_is_found(
    engine: Engine,
) {
    let (pair, proxy) = start_with(engine, &UNCOUNTED).await;
    // One statement is a transaction by itself.
    let flows = Flow::ALL.iter().filter(|flow| !matches!(flow, Flow::Refresh | Flow::RequestReset));
    let flows: Vec<_> = flows.flat_map(|flow| [*flow; 2]).collect();
    let moments = [Moment::Unheard, Moment::Unanswered].into_iter().cycle();
    for (customer, moment) in customers(&pair, &flows).await.iter().zip(moments) {
        let case = format!("{:?}, {moment:?}", customer.flow);
        proxy.set(Trap { bait: Bait::Commit, moment });
        let first = customer.ask(&pair.door(0)).await;
        assert!(proxy.take_trap(), "{case}: there was no COMMIT");
        assert_eq!(first.is_some(), moment == Moment::Unanswered, "{case}: {first:?}");
        let again = pair.doors(1);
        let (path, body) = customer.request();
        if first.is_none() {
            let second = again.post(path, &body).await;
            assert_eq!(second.status, customer.flow.success(), "{case}: it was done before");
            customer.check(Some(&second), &again, &case).await;
        } else {
            customer.check(first.as_ref(), &again, &case).await;
        }
    }
    pair.stop();
}

on_servers! {
    wherever_a_connection_breaks_nothing_is_lost_and_nothing_is_double,
    a_commit_that_was_not_heard_is_refused_and_one_whose_answer_was_lost_is_found,
}
