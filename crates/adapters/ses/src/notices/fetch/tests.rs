use std::sync::Arc;

use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use rcgen::CertifiedKey;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
    time::Instant,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivatePkcs8KeyDer},
};

use super::*;

/// Answers one request, and gives where that was.
async fn serve(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        respond(stream, answer).await;
    });
    format!("http://{address}/")
}

async fn respond(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: Vec<u8>) {
    let read = stream.read(&mut [0; 4_096]).await.unwrap();
    assert!(read > 0);
    stream.write_all(&answer).await.unwrap();
    stream.shutdown().await.unwrap();
}

fn answer(status: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
}

async fn get(answer: Vec<u8>) -> Result<Option<Vec<u8>>, Unavailable> {
    let url = serve(answer).await;
    HttpsFetch::new().get(&url).await
}

#[tokio::test]
async fn what_is_there_is_fetched() {
    let fetched = get(answer("200 OK", "hello")).await.unwrap();
    assert_eq!(fetched.as_deref(), Some(b"hello".as_slice()));
}

#[tokio::test]
async fn what_is_not_there_is_nothing_and_a_failure_is_not() {
    for status in ["204 No Content", "400 Bad Request", "403 Forbidden", "404 Not Found"] {
        assert_eq!(get(answer(status, "")).await.unwrap(), None, "{status}");
    }
    for status in ["408 Request Timeout", "429 Too Many Requests", "500 No", "503 No"] {
        assert!(get(answer(status, "")).await.is_err(), "{status}");
    }
    assert!(get(Vec::new()).await.is_err());
    assert!(get(b"hello\r\n\r\n".to_vec()).await.is_err());
    assert!(get(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello".to_vec()).await.is_err());
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        let elsewhere = serve(answer("200 OK", "elsewhere")).await;
        let redirect =
            format!("HTTP/1.1 {status}\r\nlocation: {elsewhere}\r\ncontent-length: 0\r\n\r\n");
        assert_eq!(get(redirect.into_bytes()).await.unwrap(), None, "{status}");
    }
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_none() {
    let longest = "x".repeat(MAX_ANSWER);
    assert_eq!(get(answer("200 OK", &longest)).await.unwrap().unwrap().len(), MAX_ANSWER);
    assert_eq!(get(answer("200 OK", &format!("{longest}x"))).await.unwrap(), None);
    // Nor one that does not say how long it is.
    let mut endless = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec();
    endless.extend(vec![b'x'; MAX_ANSWER + 1]);
    assert_eq!(get(endless).await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_takes_too_long_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let started = Instant::now();
    let error = in_time(HttpsFetch::new().get(&url)).await.unwrap_err();
    assert!(error.to_string().contains("too long"), "{error}");
    assert!(started.elapsed() < PATIENCE + Duration::from_secs(1));
}

/// Answers one request over TLS with a certificate of nobody's, and gives where that was.
async fn serve_tls(key: &CertifiedKey<rcgen::KeyPair>) -> String {
    let certificate = key.cert.der().clone();
    let private = PrivatePkcs8KeyDer::from(key.signing_key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], private.into())
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        if let Ok(stream) = TlsAcceptor::from(Arc::new(config)).accept(stream).await {
            respond(stream, answer("200 OK", "hello")).await;
        }
    });
    format!("https://127.0.0.1:{port}/")
}

#[tokio::test]
async fn whoever_answers_must_have_a_certificate_that_is_trusted() {
    let key = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let url = serve_tls(&key).await;
    let error = HttpsFetch::new().get(&url).await.unwrap_err();
    assert!(!error.to_string().contains("hello"), "{error}");

    // It is the trust that it lacked.
    let store = TrustStore::empty().with_pem_certificate(key.cert.pem());
    let context = TlsContext::builder().with_trust_store(store).build().unwrap();
    let tls = Provider::Rustls(CryptoMode::Ring);
    let connector = Connector::builder().tls_provider(tls).tls_context(context).build();
    let url = serve_tls(&key).await;
    let fetched = HttpsFetch { connector }.get(&url).await.unwrap();
    assert_eq!(fetched.as_deref(), Some(b"hello".as_slice()));
}
