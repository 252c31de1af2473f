//! TLS with the certificate authorities of the public web.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore, crypto::ring};

/// TLS 1.2 or later. The provider of cryptography is named, so that none needs to be installed in the
/// process, which is the program's to do and not a library's.
pub(crate) fn config() -> Result<ClientConfig, rustls::Error> {
    trusting(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() })
}

fn trusting(roots: RootCertStore) -> Result<ClientConfig, rustls::Error> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use rcgen::CertifiedKey;
    use reqwest::{Client, StatusCode};
    use rustls::{ServerConfig, pki_types::PrivatePkcs8KeyDer};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };
    use tokio_rustls::TlsAcceptor;

    use super::*;

    /// Asks a server over TLS, which vouches for itself.
    async fn ask(
        name: &str,
        config: impl FnOnce(RootCertStore) -> Result<ClientConfig, rustls::Error>,
    ) -> reqwest::Result<StatusCode> {
        let CertifiedKey { cert, signing_key } =
            rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der()).into();
        let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (stream, _) = listener.accept().await?;
            let mut stream = TlsAcceptor::from(Arc::new(server)).accept(stream).await?;
            stream.read_u8().await?;
            stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await?;
            stream.shutdown().await
        });

        let mut roots = RootCertStore::empty();
        roots.add(cert.der().clone()).unwrap();
        let tls = config(roots).unwrap();
        let client = Client::builder().tls_backend_preconfigured(tls).no_proxy().build().unwrap();
        client.get(url).send().await.map(|answer| answer.status())
    }

    #[tokio::test]
    async fn only_a_server_with_a_certificate_of_its_own_that_is_vouched_for_is_spoken_to() {
        assert_eq!(ask("127.0.0.1", trusting).await.unwrap(), 204);
        assert!(ask("127.0.0.2", trusting).await.unwrap_err().is_connect());
        assert!(ask("127.0.0.1", |_| config()).await.unwrap_err().is_connect());
    }
}
