//! Whose certificates are believed.

use lettre::transport::smtp::client::{Certificate, TlsParameters};

/// What a certificate begins with in a PEM file (RFC 7468).
const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// Certificate authorities that are trusted besides those of the public web: the one that a private
/// mail server's certificate comes from, for instance.
#[derive(Clone)]
pub struct ExtraRoots(Certificate);

/// What was given holds no certificate, or one that cannot be an authority's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it must hold certificates in PEM, and nothing that is none")]
pub struct InvalidRoots;

impl ExtraRoots {
    /// Reads the content of a PEM file with one certificate or more.
    pub fn from_pem(pem: &[u8]) -> Result<Self, InvalidRoots> {
        if !pem.windows(BEGIN.len()).any(|window| window == BEGIN) {
            return Err(InvalidRoots);
        }
        let roots = Self(Certificate::from_pem(pem).map_err(|_| InvalidRoots)?);
        tls_parameters("localhost", Some(&roots)).map(|_| roots)
    }
}

impl std::fmt::Debug for ExtraRoots {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExtraRoots").finish_non_exhaustive()
    }
}

/// TLS 1.2 or later with a server of this name.
pub(crate) fn tls_parameters(
    host: &str,
    extra: Option<&ExtraRoots>,
) -> Result<TlsParameters, InvalidRoots> {
    let mut parameters = TlsParameters::builder(host.to_owned());
    if let Some(ExtraRoots(certificate)) = extra {
        parameters = parameters.add_root_certificate(certificate.clone());
    }
    parameters.build().map_err(|_| InvalidRoots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_good_certificate_is_refused() {
        for pem in [
            "",
            "hello",
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "-----BEGIN CERTIFICATE-----\nAAAA\n",
        ] {
            assert_eq!(ExtraRoots::from_pem(pem.as_bytes()).err(), Some(InvalidRoots), "{pem}");
        }
    }

    #[test]
    fn several_authorities_may_be_in_one_file() {
        let pem = || rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let both = format!("{}{}", pem().cert.pem(), pem().cert.pem());
        assert!(ExtraRoots::from_pem(both.as_bytes()).is_ok());
    }
}
