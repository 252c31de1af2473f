//! The addresses in `X-Forwarded-For` and `Forwarded`, the nearest last.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::{HeaderMap, header};

/// Who sent it on to whom, the nearest last. `None` where no address can be read.
pub(super) type Hops = Vec<Option<IpAddr>>;

/// The hops of `X-Forwarded-For`, if there is one.
pub(super) fn x_forwarded_for(headers: &HeaderMap) -> Option<Hops> {
    hops(headers, "x-forwarded-for", |line| line.split(',').map(|hop| node(hop.trim())).collect())
}

/// The hops of `Forwarded` (RFC 7239), if there is one.
pub(super) fn forwarded(headers: &HeaderMap) -> Option<Hops> {
    // A line with a quotation that does not end is unreadable as a whole: what a proxy has added to
    // it may be within the quotation marks of somebody else.
    hops(headers, header::FORWARDED.as_str(), |line| {
        elements(line).map_or_else(|| vec![None], |it| it.iter().map(|it| client(it)).collect())
    })
}

fn hops(headers: &HeaderMap, name: &str, read: impl Fn(&str) -> Hops) -> Option<Hops> {
    let read = |line: &[u8]| std::str::from_utf8(line).map_or_else(|_| vec![None], &read);
    let mut lines = headers.get_all(name).iter().peekable();
    lines.peek()?;
    Some(lines.flat_map(|line| read(line.as_bytes())).collect())
}

/// What an element says of its client: the one `for` that it may have.
fn client(element: &[(&str, String)]) -> Option<IpAddr> {
    let mut clients = element.iter().filter(|(name, _)| name.eq_ignore_ascii_case("for"));
    match (clients.next(), clients.next()) {
        (Some((_, text)), None) => node(text),
        _ => None,
    }
}

/// An address: `192.0.2.7`, `2001:db8::7` or `[2001:db8::7]`, the first and the last perhaps with a
/// port. Names that proxies make up, such as `unknown` or `_hidden`, are no addresses.
fn node(text: &str) -> Option<IpAddr> {
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok();
    let address = text.parse::<IpAddr>().ok();
    let address = address.or_else(|| text.parse::<SocketAddr>().ok().map(|it| it.ip()));
    address.or_else(|| bracketed().map(IpAddr::V6)).map(|it| it.to_canonical())
}

type Element<'a> = Vec<(&'a str, String)>;

/// The elements of a line, each a list of pairs (RFC 7239 section 4). `None` if it is not of that form.
fn elements(line: &str) -> Option<Vec<Element<'_>>> {
    let (mut elements, mut element) = (Vec::new(), Element::new());
    let mut rest = line.trim();
    loop {
        let (name, value) = rest.split_once('=')?;
        if name.is_empty() || !name.bytes().all(is_token) {
            return None;
        }
        let (value, after) = self::value(value)?;
        element.push((name, value));
        let after = after.trim_start();
        match after.chars().next() {
            None => break,
            Some(';') => {}
            Some(',') => elements.push(std::mem::take(&mut element)),
            Some(_) => return None,
        }
        rest = after.get(1..)?.trim_start();
    }
    elements.push(element);
    Some(elements)
}

/// A value, and what comes after it.
fn value(text: &str) -> Option<(String, &str)> {
    if let Some(quoted) = text.strip_prefix('"') {
        return quotation(quoted);
    }
    // Addresses with a port are seen without the quotation marks that they should have.
    let is_plain = |c: char| c.is_ascii() && (is_token(c as u8) || "[]:".contains(c));
    let end = text.find(|c| !is_plain(c)).unwrap_or(text.len());
    let (value, after) = text.split_at_checked(end)?;
    (!value.is_empty()).then(|| (value.to_owned(), after))
}

/// What is left of a quotation (RFC 9110 section 5.6.4), and what comes after it.
fn quotation(text: &str) -> Option<(String, &str)> {
    let (mut value, mut chars) = (String::new(), text.chars());
    loop {
        match chars.next()? {
            '"' => return Some((value, chars.as_str())),
            '\\' => value.push(chars.next()?),
            c => value.push(c),
        }
    }
}

/// Of what tokens are made (RFC 9110 section 5.6.2).
const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
}
