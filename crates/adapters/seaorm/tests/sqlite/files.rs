//! Opening, creating and reopening the file, and what can be read in it.

use std::{fs, path::Path};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use fastauth_domain::{
    change::{Change, Changes},
    mail::{Mail, Message},
    one_time::Kind,
};
use fastauth_ports::{
    accounts::ReadAccounts, commit::Commit, health::CheckHealth, sessions::ReadSessions,
};
use fastauth_seaorm::{ConnectError, SchemaError, SqlStore};
use sea_orm::ConnectionTrait;

use crate::world::{Disk, address, issuer, refresh_key, register, registration};

async fn refused(url: &str) -> String {
    SqlStore::connect(url).await.map(drop).unwrap_err().to_string()
}

fn at(path: &Path, mode: &str) -> String {
    format!("sqlite://{}?mode={mode}", path.display())
}

#[tokio::test]
async fn what_was_committed_is_found_after_reopening() {
    let disk = Disk::new();
    let store = disk.store().await;
    let (account, grant) = register(&store, "ada").await;
    store.close().await;
    let store = disk.store().await;
    assert_eq!(store.with_email(address("ada").key()).await.unwrap(), Some(account.clone()));
    assert_eq!(store.session(grant.session()).await.unwrap().unwrap().account, account);
}

#[tokio::test]
async fn what_was_acknowledged_outlives_a_crash() {
    let disk = Disk::new();
    let store = disk.store().await;
    register(&store, "ada").await;
    // What a process leaves behind that is killed now: nothing is closed or checkpointed.
    let after = Disk::new();
    for entry in fs::read_dir(disk.folder()).unwrap().map(Result::unwrap) {
        fs::copy(entry.path(), after.folder().join(entry.file_name())).unwrap();
    }
    let found = after.store().await.with_email(address("ada").key()).await.unwrap();
    assert!(found.is_some());
}

#[tokio::test]
async fn a_second_migration_has_nothing_to_do() {
    let disk = Disk::new();
    let store = SqlStore::connect(&disk.url()).await.unwrap();
    let pending = store.pending_migrations().await.unwrap();
    assert!(store.check().await.is_err());
    assert_eq!(store.migrate().await.unwrap(), pending);
    assert!(!pending.is_empty() && store.pending_migrations().await.unwrap().is_empty());
    assert!(store.migrate().await.unwrap().is_empty());
    store.check().await.unwrap();
}

#[tokio::test]
async fn programs_that_start_at_once_on_a_new_file_all_find_it_migrated() {
    for _ in 0..10 {
        let disk = Disk::new();
        let (one, two, three) = tokio::join!(disk.store(), disk.store(), disk.store());
        for store in [one, two, three] {
            store.check().await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_schema_of_a_newer_program_is_refused() {
    let disk = Disk::new();
    let older = disk.store().await;
    let insert = "INSERT INTO fastauth_migration VALUES ('m29991231_000001_wonders')";
    disk.stranger().await.execute_unprepared(insert).await.unwrap();
    let error = SqlStore::connect(&disk.url()).await.unwrap_err();
    assert!(matches!(error, ConnectError::Schema(SchemaError::TooNew { .. })), "{error:?}");
    assert!(error.to_string().contains("m29991231_000001_wonders"), "{error}");
    assert!(matches!(older.migrate().await, Err(SchemaError::TooNew { .. })));
    // One that is running while the newer one is rolled out goes on.
    older.check().await.unwrap();
}

#[tokio::test]
async fn a_file_that_cannot_be_opened_is_refused_with_a_sentence() {
    let disk = Disk::new();
    let missing = refused(&at(&disk.file(), "rw")).await;
    assert!(missing.ends_with("does not exist; to create it, end the database URL with ?mode=rwc"));
    let no_folder = refused(&at(&disk.folder().join("data/fastauth.db"), "rwc")).await;
    assert!(no_folder.contains("/data for the database file does not exist"), "{no_folder}");
    fs::write(disk.file(), "This is a letter, not a database, and long enough to be one.").unwrap();
    let letter = refused(&disk.url()).await;
    assert!(letter.ends_with("is not a SQLite database; change the database URL"), "{letter}");
    let folder = refused(&at(disk.folder(), "rwc")).await;
    assert!(folder.contains("cannot be written: "), "{folder}");
}

#[cfg(unix)]
#[tokio::test]
async fn an_unwritable_folder_is_refused_with_a_sentence() {
    use std::os::unix::fs::PermissionsExt;

    let disk = Disk::new();
    fs::set_permissions(disk.folder(), fs::Permissions::from_mode(0o500)).unwrap();
    // Nothing is unwritable to root.
    if fs::write(disk.folder().join("probe"), "").is_err() {
        let error = refused(&disk.url()).await;
        assert!(error.contains("cannot be written: Permission denied"), "{error}");
    }
    fs::set_permissions(disk.folder(), fs::Permissions::from_mode(0o700)).unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn the_files_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;

    let disk = Disk::new();
    let store = disk.store().await;
    register(&store, "ada").await;
    let mut names = Vec::new();
    for entry in fs::read_dir(disk.folder()).unwrap().map(Result::unwrap) {
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{entry:?}");
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(names, ["fastauth.db", "fastauth.db-shm", "fastauth.db-wal"]);
}

/// The texts and the bytes of a token that would let their reader in. The checksum at its end is
/// no secret, nor are the session and the generation at the start of a refresh token.
fn secrets(token: &str) -> [Vec<u8>; 3] {
    let encoded = token.splitn(3, '_').last().unwrap();
    let payload = URL_SAFE_NO_PAD.decode(encoded).unwrap();
    let secret = if token.starts_with("fa_refresh_") { &payload[20..52] } else { &payload[..32] };
    [token.into(), encoded.into(), secret.into()]
}

#[tokio::test]
async fn nothing_in_the_files_lets_a_reader_in() {
    let disk = Disk::new();
    let store = disk.store().await;
    let mut planted = Vec::new();
    for name in ["ada", "bob", "cleo"] {
        let (changes, grant) = registration(name);
        store.commit(&changes).await.unwrap();
        planted.extend(secrets(grant.refresh_token().seal(&refresh_key()).expose()));
        planted.extend(mailed(&changes));
    }
    let mut bytes = Vec::new();
    for entry in fs::read_dir(disk.folder()).unwrap().map(Result::unwrap) {
        bytes.extend(fs::read(entry.path()).unwrap());
    }
    let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    assert!(holds(b"cleo@example.com"), "the files were not read");
    for secret in planted {
        assert!(!holds(&secret), "{}", String::from_utf8_lossy(&secret));
    }
}

/// The secrets of the links that a list of changes mails.
fn mailed(changes: &Changes) -> Vec<Vec<u8>> {
    let mut secrets_mailed = Vec::new();
    for change in changes {
        if let Change::Mail(Mail { message: Message::VerifyEmail(link), .. }) = change {
            let token = issuer().key.token(Kind::EmailVerification, &link.nonce);
            secrets_mailed.extend(secrets(token.expose()));
        }
    }
    assert!(!secrets_mailed.is_empty());
    secrets_mailed
}
