use fastauth_domain::role::RoleName;
use serde_json::json;

use crate::world::{EMAIL, PASSWORD, World};

#[tokio::test]
async fn a_copy_has_everything_about_the_caller_and_nothing_that_lets_a_reader_in() {
    let reader = RoleName::from_static("reader");
    let world = World::giving(reader.clone());
    world.use_cases.roles.ensure(&reader).await.unwrap();
    let tokens = world.register(EMAIL).await;
    let access = tokens.member("access_token");
    world.post("/auth/password-reset/request", &json!({ "email": EMAIL })).await;
    let reset = world.mailed_token().await;
    world.login(EMAIL, PASSWORD).await;
    world.register("bob@example.com").await;
    let answer = world.get_as(&access, "/account/export").await;
    assert!(answer.header("content-disposition").contains("attachment"));
    assert_eq!(answer.header("cache-control"), "no-store");
    let copy = answer.json();
    assert_eq!(copy["account"], world.me(&access).await.json());
    assert_eq!(copy["has_password"], true);
    assert_eq!((&copy["roles"], &copy["permissions"]), (&json!(["reader"]), &json!([])));
    for (member, amount) in [("sessions", 2), ("links", 2), ("mails", 2), ("events", 3)] {
        assert_eq!(copy[member].as_array().unwrap().len(), amount, "{member}");
    }
    let secrets = [PASSWORD, &reset, &access, &tokens.member("refresh_token"), "argon2", "bob@"];
    for secret in secrets {
        assert!(!answer.body.contains(secret), "{secret} in {}", answer.body);
    }
    world.clock.advance(std::time::Duration::from_secs(1));
    world.get_as(&access, "/account/export").await;
    let again = world.get_as(&access, "/account/export").await.json();
    assert_eq!(again["events"][0]["event"], "account_exported");
}
