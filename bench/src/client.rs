//! A keep-alive HTTP/1.1 connection that costs as little as it can, because it shares the cores
//! with the server it measures.

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::Failure;

pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    body: Vec<u8>,
}

impl Answer {
    /// Fails unless the status is this one.
    pub(crate) fn expect(&self, status: u16, path: &str) -> Result<(), Failure> {
        if self.status == status {
            return Ok(());
        }
        Err(format!("{path} answered {}", self.status).into())
    }

    /// A member of the JSON body.
    pub(crate) fn member(&self, name: &str) -> Result<String, Failure> {
        let body: Value = serde_json::from_slice(&self.body)?;
        let value = body.get(name).and_then(Value::as_str);
        Ok(value.ok_or_else(|| format!("the answer has no {name}: {body}"))?.to_owned())
    }
}

impl Connection {
    pub(crate) async fn open(port: u16) -> Result<Self, Failure> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(4_096) })
    }

    pub(crate) async fn post(&mut self, path: &str, body: &Value) -> Result<Answer, Failure> {
        let body = body.to_string();
        let length = body.len();
        self.exchange(&format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\n\r\n{body}"
        ))
        .await
    }

    pub(crate) async fn delete(
        &mut self,
        path: &str,
        bearer: &str,
        body: &Value,
    ) -> Result<Answer, Failure> {
        let body = body.to_string();
        let length = body.len();
        self.exchange(&format!(
            "DELETE {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {bearer}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        ))
        .await
    }

    pub(crate) async fn get(&mut self, path: &str, bearer: &str) -> Result<Answer, Failure> {
        self.exchange(&format!(
            "GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {bearer}\r\n\r\n"
        ))
        .await
    }

    async fn exchange(&mut self, request: &str) -> Result<Answer, Failure> {
        self.stream.write_all(request.as_bytes()).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err("the server closed the connection".into());
            }
            if let Some(answer) = parse(&self.buffer)? {
                return Ok(answer);
            }
        }
    }
}

/// The answer, once all of it is there.
fn parse(bytes: &[u8]) -> Result<Option<Answer>, Failure> {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let (head, body) = bytes.split_at(end + 4);
    let head = std::str::from_utf8(head)?.to_ascii_lowercase();
    let status = head.split(' ').nth(1).ok_or("no status")?.parse()?;
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .map_or(Ok(0), |length| length.trim().parse::<usize>())?;
    Ok((body.len() >= length).then(|| Answer { status, body: body.to_vec() }))
}
