//! An account as it is shown.

use fastauth::domain::{
    account::{Account, DisplayName, ImageUrl},
    role::Rights,
};
use serde::Serialize;

use super::super::output::{rfc3339, rfc3339_exact};

/// An account for programs: what its owner sees at `/auth/me`, and what only operators do.
#[derive(Serialize)]
pub(super) struct Shown<'a> {
    id: String,
    email: &'a str,
    name: Option<&'a str>,
    image: Option<&'a str>,
    is_verified: bool,
    is_active: bool,
    has_password: bool,
    created_at: String,
    verified_at: Option<String>,
    disabled_at: Option<String>,
    last_login: Option<String>,
}

impl<'a> From<&'a Account> for Shown<'a> {
    fn from(account: &'a Account) -> Self {
        Self {
            id: account.id.to_string(),
            email: account.email.as_typed(),
            name: account.name.as_ref().map(DisplayName::as_str),
            image: account.image.as_ref().map(ImageUrl::as_str),
            is_verified: account.verified_at.is_some(),
            is_active: account.disabled_at.is_none(),
            has_password: account.password.is_some(),
            created_at: rfc3339_exact(account.created_at),
            verified_at: account.verified_at.map(rfc3339_exact),
            disabled_at: account.disabled_at.map(rfc3339_exact),
            last_login: account.last_login.map(rfc3339_exact),
        }
    }
}

/// An account by itself, with what it may do.
#[derive(Serialize)]
pub(super) struct ShownWithRights<'a> {
    #[serde(flatten)]
    account: Shown<'a>,
    roles: Vec<String>,
    permissions: Vec<String>,
}

impl<'a> ShownWithRights<'a> {
    pub(super) fn new(account: &'a Account, rights: &Rights) -> Self {
        Self {
            account: account.into(),
            roles: rights.roles.iter().map(ToString::to_string).collect(),
            permissions: rights.permissions.iter().map(ToString::to_string).collect(),
        }
    }
}

/// Whether it may be used, in words.
pub(super) fn standing(account: &Account) -> String {
    account
        .disabled_at
        .map_or_else(|| "active".to_owned(), |since| format!("disabled since {}", rfc3339(since)))
}
