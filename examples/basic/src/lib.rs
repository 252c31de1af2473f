//! An axum program whose routes are for people who are signed in, unless it says otherwise.

use axum::{Router, routing::get};
use fastauth::{
    FastAuth,
    http::{CurrentUser, UnknownRoute, VerifiedUser},
};

/// The program's routes, with FastAuth's own beside them.
pub fn program(auth: &FastAuth) -> Result<Router, UnknownRoute> {
    let own = Router::new()
        .route("/", get(home))
        .route("/me-too", get(me_too))
        .route("/members", get(members))
        .with_state(auth.accounts());
    Ok(auth.guard().public("/").protect(own)?.merge(auth.router()))
}

/// For everybody, with a word for those who are signed in.
async fn home(user: Option<CurrentUser>) -> String {
    let name = user.map(|CurrentUser(caller)| caller.account.email.to_string());
    format!("Welcome, {}!", name.as_deref().unwrap_or("stranger"))
}

/// For people who are signed in.
async fn me_too(CurrentUser(caller): CurrentUser) -> String {
    format!("You are {}.", caller.account.email)
}

/// For people whose address is verified.
async fn members(VerifiedUser(caller): VerifiedUser) -> String {
    format!("Mail reaches you at {}.", caller.account.email)
}
