//! The PROXY protocol: what a proxy sends before anything else, to say for whom it has connected.
//!
//! Versions 1 and 2 of <https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt>. Whether a
//! connection begins like that follows from who has connected, and never from what it looks like: a
//! client could send such a header as well.

use std::{io, net::SocketAddr, sync::Once, time::Duration};

use fastauth::{http::TrustedProxies, settings::Configuration};
use proxy_header::{Error, ParseConfig, ProxyHeader};
use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt, BufReader},
    net::TcpStream,
    time::timeout,
};

/// The longest line of version 1, with its end.
const LONGEST_LINE: usize = 107;
/// The longest header of version 2 that is read: what every network carries in one piece, and what the
/// specification tells senders to stay within.
const LONGEST: usize = 536;
/// Addresses are all that is read of a header; its extensions are passed over.
const ADDRESSES: ParseConfig = ParseConfig { include_tlvs: false, allow_v1: true, allow_v2: true };

/// A connection, with what was read of it together with the header and belongs to HTTP.
pub(crate) type Stream = BufReader<TcpStream>;

/// The peers whose connections begin with a header.
#[derive(Clone)]
pub(crate) struct Announcers(Option<TrustedProxies>);

/// Who is at the other end of a connection.
#[derive(Clone, Copy)]
pub(crate) enum Client {
    /// Whoever has connected, or whom it says that it has connected for.
    At(SocketAddr),
    /// A proxy that has not said for whom, be it for itself or for somebody without an address. Its
    /// headers may be those of a stranger, whom it passes on unseen.
    Unnamed(SocketAddr),
}

/// Why a connection is not served.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unannounced {
    /// It does not begin with a header, or with one that cannot be read.
    #[error("it does not begin with a PROXY header, or with one that cannot be read")]
    Unreadable,
    /// It ended or was silent before there was a whole one.
    #[error("it ended or fell silent before its PROXY header did")]
    Unfinished,
}

impl Announcers {
    /// Those that the settings name: none unless `PROXY_PROTOCOL` is on.
    pub(crate) fn of(configuration: &Configuration) -> Self {
        let spoken = configuration.proxy_protocol;
        Self(configuration.trusted_proxies.clone().filter(|_| spoken))
    }

    /// Finds out whom a connection is for, within the time that its header may take.
    pub(crate) async fn client(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        time: Duration,
    ) -> Result<(Stream, Client), Unannounced> {
        if !self.announces(peer) {
            // There is nothing to keep: whatever reads more than its room reads straight through.
            return Ok((BufReader::with_capacity(1, stream), Client::At(peer)));
        }
        let mut stream = BufReader::with_capacity(LONGEST, stream);
        let named = timeout(time, read(&mut stream)).await;
        let named = named.unwrap_or(Err(Unannounced::Unfinished));
        let named = named.inspect_err(|error| warn_of_a_proxy(peer, error))?;
        Ok((stream, named.map_or(Client::Unnamed(peer), Client::At)))
    }

    fn announces(&self, peer: SocketAddr) -> bool {
        let peer = peer.ip().to_canonical();
        self.0.as_ref().is_some_and(|proxies| proxies.trusts(peer))
    }
}

/// Reads a header and nothing of what follows it. `None` if it names nobody.
async fn read(stream: &mut (impl AsyncBufRead + Unpin)) -> Result<Option<SocketAddr>, Unannounced> {
    let mut header = Vec::with_capacity(LONGEST);
    loop {
        let arrived = stream.fill_buf().await?;
        if arrived.is_empty() {
            return Err(Unannounced::Unfinished);
        }
        let (known, new) = (header.len(), arrived.len());
        header.extend_from_slice(arrived);
        let longest = if header.starts_with(b"P") { LONGEST_LINE } else { LONGEST };
        match ProxyHeader::parse(&header, ADDRESSES) {
            Ok((read, length)) if length <= longest => {
                stream.consume(length.saturating_sub(known));
                return Ok(read.proxied_address().map(|it| it.source));
            }
            Err(Error::BufferTooShort) if header.len() < longest => stream.consume(new),
            Ok(_) | Err(_) => return Err(Unannounced::Unreadable),
        }
    }
}

impl From<io::Error> for Unannounced {
    fn from(_: io::Error) -> Self {
        Self::Unfinished
    }
}

/// Says once that a proxy does not do what the settings say. A connection that ends without a word is how
/// many a proxy looks whether the server is there.
fn warn_of_a_proxy(peer: SocketAddr, error: &Unannounced) {
    static SAID: Once = Once::new();
    if matches!(error, Unannounced::Unreadable) {
        SAID.call_once(|| {
            tracing::warn!(
                %peer,
                "a connection from TRUSTED_PROXIES was closed: it does not begin with a PROXY header \
                 that can be read; have the proxy send one, or turn PROXY_PROTOCOL off"
            );
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &[u8] = b"PROXY TCP4 203.0.113.7 192.0.2.1 40000 443\r\n";
    const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
    const REQUEST: &[u8] = b"GET /health/live HTTP/1.1\r\n";

    /// Version 2 for `203.0.113.7`, with so many bytes of extensions.
    fn block(extensions: u16) -> Vec<u8> {
        let length = (12 + extensions).to_be_bytes();
        let addresses = [203, 0, 113, 7, 192, 0, 2, 1, 0x9c, 0x40, 1, 187];
        let rest = vec![0; usize::from(extensions)];
        [SIGNATURE, &[0x21, 0x11], &length, &addresses, &rest].concat()
    }

    /// What is read of bytes that arrive in pieces of a size, and what is left of them.
    async fn in_pieces(
        bytes: &[u8],
        size: usize,
    ) -> (Result<Option<String>, Unannounced>, Vec<u8>) {
        let mut stream = BufReader::with_capacity(size, bytes);
        let named = read(&mut stream).await;
        let mut left = Vec::new();
        tokio::io::copy_buf(&mut stream, &mut left).await.unwrap();
        (named.map(|it| it.map(|address| address.to_string())), left)
    }

    #[tokio::test]
    async fn however_a_header_arrives_what_follows_it_is_left_to_http() {
        for header in [LINE.to_vec(), block(0), block(100)] {
            let bytes = [&header[..], REQUEST].concat();
            for size in 1..=bytes.len() {
                let (named, left) = in_pieces(&bytes, size).await;
                assert_eq!(named.unwrap().as_deref(), Some("203.0.113.7:40000"), "{size}");
                assert_eq!(left, REQUEST, "{size}");
            }
        }
    }

    #[tokio::test]
    async fn a_header_is_read_up_to_its_longest_and_not_beyond() {
        let line = |filling: usize| {
            [b"PROXY UNKNOWN ", &vec![b'x'; filling][..], b"\r\n", REQUEST].concat()
        };
        let block = |extensions| [&block(extensions)[..], REQUEST].concat();
        for size in [1, 64, LONGEST] {
            for (fits, name) in [(line(91), None), (block(508), Some("203.0.113.7:40000"))] {
                let (named, left) = in_pieces(&fits, size).await;
                assert_eq!((named.unwrap().as_deref(), &left[..]), (name, REQUEST), "{size}");
            }
            for too_long in [line(92), line(2_000), block(509), block(65_523)] {
                let (named, _) = in_pieces(&too_long, size).await;
                assert!(matches!(named, Err(Unannounced::Unreadable)), "{size}");
            }
        }
    }

    #[tokio::test]
    async fn a_header_that_ends_too_early_is_none() {
        for header in [LINE.to_vec(), block(3)] {
            for length in 0..header.len() {
                let (named, _) = in_pieces(&header[..length], LONGEST).await;
                assert!(matches!(named, Err(Unannounced::Unfinished)), "{length}");
            }
        }
    }
}
