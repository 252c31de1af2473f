//! What a refresh says, in the words of each engine.

use sea_orm::sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

/// As MySQL quotes names, which needs no escapes here.
const READ: &str = "\
    SELECT `session`.`id` AS `A_id`, `session`.`account_id` AS `A_account_id`, \
    `session`.`secret_hash` AS `A_secret_hash`, `session`.`generation` AS \
    `A_generation`, `session`.`turned_at` AS `A_turned_at`, `session`.`remembered` AS \
    `A_remembered`, `session`.`opened_at` AS `A_opened_at`, `session`.`idle_until` AS \
    `A_idle_until`, `session`.`ends_at` AS `A_ends_at`, `session`.`revoked_at` AS \
    `A_revoked_at`, `session`.`address` AS `A_address`, `session`.`user_agent` AS \
    `A_user_agent`, `session`.`device` AS `A_device`, `account`.`id` AS `B_id`, `account`.`email` AS `B_email`, \
    `account`.`email_key` AS `B_email_key`, `account`.`name` AS `B_name`, \
    `account`.`image` AS `B_image`, `account`.`password_hash` AS `B_password_hash`, \
    `account`.`verified_at` AS `B_verified_at`, `account`.`disabled_at` AS \
    `B_disabled_at`, `account`.`created_at` AS `B_created_at`, `account`.`last_login` AS \
    `B_last_login`, `account`.`version` AS `B_version` FROM `session` INNER JOIN \
    `account` ON `session`.`account_id` = `account`.`id` WHERE `session`.`id` = ?";
const TURN: &str = "\
    UPDATE `session` SET `generation` = ?, `turned_at` = ?, `idle_until` = ? WHERE \
    `session`.`id` = ? AND `session`.`generation` = ? AND `session`.`revoked_at` IS NULL";

/// The two statements of a refresh.
pub(super) struct Statements {
    read: SqlStr,
    turn: SqlStr,
}

impl Statements {
    pub(super) fn sqlite() -> Self {
        Self::written(quoted)
    }

    pub(super) fn postgres() -> Self {
        Self::written(|statement| numbered(&quoted(statement)))
    }

    pub(super) fn mysql() -> Self {
        Self::written(str::to_owned)
    }

    pub(super) fn read(&self) -> SqlStr {
        self.read.clone()
    }

    pub(super) fn turn(&self) -> SqlStr {
        self.turn.clone()
    }

    fn written(write: impl Fn(&str) -> String) -> Self {
        let [read, turn] = [READ, TURN].map(|it| AssertSqlSafe(write(it)).into_sql_str());
        Self { read, turn }
    }
}

/// Names as the standard quotes them.
fn quoted(statement: &str) -> String {
    statement.replace('`', "\"")
}

/// Parameters by number, as PostgreSQL wants them.
fn numbered(statement: &str) -> String {
    let mut parts = statement.split('?');
    let first = parts.next().unwrap_or_default().to_owned();
    (1..).zip(parts).fold(first, |text, (number, part)| format!("{text}${number}{part}"))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use fastauth_domain::{
        change::Changes, identifier::SessionId, refresh_token::Generation, session::Change,
        time::Timestamp,
    };
    use fastauth_ports::{commit::Commit, sessions::ReadSessions};
    use fastauth_seaorm::SqlStore;

    use super::*;

    #[tokio::test]
    async fn the_floor_says_what_a_refresh_says() {
        let said = Arc::new(Mutex::new(Vec::new()));
        let store = SqlStore::connect("sqlite::memory:").await.unwrap();
        store.migrate().await.unwrap();
        let listener = Arc::clone(&said);
        let store = store.watched(move |it| listener.lock().unwrap().push(it.sql.clone()));
        let id = SessionId::from(sea_orm::prelude::Uuid::nil());
        let at = Timestamp::from_unix_micros(0);
        store.session(id).await.unwrap();
        let turn = Change::Turn { id, from: Generation::FIRST, at, idle_until: at };
        store.commit(&Changes::default().with(turn)).await.unwrap_err();
        assert_eq!(*said.lock().unwrap(), [READ, TURN].map(quoted));
    }

    #[test]
    fn each_engine_is_spoken_to_in_its_own_words() {
        assert_eq!(numbered("a = ? AND b = ?"), "a = $1 AND b = $2");
        assert!(Statements::postgres().read().as_str().ends_with(r#""session"."id" = $1"#));
        assert!(Statements::sqlite().read().as_str().ends_with(r#""session"."id" = ?"#));
        assert!(Statements::mysql().read().as_str().ends_with("`session`.`id` = ?"));
    }
}
