//! Signatures of [Standard Webhooks](https://www.standardwebhooks.com) 1.0, in both directions:
//! HMAC-SHA-256 of the identifier, the time and the body, with a full stop between each.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// What a secret begins with.
const SECRET: &str = "whsec_";
/// What a signature of this kind begins with. Others, such as `v1a`, are made with key pairs.
const VERSION: &str = "v1,";

/// The secrets that are shared with the other side: usually one, and two while one replaces the
/// other. Requests are signed with each of them, and believed when signed with any.
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

    /// Whether one of the signatures in a header `webhook-signature` is of this message.
    pub(crate) fn have_signed(&self, message: &Message<'_>, header: &str) -> bool {
        let codes = self.0.iter().map(|secret| message.code(secret)).collect::<Vec<_>>();
        header
            .split(' ')
            .filter_map(|signature| signature.strip_prefix(VERSION))
            .filter_map(|code| BASE64_STANDARD.decode(code).ok())
            // Compares in constant time.
            .any(|signed| codes.iter().any(|code| code.clone().verify_slice(&signed).is_ok()))
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secrets").finish_non_exhaustive()
    }
}

/// What is signed.
pub(crate) struct Message<'a> {
    /// The header `webhook-id`. Neither it nor the time may have a full stop in it, or two messages
    /// could be one text.
    pub(crate) id: &'a str,
    /// The header `webhook-timestamp`: seconds since the Unix epoch.
    pub(crate) timestamp: &'a str,
    /// The body, octet by octet.
    pub(crate) body: &'a [u8],
}

impl Message<'_> {
    fn code(&self, secret: &Hmac<Sha256>) -> Hmac<Sha256> {
        secret
            .clone()
            .chain_update(self.id)
            .chain_update(".")
            .chain_update(self.timestamp)
            .chain_update(".")
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
        timestamp: "1614265330",
        body: br#"{"test": 2432232314}"#,
    };
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn other_secret() -> String {
        format!("whsec_{}", BASE64_STANDARD.encode([7; 64]))
    }

    #[test]
    fn the_example_of_the_specification_is_signed_and_believed() {
        let secrets = Secrets::parse(SECRET).unwrap();
        assert_eq!(secrets.sign(&EXAMPLE), SIGNATURE);
        assert!(secrets.have_signed(&EXAMPLE, SIGNATURE));
    }

    #[test]
    fn a_message_is_signed_with_every_secret_and_any_of_them_is_enough() {
        let both = Secrets::parse(&format!("{SECRET}  {}", other_secret())).unwrap();
        let header = both.sign(&EXAMPLE);
        assert_eq!(header.split(' ').count(), 2);
        for one in [SECRET, &other_secret()] {
            let one = Secrets::parse(one).unwrap();
            assert!(one.have_signed(&EXAMPLE, &header));
            assert!(both.have_signed(&EXAMPLE, &one.sign(&EXAMPLE)));
        }
    }

    #[test]
    fn signatures_of_other_kinds_and_of_other_secrets_are_not_believed() {
        let secrets = Secrets::parse(SECRET).unwrap();
        let code = SIGNATURE.strip_prefix(VERSION).unwrap();
        let others = Secrets::parse(&other_secret()).unwrap().sign(&EXAMPLE);
        for header in
            ["", " ", "v1", "v1,", code, &format!("v1a,{code}"), &format!("v2,{code}"), &others]
        {
            assert!(!secrets.have_signed(&EXAMPLE, header), "{header}");
        }
        assert!(secrets.have_signed(&EXAMPLE, &format!("v1a,AAAA {others} {SIGNATURE}")));
    }

    #[test]
    fn half_a_signature_is_none() {
        let secrets = Secrets::parse(SECRET).unwrap();
        let code = BASE64_STANDARD.decode(SIGNATURE.strip_prefix(VERSION).unwrap()).unwrap();
        for length in 0..code.len() {
            let header = format!("{VERSION}{}", BASE64_STANDARD.encode(&code[..length]));
            assert!(!secrets.have_signed(&EXAMPLE, &header), "{length}");
        }
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
