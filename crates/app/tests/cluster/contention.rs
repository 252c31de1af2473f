//! Databases that undo a transaction because of somebody else's.

use reqwest::StatusCode;
use serde_json::json;

use crate::{
    database::Database,
    door::credentials,
    engine::Engine,
    pair::Pair,
    people::{OLD, address},
};

/// How often a transaction is undone before it succeeds.
const REFUSALS: u32 = 3;

/// A trigger that looks at a transaction when it is committed, and raises what a conflict of
/// serialisation raises.
async fn refuse_commits(database: &Database, refusals: u32) {
    database.execute("CREATE SEQUENCE refused").await;
    let raise = format!(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         IF nextval('refused') <= {refusals} THEN \
         RAISE EXCEPTION 'try again' USING ERRCODE = '40001'; END IF; RETURN NULL; END $$"
    );
    database.execute(&raise).await;
    let trigger = "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON audit_event \
                   DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()";
    database.execute(trigger).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_is_undone_is_repeated() {
    let pair = Pair::start(Engine::Postgres).await;
    refuse_commits(&pair.database, REFUSALS).await;
    let answer = pair.door(0).register(&address("ada"), OLD).await;
    assert_eq!((answer.status, answer.unanswered), (StatusCode::CREATED, 0), "{answer:?}");
    let asked = pair.database.number("SELECT last_value FROM refused").await;
    assert_eq!(asked, i64::from(REFUSALS) + 1);
    let events = "SELECT COUNT(*) FROM audit_event WHERE kind = 'registered'";
    assert_eq!(pair.database.number(events).await, 1);
    assert_eq!(pair.doors(1).login(&address("ada"), OLD).await.status, StatusCode::OK);
    pair.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_is_always_undone_is_given_up() {
    let pair = Pair::start(Engine::Postgres).await;
    let session = pair.door(0).register(&address("ada"), OLD).await;
    refuse_commits(&pair.database, u32::MAX).await;
    let logout = json!({ "refresh_token": session.refresh_token() });
    for (path, body) in [
        ("/auth/register", credentials(&address("bob"), OLD)),
        ("/auth/login", credentials(&address("ada"), OLD)),
        ("/auth/logout", logout),
    ] {
        let answer = pair.door(1).try_post(path, &body).await.unwrap();
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}: {answer:?}");
    }
    pair.database.execute("DROP TRIGGER refuse ON audit_event").await;
    assert_eq!(pair.database.number("SELECT COUNT(*) FROM account").await, 1);
    assert_eq!(pair.door(0).refresh(&session.refresh_token()).await.status, StatusCode::OK);
    pair.stop();
}
