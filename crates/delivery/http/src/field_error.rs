//! What can be wrong with one member of a request, in one vocabulary: a front end translates the code,
//! and a person reads the message.

use std::fmt::Display;

use serde::Serialize;
use utoipa::ToSchema;

/// Why a member is refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reason {
    /// Its stable name.
    code: &'static str,
    /// What a client is to make of it.
    advice: &'static str,
}

macro_rules! vocabulary {
    ($($name:ident = $code:literal, $advice:literal;)+) => {
        $(pub(crate) const $name: Reason = Reason { code: $code, advice: $advice };)+

        /// Every reason there is.
        const ALL: &[Reason] = &[$($name,)+];
    };
}

vocabulary! {
    MISSING = "missing", "The member must be there.";
    INVALID_TYPE = "invalid_type", "The member is of another type than it must be.";
    INVALID_EMAIL = "invalid_email", "It is no email address.";
    INVALID_NAME = "invalid_name", "A name has 1 to 128 characters, and no control characters.";
    INVALID_IMAGE = "invalid_image", "It is no URL of a picture.";
    INVALID_ID = "invalid_id", "It is no UUID.";
    INVALID_ROLE_NAME = "invalid_role_name", "It is no name of a role.";
    INVALID_PERMISSION = "invalid_permission", "It is no permission.";
    TOO_MANY = "too_many", "There would be more of them than there may be.";
    UNCHANGED = "unchanged", "It is so already.";
    TOO_SHORT = "too_short", "The password has fewer than `limit` characters.";
    TOO_LONG = "too_long", "The password has more than `limit` characters.";
    COMMON = "common", "The password is among those that are tried first.";
    PERSONAL = "personal", "The password is made of the address, of the person's name or of the product's.";
    BREACHED = "breached", "The password is known from a data breach.";
}

/// What is wrong with one member of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FieldError {
    /// The member.
    #[schema(example = "password")]
    pub(crate) field: &'static str,
    /// A stable name of the reason.
    #[schema(example = "too_short")]
    code: &'static str,
    /// The reason as a sentence.
    #[schema(example = "must have at least 8 characters")]
    pub(crate) message: String,
    /// How many there must or may be, where that is the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 8)]
    limit: Option<usize>,
}

impl FieldError {
    pub(crate) fn new(field: &'static str, reason: &Reason, message: impl Display) -> Self {
        Self { field, code: reason.code, message: message.to_string(), limit: None }
    }

    /// The same, because there must or may be so many.
    pub(crate) fn limited(self, limit: usize) -> Self {
        Self { limit: Some(limit), ..self }
    }
}

/// The part of the reference page of problems that is about members, as Markdown.
pub(crate) fn reference() -> String {
    let rows: Vec<_> =
        ALL.iter().map(|Reason { code, advice }| format!("| `{code}` | {advice} |\n")).collect();
    format!(
        "\n## What is wrong with a member\n\n\
         `validation_failed` has `errors`, one for each member that is missing or wrong: `field` is \
         the member, `code` the reason, to be translated, and `message` the same as a sentence, to \
         follow what the member is called. `limit` is a number that the reason speaks of.\n\n\
         | code | what it means |\n|---|---|\n{}",
        rows.concat(),
    )
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_code_is_used_once_and_explained() {
        let codes: HashSet<_> = ALL.iter().map(|reason| reason.code).collect();
        assert_eq!(codes.len(), ALL.len());
        for reason in ALL {
            assert!(reason.advice.ends_with('.'), "{}", reason.code);
            assert!(reference().contains(&format!("| `{}` | ", reason.code)));
        }
    }
}
