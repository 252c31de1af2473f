//! Identifiers: UUIDv7 (RFC 9562), ordered by the time they were made. An identifier is not a secret.

use uuid::Uuid;

use crate::moment::Moment;

/// A UUID of version 7 with a counter (RFC 9562, section 6.2, method 1), so that what one moment makes
/// is in the order in which it was made.
fn uuid_v7(moment: &mut Moment) -> Uuid {
    let mut random = moment.bytes().first_chunk::<10>().copied().unwrap_or_default();
    let [.., high, low] = moment.drawn().to_be_bytes();
    random[..2].copy_from_slice(&[high, low]);
    uuid::Builder::from_unix_timestamp_millis(moment.now().unix_millis(), &random).into_uuid()
}

/// The text is no identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an id is a UUID, as in 01a2076e-f59e-7023-b05c-184f3a938aca")]
pub struct InvalidIdentifier;

macro_rules! identifier {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// A new identifier of this moment.
            pub fn generate(moment: &mut Moment) -> Self {
                Self(uuid_v7(moment))
            }

            /// The identifier as a plain UUID, for storage and for the wire.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidIdentifier;

            fn from_str(text: &str) -> Result<Self, InvalidIdentifier> {
                Uuid::try_parse(text).map(Self).map_err(|_| InvalidIdentifier)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

identifier! {
    /// Names an account.
    AccountId;
    /// Names a session: one login on one device.
    SessionId;
    /// Names an access token (`jti`).
    AccessTokenId;
    /// Names a mail in the outbox.
    MailId;
    /// Names an audit event.
    EventId;
    /// Names a pending request.
    RequestId;
}

impl AccountId {
    /// The name of nobody (RFC 9562 section 5.9), to look for what is not there.
    pub const fn nobody() -> Self {
        Self(Uuid::nil())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    #[test]
    fn identifiers_of_one_moment_are_in_the_order_in_which_they_were_made() {
        let mut moment = Moment::new(Timestamp::from_unix_micros(0), [7; 32]);
        let made: Vec<_> = (0..1000).map(|_| EventId::generate(&mut moment)).collect();
        assert!(made.is_sorted());
    }
}
