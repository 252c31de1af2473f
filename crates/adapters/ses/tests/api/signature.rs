//! Checks AWS Signature Version 4, step by step as AWS documents it, with nothing of the SDK.

use axum::http::{HeaderMap, Method, Uri};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// Whether the request is signed with this secret, for SES in this region.
pub(crate) fn is_signed(
    (method, uri): (&Method, &Uri),
    headers: &HeaderMap,
    body: &[u8],
    (key, secret, region): (&str, &str, &str),
) -> bool {
    let text = |name: &str| headers[name].to_str().unwrap().trim().to_owned();
    let authorization = text("authorization");
    let parts = authorization.strip_prefix("AWS4-HMAC-SHA256 ").unwrap();
    let part = |name: &str| parts.split(", ").find_map(|it| it.strip_prefix(name)).unwrap();
    let at = text("x-amz-date");
    let scope = format!("{}/{region}/ses/aws4_request", &at[..8]);
    let signed = part("SignedHeaders=");
    let signs = |name| signed.split(';').any(|it| it == name);
    assert!(signs("host") && signs("x-amz-date"), "{signed}");

    let canonical_headers = signed
        .split(';')
        .map(|name| format!("{name}:{}\n", text(name)))
        .collect::<Vec<_>>()
        .concat();
    let request = format!(
        "{method}\n{}\n{}\n{canonical_headers}\n{signed}\n{}",
        uri.path(),
        uri.query().unwrap_or_default(),
        hex(&Sha256::digest(body)),
    );
    let to_sign = format!("AWS4-HMAC-SHA256\n{at}\n{scope}\n{}", hex(&Sha256::digest(request)));
    let first = format!("AWS4{secret}").into_bytes();
    let signing_key = scope.split('/').fold(first, |key, part| hmac(&key, part.as_bytes()));
    part("Credential=") == format!("{key}/{scope}")
        && part("Signature=") == hex(&hmac(&signing_key, to_sign.as_bytes()))
}

fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}
