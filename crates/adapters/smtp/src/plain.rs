//! A connection that begins in the open, and hands nothing of that over into the encrypted part.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll, ready},
};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

/// What every TLS handshake begins with (RFC 8446 section 5.1), and no SMTP command does.
const HANDSHAKE: u8 = 0x16;

/// Reads one octet at a time until TLS begins.
///
/// Whoever sits between could add answers to the one that agrees to STARTTLS. If they were read
/// ahead, they would be taken for answers of the server that come encrypted: "mail taken", say. Read
/// one by one, they are left to the handshake, which fails over them.
#[derive(Debug)]
pub(crate) struct PlainStart {
    stream: TcpStream,
    is_plain: bool,
}

impl PlainStart {
    pub(crate) const fn new(stream: TcpStream) -> Self {
        Self { stream, is_plain: true }
    }
}

impl AsyncRead for PlainStart {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.is_plain {
            return Pin::new(&mut self.stream).poll_read(cx, buffer);
        }
        let mut octet = [0];
        let mut one = ReadBuf::new(&mut octet);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut one))?;
        buffer.put_slice(one.filled());
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for PlainStart {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        if octets.first() == Some(&HANDSHAKE) {
            self.is_plain = false;
        }
        Pin::new(&mut self.stream).poll_write(cx, octets)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl AsyncTokioStream for PlainStart {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.peer_addr()
    }
}
