//! What is set about roles counts from the start on.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may fail")]

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use fastauth::{
    FastAuth,
    application::{
        register::{NewUser, Welcome},
        roles::Actor,
        tokens::Tokens,
    },
    domain::{
        email::EmailAddress,
        role::{Permission, RoleName},
        visitor::Visitor,
    },
    memory::MemoryStore,
};
use fastauth_testkit::{mail::CaughtMail, passwords::PlainHasher};
use serde_json::{Value, json};

const MEMBER: RoleName = RoleName::from_static("member");

async fn start(store: &MemoryStore, settings: &[(&str, &str)]) -> FastAuth {
    let builder = FastAuth::builder()
        .store(Arc::new(store.clone()))
        .secret_key(&"oJ0x1cEwFz2nqkD5u8VbR7mLyT4gHsPa".into())
        .passwords(Arc::<PlainHasher>::default())
        .mailer(Arc::<CaughtMail>::default());
    let set = settings.iter().fold(builder, |builder, (name, value)| builder.set(name, *value));
    set.build().await.unwrap()
}

async fn register(auth: &FastAuth, address: &str) -> Tokens {
    let email = EmailAddress::parse(address).unwrap();
    let user = NewUser { email, password: "securepassword123".into(), name: None };
    let welcome = auth.use_cases().registrations.register(user, &Visitor::default()).await;
    let Welcome::SignedIn(tokens) = welcome.unwrap() else { unreachable!("nobody is to verify") };
    tokens
}

/// What an access token says of the rights of its holder.
fn said(tokens: &Tokens) -> [Value; 2] {
    let signed = tokens.access_token.expose().split('.').nth(2).unwrap();
    let signed = URL_SAFE_NO_PAD.decode(signed).unwrap();
    // The signature follows the claims.
    let (claims, _) = signed.split_last_chunk::<64>().unwrap();
    let claims: Value = serde_json::from_slice(claims).unwrap();
    ["roles", "permissions"].map(|name| claims[name].clone())
}

#[tokio::test]
async fn the_default_role_is_made_once_and_given_to_whoever_registers() {
    let store = MemoryStore::default();
    register(&start(&store, &[]).await, "ada@example.com").await;
    for address in ["bob@example.com", "cleo@example.com"] {
        let auth = start(&store, &[("DEFAULT_ROLE", "member")]).await;
        let tokens = register(&auth, address).await;
        let caller = auth.accounts().identify(&tokens.access_token).await.unwrap();
        let rights = auth.use_cases().roles.rights(caller.account.id).await.unwrap();
        assert_eq!(rights.roles, [MEMBER].into());
        assert_eq!(auth.use_cases().roles.all().await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn access_tokens_tell_of_rights_where_it_is_set_and_as_they_are_when_it_is_renewed() {
    let store = MemoryStore::default();
    let settings = [("DEFAULT_ROLE", "member"), ("ACCESS_TOKEN_ROLES", "true")];
    let auth = start(&store, &settings).await;
    let tokens = register(&auth, "ada@example.com").await;
    assert_eq!(said(&tokens), [json!(["member"]), Value::Null]);
    let permissions = [Permission::from_static("posts:read")].into();
    auth.use_cases().roles.grant(&MEMBER, &permissions, &Actor::default()).await.unwrap();
    let renewed = auth
        .use_cases()
        .sessions
        .refresh(&tokens.refresh_token, &Visitor::default())
        .await
        .unwrap();
    assert_eq!(said(&renewed), [json!(["member"]), json!(["posts:read"])]);
    let silent = start(&store, &[("DEFAULT_ROLE", "member")]).await;
    let tokens = register(&silent, "bob@example.com").await;
    assert_eq!(said(&tokens), [Value::Null, Value::Null]);
    assert!(silent.accounts().identify(&renewed.access_token).await.is_ok());
}
