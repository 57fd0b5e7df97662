//! A client that does little: one connection kept open, one request after another.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

/// A request.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub path: String,
    /// Header that says who asks, whole.
    pub who: String,
    /// JSON; none for `GET`.
    pub body: Option<String>,
}

impl Request {
    pub fn get(path: impl Into<String>, who: &str) -> Self {
        Self { path: path.into(), who: who.to_owned(), body: None }
    }

    pub fn post(path: impl Into<String>, who: &str, body: &serde_json::Value) -> Self {
        Self { path: path.into(), who: who.to_owned(), body: Some(body.to_string()) }
    }
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
    pub took: Duration,
}

impl Answer {
    /// The answer's JSON, of a request that was carried out.
    pub fn json(&self) -> Result<serde_json::Value> {
        if !(200..300).contains(&self.status) {
            bail!("answered {}: {}", self.status, String::from_utf8_lossy(&self.body));
        }
        Ok(serde_json::from_slice(&self.body)?)
    }
}

/// An open connection.
pub(super) struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    pub fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).context("the server does not answer")?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    pub fn send(&mut self, request: &Request) -> Result<Answer> {
        let Request { path, who, body } = request;
        let text = match body {
            None => format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{who}\r\n\r\n"),
            Some(body) => format!(
                "POST {path} HTTP/1.1\r\nHost: localhost\r\n{who}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            ),
        };
        let began = Instant::now();
        self.stream.get_mut().write_all(text.as_bytes())?;
        let (status, body) = self.answer()?;
        Ok(Answer { status, body, took: began.elapsed() })
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        Ok(line.trim_end().to_owned())
    }

    fn answer(&mut self) -> Result<(u16, Vec<u8>)> {
        let first = self.line()?;
        let status = first.split(' ').nth(1).and_then(|code| code.parse().ok()).context("no status line")?;
        let (mut length, mut chunked) = (0, false);
        loop {
            let line = self.line()?.to_ascii_lowercase();
            match line.split_once(':') {
                _ if line.is_empty() => break,
                Some(("content-length", value)) => length = value.trim().parse()?,
                Some(("transfer-encoding", value)) => chunked = value.trim() == "chunked",
                _ => {}
            }
        }
        let mut body = Vec::new();
        if !chunked {
            body.resize(length, 0);
            self.stream.read_exact(&mut body)?;
            return Ok((status, body));
        }
        loop {
            let size = usize::from_str_radix(self.line()?.trim(), 16)?;
            let start = body.len();
            body.resize(start + size, 0);
            self.stream.read_exact(&mut body[start..])?;
            self.line()?;
            if size == 0 {
                return Ok((status, body));
            }
        }
    }
}
