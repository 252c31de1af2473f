//! Signatures of [Standard Webhooks](https://www.standardwebhooks.com) 1.0, HMAC-SHA-256 of
//! the identifier, the time and the body, with a full stop between each.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// What a secret begins with.
const SECRET: &str = "whsec_";
/// What a signature of this kind begins with. Others, such as `v1a`, are made with key pairs.
const VERSION: &str = "v1,";

/// The secrets that are shared with the other side: usually one, and two while one replaces the
/// other. Requests are signed with each of them.
#[derive(Clone)]
pub struct Secrets(Vec<Hmac<Sha256>>);

/// The text is no secret, or not only secrets. It is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a webhook secret is `whsec_` with 24 to 64 random bytes in base64 after it")]
pub struct InvalidSecret;

impl Secrets {
    /// Reads one secret, or several with spaces between them.
    pub fn parse(text: &str) -> Result<Self, InvalidSecret> {
        let secrets = text.split_whitespace().map(secret).collect::<Result<Vec<_>, _>>()?;
        if secrets.is_empty() { Err(InvalidSecret) } else { Ok(Self(secrets)) }
    }

    /// The header `webhook-signature` of a message.
    pub(crate) fn sign(&self, message: &Message<'_>) -> String {
        let signatures = self.0.iter().map(|secret| {
            let code = message.code(secret).finalize().into_bytes();
            format!("{VERSION}{}", BASE64_STANDARD.encode(code))
        });
        signatures.collect::<Vec<_>>().join(" ")
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secrets").finish_non_exhaustive()
    }
}

/// What is signed.
pub(crate) struct Message<'a> {
    /// The header `webhook-id`. It must have no full stop in it, or two messages could be one text.
    pub(crate) id: &'a str,
    /// The header `webhook-timestamp`, in seconds since the Unix epoch.
    pub(crate) timestamp: i64,
    /// The body, octet by octet.
    pub(crate) body: &'a [u8],
}

impl Message<'_> {
    fn code(&self, secret: &Hmac<Sha256>) -> Hmac<Sha256> {
        secret
            .clone()
            .chain_update(self.id)
            .chain_update(format!(".{}.", self.timestamp))
            .chain_update(self.body)
    }
}

fn secret(text: &str) -> Result<Hmac<Sha256>, InvalidSecret> {
    let key = text.strip_prefix(SECRET).and_then(|key| BASE64_STANDARD.decode(key).ok());
    let key = key.filter(|key| (24..=64).contains(&key.len())).ok_or(InvalidSecret)?;
    Hmac::new_from_slice(&key).map_err(|_| InvalidSecret)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example that the libraries of the specification are tested with.
    const EXAMPLE: Message<'_> = Message {
        id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp: 1_614_265_330,
        body: br#"{"test": 2432232314}"#,
    };
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn other_secret() -> String {
        format!("whsec_{}", BASE64_STANDARD.encode([7; 64]))
    }

    #[test]
    fn the_example_of_the_specification_is_signed_as_it_says() {
        assert_eq!(Secrets::parse(SECRET).unwrap().sign(&EXAMPLE), SIGNATURE);
    }

    #[test]
    fn a_message_is_signed_with_every_secret() {
        let both = Secrets::parse(&format!("{SECRET}  {}", other_secret())).unwrap();
        let other = Secrets::parse(&other_secret()).unwrap().sign(&EXAMPLE);
        assert_eq!(both.sign(&EXAMPLE), format!("{SIGNATURE} {other}"));
    }

    #[test]
    fn a_secret_is_as_long_as_the_specification_has_it() {
        let text = |length| format!("whsec_{}", BASE64_STANDARD.encode(vec![7; length]));
        assert!([24, 32, 64].map(text).iter().all(|text| Secrets::parse(text).is_ok()));
        assert!([0, 23, 65].map(text).iter().all(|text| Secrets::parse(text).is_err()));
        for text in ["", "  ", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_no base64"] {
            assert_eq!(Secrets::parse(text).err(), Some(InvalidSecret), "{text}");
        }
    }

    #[test]
    fn a_secret_is_not_shown() {
        assert_eq!(format!("{:?}", Secrets::parse(SECRET).unwrap()), "Secrets { .. }");
    }
}
