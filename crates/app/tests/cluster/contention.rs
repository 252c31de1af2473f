//! Databases that undo a transaction because of somebody else's, or let it wait.

use reqwest::StatusCode;
use serde_json::json;

use crate::{
    database::Database,
    door::credentials,
    engine::Engine,
    outages::start,
    pair::Pair,
    people::{OLD, address},
};

/// How often a transaction is undone before it succeeds.
const REFUSALS: u32 = 3;

/// Has transactions undone so many times: in PostgreSQL at COMMIT, with what a conflict of
/// serialisation raises, and in MariaDB with what a deadlock raises.
async fn undo(database: &Database, refusals: u32) {
    database.execute("CREATE SEQUENCE refused").await;
    let tables = [("audit_event", "INSERT"), ("session", "UPDATE")];
    #[cfg(feature = "test-postgres")]
    if database.engine() == Engine::Postgres {
        let raise = format!(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             IF nextval('refused') <= {refusals} THEN \
             RAISE EXCEPTION 'try again' USING ERRCODE = '40001'; END IF; RETURN NULL; END $$"
        );
        database.execute(&raise).await;
        for (table, event) in tables {
            let trigger = format!(
                "CREATE CONSTRAINT TRIGGER refuse_{table} AFTER {event} ON {table} \
                 DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()"
            );
            database.execute(&trigger).await;
        }
        return;
    }
    for (table, event) in tables {
        let trigger = format!(
            "CREATE TRIGGER refuse_{table} BEFORE {event} ON {table} FOR EACH ROW \
             IF NEXTVAL(refused) <= {refusals} THEN SIGNAL SQLSTATE '40001' \
             SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'try again'; END IF"
        );
        database.execute(&trigger).await;
    }
}

/// Lets transactions be.
async fn relent(database: &Database) {
    database.execute(&format!("ALTER SEQUENCE refused RESTART WITH {}", u32::MAX)).await;
}

async fn what_is_undone_is_repeated(engine: Engine) {
    let pair = Pair::start(engine).await;
    undo(&pair.database, REFUSALS).await;
    let (door, email) = (pair.door(0), address("ada"));
    let again = async || pair.database.execute("ALTER SEQUENCE refused RESTART WITH 1").await;
    let session = door.register(&email, OLD).await;
    assert_eq!((session.status, session.unanswered), (StatusCode::CREATED, 0), "{session:?}");
    again().await;
    let login = door.login(&email, OLD).await;
    assert_eq!((login.status, login.unanswered), (StatusCode::OK, 0), "{login:?}");
    again().await;
    let refreshed = door.refresh(&session.refresh_token()).await;
    assert_eq!((refreshed.status, refreshed.unanswered), (StatusCode::OK, 0), "{refreshed:?}");
    again().await;
    let logout = door.logout(&login.refresh_token()).await;
    assert_eq!((logout.status, logout.unanswered), (StatusCode::NO_CONTENT, 0), "{logout:?}");
    for kind in ["registered", "signed_in", "signed_out"] {
        let events = format!("SELECT COUNT(*) FROM audit_event WHERE kind = '{kind}'");
        assert_eq!(pair.database.number(&events).await, 1, "{kind}");
    }
    let next = pair.doors(1).refresh(&refreshed.refresh_token()).await;
    assert_eq!(next.status, StatusCode::OK, "{next:?}");
    pair.stop();
}

async fn what_is_always_undone_is_given_up(engine: Engine) {
    let pair = Pair::start_with(engine, &[("LOG", "off")]).await;
    let session = pair.door(0).register(&address("ada"), OLD).await;
    undo(&pair.database, i32::MAX.unsigned_abs()).await;
    let token = json!({ "refresh_token": session.refresh_token() });
    for (path, body) in [
        ("/auth/register", credentials(&address("bob"), OLD)),
        ("/auth/login", credentials(&address("ada"), OLD)),
        ("/auth/refresh", token.clone()),
        ("/auth/logout", token),
    ] {
        let answer = pair.door(1).try_post(path, &body).await.unwrap();
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}: {answer:?}");
    }
    relent(&pair.database).await;
    for table in ["account", "session", "audit_event"] {
        let rows = pair.database.number(&format!("SELECT COUNT(*) FROM {table}")).await;
        assert_eq!(rows, 1, "{table}");
    }
    assert_eq!(pair.door(0).refresh(&session.refresh_token()).await.status, StatusCode::OK);
    pair.stop();
}

async fn what_waits_too_long_for_a_row_is_given_up(engine: Engine) {
    let (pair, _proxy) = start(engine).await;
    let (door, email) = (pair.door(1), address("ada"));
    let session = door.register(&email, OLD).await;
    let stranger = pair.database.lock("account").await;
    let login = door.try_post("/auth/login", &credentials(&email, OLD)).await.unwrap();
    assert_eq!(login.status, StatusCode::SERVICE_UNAVAILABLE, "{login:?}");
    assert_eq!(door.me(&session.access_token()).await.unanswered, 0);
    stranger.rollback().await.unwrap();
    let login = door.login(&email, OLD).await;
    assert_eq!((login.status, login.unanswered), (StatusCode::OK, 0), "{login:?}");
    assert_eq!(pair.database.number("SELECT COUNT(*) FROM session").await, 2);
    pair.stop();
}

on_servers! {
    what_is_undone_is_repeated,
    what_is_always_undone_is_given_up,
    what_waits_too_long_for_a_row_is_given_up,
}
