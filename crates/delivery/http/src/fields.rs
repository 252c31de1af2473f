//! The members that several requests have in common, and what can be wrong with them.

use std::str::FromStr;

use fastauth_domain::{
    account::{DisplayName, ImageUrl, ProfileChange},
    email::EmailAddress,
    password::UnacceptablePassword,
    token::Token,
};
use utoipa::ToSchema;

use crate::{
    field_error::{
        BREACHED, COMMON, FieldError, INVALID_EMAIL, INVALID_ID, INVALID_IMAGE, INVALID_NAME,
        PERSONAL, TOO_LONG, TOO_SHORT,
    },
    json::{FromMembers, Members, Noted},
    problem::Problem,
};

impl Members {
    /// The address of an account.
    pub(crate) fn email(&mut self) -> Result<EmailAddress, Noted> {
        self.address("email")
    }

    /// An address.
    pub(crate) fn address(&mut self, field: &'static str) -> Result<EmailAddress, Noted> {
        self.required(field, |text| {
            EmailAddress::parse(&text)
                .map_err(|_| FieldError::new(field, &INVALID_EMAIL, "must be an email address"))
        })
    }

    /// What somebody wants to be called.
    pub(crate) fn name(&mut self) -> Result<Option<DisplayName>, Noted> {
        self.optional("name", |text| name(&text))
    }

    /// What is to be different in a profile.
    pub(crate) fn profile(&mut self) -> Result<ProfileChange, Noted> {
        let (name, image) =
            (self.change("name", |text| name(&text)), self.change("image", |text| image(&text)));
        Ok(ProfileChange { name: name?, image: image? })
    }

    /// A token that this server handed out.
    pub(crate) fn token(&mut self, field: &'static str) -> Result<Token, Noted> {
        self.required(field, |text| Ok(Token::presented(text)))
    }
}

fn name(text: &str) -> Result<DisplayName, FieldError> {
    DisplayName::parse(text).map_err(|error| FieldError::new("name", &INVALID_NAME, error))
}

fn image(text: &str) -> Result<ImageUrl, FieldError> {
    ImageUrl::parse(text).map_err(|error| FieldError::new("image", &INVALID_IMAGE, error))
}

/// An identifier, wherever it is.
pub(crate) fn identifier<I: FromStr>(field: &'static str, text: &str) -> Result<I, FieldError> {
    text.parse().map_err(|_| FieldError::new(field, &INVALID_ID, "must be a UUID"))
}

/// A password that is not accepted, in the member it came in.
pub(crate) fn unacceptable_password(field: &'static str, why: UnacceptablePassword) -> Problem {
    let refused = |reason| FieldError::new(field, reason, why);
    Problem::invalid(vec![match why {
        UnacceptablePassword::TooShort { min } => refused(&TOO_SHORT).limited(min),
        UnacceptablePassword::TooLong { max } => refused(&TOO_LONG).limited(max),
        UnacceptablePassword::Common => refused(&COMMON),
        UnacceptablePassword::Personal => refused(&PERSONAL),
        UnacceptablePassword::Breached => refused(&BREACHED),
    }])
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
