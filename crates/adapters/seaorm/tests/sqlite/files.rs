//! Opening, creating and reopening the file, and what can be read in it.

use std::{fs, path::Path};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use fastauth_domain::{
    change::{Change, Changes},
    mail::{Mail, Message},
    one_time::Kind,
    refresh_token::RefreshKey,
};
use fastauth_ports::{accounts::ReadAccounts, commit::Commit, sessions::ReadSessions};
use fastauth_seaorm::SqlStore;

use crate::{
    place::Place,
    world::{address, issuer, register, registration, server_key},
};

async fn refused(url: &str) -> String {
    SqlStore::connect(url).await.map(drop).unwrap_err().to_string()
}

fn at(path: &Path, mode: &str) -> String {
    format!("sqlite://{}?mode={mode}", path.display())
}

#[tokio::test]
async fn what_was_committed_is_found_after_reopening() {
    let place = Place::new().await;
    let store = place.store().await;
    let (account, grant) = register(&store, "ada").await;
    store.close().await;
    let store = place.store().await;
    assert_eq!(store.with_email(address("ada").key()).await.unwrap(), Some(account.clone()));
    assert_eq!(store.session(grant.session()).await.unwrap().unwrap().account, account);
}

#[tokio::test]
async fn what_was_acknowledged_outlives_a_crash() {
    let place = Place::new().await;
    let store = place.store().await;
    register(&store, "ada").await;
    // What a process leaves behind that is killed now: nothing is closed or checkpointed.
    let after = Place::new().await;
    for entry in fs::read_dir(place.folder()).unwrap().map(Result::unwrap) {
        fs::copy(entry.path(), after.folder().join(entry.file_name())).unwrap();
    }
    let found = after.store().await.with_email(address("ada").key()).await.unwrap();
    assert!(found.is_some());
}

#[tokio::test]
async fn a_file_that_cannot_be_opened_is_refused_with_a_sentence() {
    let place = Place::new().await;
    let missing = refused(&at(&place.file(), "rw")).await;
    assert!(missing.ends_with("does not exist; to create it, end the database URL with ?mode=rwc"));
    let no_folder = refused(&at(&place.folder().join("data/fastauth.db"), "rwc")).await;
    assert!(no_folder.contains("/data for the database file does not exist"), "{no_folder}");
    fs::write(place.file(), "This is a letter, not a database, and long enough to be one.")
        .unwrap();
    let letter = refused(&place.url()).await;
    assert!(letter.ends_with("is not a SQLite database; change the database URL"), "{letter}");
    let folder = refused(&at(place.folder(), "rwc")).await;
    assert!(folder.contains("cannot be written: "), "{folder}");
}

#[cfg(unix)]
#[tokio::test]
async fn an_unwritable_folder_is_refused_with_a_sentence() {
    use std::os::unix::fs::PermissionsExt;

    let place = Place::new().await;
    fs::set_permissions(place.folder(), fs::Permissions::from_mode(0o500)).unwrap();
    // Nothing is unwritable to root.
    if fs::write(place.folder().join("probe"), "").is_err() {
        let error = refused(&place.url()).await;
        assert!(error.contains("cannot be written: Permission denied"), "{error}");
    }
    fs::set_permissions(place.folder(), fs::Permissions::from_mode(0o700)).unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn the_files_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;

    let place = Place::new().await;
    let store = place.store().await;
    register(&store, "ada").await;
    let mut names = Vec::new();
    for entry in fs::read_dir(place.folder()).unwrap().map(Result::unwrap) {
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
    let place = Place::new().await;
    let store = place.store().await;
    let mut planted = Vec::new();
    for name in ["ada", "bob", "cleo"] {
        let (changes, grant) = registration(name);
        store.commit(&changes).await.unwrap();
        planted
            .extend(secrets(grant.refresh_token().seal(&RefreshKey::new(&server_key())).expose()));
        planted.extend(mailed(&changes));
    }
    let mut bytes = Vec::new();
    for entry in fs::read_dir(place.folder()).unwrap().map(Result::unwrap) {
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
