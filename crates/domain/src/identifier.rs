//! Identifiers: UUIDv7 (RFC 9562), ordered by the time they were made. An identifier is not a secret.

use uuid::Uuid;

use crate::{fresh::Fresh, time::Timestamp};

fn uuid_v7(now: Timestamp, fresh: &mut Fresh) -> Uuid {
    let [a, b, c, d, e, f, g, h, i, j, ..] = fresh.bytes();
    uuid::Builder::from_unix_timestamp_millis(now.unix_millis(), &[a, b, c, d, e, f, g, h, i, j])
        .into_uuid()
}

macro_rules! identifier {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// A new identifier of this moment.
            pub fn generate(now: Timestamp, fresh: &mut Fresh) -> Self {
                Self(uuid_v7(now, fresh))
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
    /// Names a mail in the outbox.
    MailId;
    /// Names an audit event.
    EventId;
}
