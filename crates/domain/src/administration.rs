//! Naming an account as whoever runs the server does: by its address, or for good.

use std::{fmt, str::FromStr};

use crate::{email::EmailAddress, identifier::AccountId};

/// Which account is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// The one that has this address.
    Address(EmailAddress),
    /// The one of this name.
    Id(AccountId),
}

/// The text names no account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("neither an e-mail address nor an id")]
pub struct NamesNobody;

/// There is no such account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such account")]
pub struct AccountNotFound;

impl FromStr for Whom {
    type Err = NamesNobody;

    fn from_str(text: &str) -> Result<Self, NamesNobody> {
        text.parse()
            .map(Self::Id)
            .or_else(|_| EmailAddress::parse(text).map(Self::Address))
            .map_err(|_| NamesNobody)
    }
}

impl fmt::Display for Whom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Id(id) => id.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_named_by_its_address_or_by_its_id() {
        let id = "01a2076e-f59e-7023-b05c-184f3a938aca";
        assert!(matches!(id.parse(), Ok(Whom::Id(_))));
        assert!(matches!("Ada@example.com".parse(), Ok(Whom::Address(_))));
        for text in [id, "Ada@example.com"] {
            assert_eq!(text.parse::<Whom>().unwrap().to_string(), text);
        }
        assert_eq!("ada".parse::<Whom>(), Err(NamesNobody));
    }
}
