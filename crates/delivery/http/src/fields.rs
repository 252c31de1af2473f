//! The members that several requests have in common, and what can be wrong with them.

use fastauth_domain::{
    account::DisplayName, email::EmailAddress, password::UnacceptablePassword, token::Token,
};
use utoipa::ToSchema;

use crate::{
    json::{FromMembers, Members, Noted},
    problem::{FieldError, Problem},
};

impl Members {
    /// The address of an account.
    pub(crate) fn email(&mut self) -> Result<EmailAddress, Noted> {
        self.required("email", |text| {
            EmailAddress::parse(&text)
                .map_err(|_| FieldError::new("email", "invalid_email", "must be an email address"))
        })
    }

    /// What somebody wants to be called.
    pub(crate) fn name(&mut self) -> Result<Option<DisplayName>, Noted> {
        self.optional("name", |text| {
            DisplayName::parse(&text)
                .map_err(|error| FieldError::new("name", "invalid_name", error))
        })
    }

    /// A token that this server handed out.
    pub(crate) fn token(&mut self, field: &'static str) -> Result<Token, Noted> {
        self.required(field, |text| Ok(Token::presented(text)))
    }
}

/// A password that is not accepted, in the member it came in.
pub(crate) fn unacceptable_password(field: &'static str, why: UnacceptablePassword) -> Problem {
    let code = match why {
        UnacceptablePassword::TooShort { .. } => "too_short",
        UnacceptablePassword::TooLong { .. } => "too_long",
        UnacceptablePassword::Common => "common",
        UnacceptablePassword::Personal => "personal",
    };
    Problem::invalid(vec![FieldError::new(field, code, why)])
}

/// An address to do something for.
#[derive(ToSchema)]
pub(crate) struct EmailRequest {
    /// The address of an account, or of none: the answer is the same.
    #[schema(value_type = String, format = Email, example = "user@example.com")]
    pub(crate) email: EmailAddress,
}

impl FromMembers for EmailRequest {
    fn from_members(members: &mut Members) -> Result<Self, Noted> {
        Ok(Self { email: members.email()? })
    }
}
