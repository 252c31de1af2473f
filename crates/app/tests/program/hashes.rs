//! How passwords are kept, looked at where they are kept.

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use reqwest::StatusCode;
use sea_orm::{ConnectionTrait, Database, Statement};

use crate::{client::credentials, place::Place};

const ADA: &str = "ada@example.com";
const BOB: &str = "bob@example.com";
const ONE: &str = "oJ0x1cEwFz2nqkD5u8VbR7mLyT4gHsPa";
const TWO: &str = "Wq3Zt9LxPv0aGd6sKeY2hN8uJmRb5CfT";

/// The hash of an account, as it is in the row.
async fn stored(place: &Place, email: &str) -> String {
    let db = Database::connect(format!("sqlite://{}", place.path("fastauth.db").display()));
    let db = db.await.unwrap();
    let sql = format!("SELECT password_hash FROM account WHERE email_key = '{email}'");
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await;
    let hash = row.unwrap().unwrap().try_get_by_index(0).unwrap();
    db.close().await.unwrap();
    hash
}

/// Which pepper a hash names.
fn pepper(hash: &str) -> Option<&str> {
    hash.split(['$', ',']).find_map(|part| part.strip_prefix("keyid="))
}

/// Serves with these peppers, and says what each address and the right password earn.
async fn served<const N: usize>(
    place: &mut Place,
    peppers: &str,
    logins: [&str; N],
) -> [StatusCode; N] {
    place.set("PASSWORD_PEPPER", peppers);
    let program = place.start();
    let mut statuses = [StatusCode::OK; N];
    for (status, email) in statuses.iter_mut().zip(logins) {
        *status = program.client().post("/auth/login", &credentials(email)).await.0;
    }
    program.stop();
    statuses
}

#[tokio::test]
async fn what_a_server_stores_by_default_is_what_owasp_recommends() {
    let place = Place::new();
    let program = place.start();
    let mut salts = Vec::new();
    for email in [ADA, BOB] {
        program.client().register(email).await;
        let hash = stored(&place, email).await;
        let rest = hash.strip_prefix("$argon2id$v=19$m=19456,t=2,p=1$").unwrap_or_default();
        let (salt, tag) = rest.split_once('$').unwrap_or_default();
        let octets = [salt, tag].map(|text| STANDARD_NO_PAD.decode(text).unwrap().len());
        assert_eq!(octets, [16, 32], "{hash}");
        salts.push(salt.to_owned());
    }
    assert_ne!(salts[0], salts[1]);
    program.stop();
}

#[tokio::test]
async fn hashes_move_to_a_new_pepper_as_people_sign_in_and_open_nothing_without_theirs() {
    let mut place = Place::new();
    let program = place.start();
    for email in [ADA, BOB] {
        program.client().register(email).await;
        assert_eq!(pepper(&stored(&place, email).await), None);
    }
    program.stop();

    let (right, wrong) = (StatusCode::OK, StatusCode::UNAUTHORIZED);
    assert_eq!(served(&mut place, ONE, [ADA, BOB]).await, [right, right]);
    let (ada, bob) = (stored(&place, ADA).await, stored(&place, BOB).await);
    let first = pepper(&ada).unwrap();
    assert_eq!(pepper(&bob), Some(first));
    assert!(!ada.contains(ONE), "{ada}");

    assert_eq!(served(&mut place, &format!("{TWO} {ONE}"), [ADA]).await, [right]);
    let moved = stored(&place, ADA).await;
    assert!(pepper(&moved).is_some_and(|named| named != first), "{moved}");
    assert_eq!(stored(&place, BOB).await, bob, "nobody else's");

    assert_eq!(served(&mut place, TWO, [ADA, BOB]).await, [right, wrong]);
    assert_eq!(stored(&place, BOB).await, bob);
    assert_eq!(served(&mut place, &format!("{TWO} {ONE}"), [BOB]).await, [right]);
    assert_eq!(pepper(&stored(&place, BOB).await), pepper(&moved));

    assert_eq!(served(&mut place, &format!("none {TWO}"), [ADA, BOB]).await, [right, right]);
    assert_eq!(pepper(&stored(&place, ADA).await), None);
    assert_eq!(pepper(&stored(&place, BOB).await), None);
}
