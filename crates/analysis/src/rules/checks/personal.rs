//! Data about people.

use crate::Span;
use crate::rules::rule::{Hit, Line};
use crate::rules::sink::Sink;

/// The longest parts of an address that RFC 5321 allows.
const LOCAL_MAX: usize = 64;
const DOMAIN_MAX: usize = 255;

/// Ends of names that are files, not hosts.
const FILES: [&str; 10] = ["png", "jpg", "jpeg", "gif", "svg", "webp", "js", "css", "ts", "md"];

pub(crate) fn email(hit: &Hit<'_>, sink: &mut Sink<'_>) {
    let bytes = hit.window.as_bytes();
    let Some(span) = address(bytes, hit.span.start) else { return };
    let domain = hit.window.get(hit.span.end..span.end).unwrap_or_default();
    let is_login = bytes.get(span.end) == Some(&b':')
        && bytes.get(span.end + 1).is_some_and(|byte| !byte.is_ascii_whitespace());
    let before = span.start.checked_sub(1).and_then(|at| bytes.get(at));
    // A part of an address of the web, or of a path.
    let is_inside = matches!(before, Some(b'/' | b':' | b'@')) && !is_mailto(bytes, span.start);
    if !is_login && !is_inside && is_domain(domain) && !is_example(domain) {
        sink.push(span, "an e-mail address");
    }
}

/// The address around the `@` at `at`.
fn address(bytes: &[u8], at: usize) -> Option<Span> {
    let is_local = |byte: &u8| byte.is_ascii_alphanumeric() || b"._%+-".contains(byte);
    let is_domain = |byte: &u8| byte.is_ascii_alphanumeric() || b".-".contains(byte);
    let before = bytes.get(at.saturating_sub(LOCAL_MAX)..at)?;
    let after = bytes.get(at + 1..std::cmp::min(at + 1 + DOMAIN_MAX, bytes.len()))?;
    let local = before.iter().rev().take_while(|byte| is_local(byte)).count();
    let domain = after.iter().take_while(|byte| is_domain(byte)).count();
    let domain = after.get(..domain)?.trim_suffix_of(b".-");
    (local > 0 && domain > 3).then(|| Span::new(at - local, at + 1 + domain))
}

/// Lengths without what a sentence puts behind an address.
trait TrimSuffix {
    fn trim_suffix_of(&self, marks: &[u8]) -> usize;
}

impl TrimSuffix for [u8] {
    fn trim_suffix_of(&self, marks: &[u8]) -> usize {
        self.iter().rposition(|byte| !marks.contains(byte)).map_or(0, |last| last + 1)
    }
}

fn is_mailto(bytes: &[u8], at: usize) -> bool {
    bytes.get(..at).is_some_and(|before| before.ends_with(b"mailto:"))
}

fn is_domain(domain: &str) -> bool {
    let Some((host, top)) = domain.rsplit_once('.') else { return false };
    let is_top =
        (2..=24).contains(&top.len()) && top.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_top && !host.is_empty() && !host.starts_with(['.', '-']) && !FILES.contains(&top)
}

/// Domains that RFC 2606 keeps for examples, and addresses that nobody reads.
fn is_example(domain: &str) -> bool {
    let domain = domain.to_ascii_lowercase();
    let ends = [".example", ".test", ".invalid", ".localhost", "noreply.github.com"];
    let names = ["example.com", "example.org", "example.net", "domain.com", "email.com"];
    ends.iter().any(|end| domain.ends_with(end))
        || names.iter().any(|name| domain == *name || domain.ends_with(&format!(".{name}")))
}

/// How many digits a card number has.
const CARD_DIGITS: std::ops::RangeInclusive<usize> = 13..=19;

pub(crate) fn cards(line: &Line<'_>, sink: &mut Sink<'_>) {
    let bytes = line.text.as_bytes();
    if digits_of(bytes) < *CARD_DIGITS.start() {
        return;
    }
    let mut at = 0;
    while let Some(offset) =
        bytes.get(at..).and_then(|rest| rest.iter().position(u8::is_ascii_digit))
    {
        let start = at + offset;
        let (digits, end) = run(bytes, start);
        at = end;
        let before = start.checked_sub(1).and_then(|before| bytes.get(before));
        let joins = |byte: Option<&u8>| {
            byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"._-/=#".contains(byte))
        };
        if CARD_DIGITS.contains(&digits.len())
            && !joins(before)
            && !joins_on(bytes, end)
            && is_card(&digits)
        {
            sink.push(Span::new(start, end), "a card number whose check digit is right");
        }
    }
}

/// How many digits there are, counted in pieces that a register holds.
fn digits_of(bytes: &[u8]) -> usize {
    let digits = |piece: &[u8]| -> usize {
        let count: u8 = piece.iter().map(|byte| u8::from(byte.is_ascii_digit())).sum();
        usize::from(count)
    };
    let (pieces, rest) = bytes.as_chunks::<16>();
    pieces.iter().map(|piece| digits(piece)).sum::<usize>() + digits(rest)
}

fn joins_on(bytes: &[u8], end: usize) -> bool {
    let next = bytes.get(end).copied().unwrap_or(b' ');
    let after = bytes.get(end + 1).copied().unwrap_or(b' ');
    next.is_ascii_alphanumeric()
        || next == b'_'
        || (b".-/".contains(&next) && after.is_ascii_alphanumeric())
}

/// The digits from `start` with single spaces or dashes between groups of four or more, and where
/// they end. At most 20 are kept, which is more than a card has.
fn run(bytes: &[u8], start: usize) -> (Vec<u8>, usize) {
    let mut digits = Vec::new();
    let (mut at, mut end, mut group) = (start, start, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'0'..=b'9' => {
                if digits.len() < 20 {
                    digits.push(byte - b'0');
                }
                group += 1;
                end = at + 1;
            }
            b' ' | b'-' if group >= 4 => group = 0,
            _ => break,
        }
        at += 1;
    }
    (digits, end)
}

fn is_card(digits: &[u8]) -> bool {
    let has_issuer = match digits {
        [4, ..] => matches!(digits.len(), 13 | 16 | 19),
        [5, 1..=5, ..] | [2, 2..=7, ..] | [6, 0, 1, 1, ..] | [6, 5, ..] | [3, 5, ..] => {
            digits.len() == 16
        }
        [3, 4 | 7, ..] => digits.len() == 15,
        [3, 0 | 6 | 8, ..] => digits.len() == 14,
        _ => false,
    };
    has_issuer && luhn(digits) && !is_made_up(digits)
}

/// The check of ISO/IEC 7812-1.
pub(crate) fn luhn(digits: &[u8]) -> bool {
    let weigh = |(place, digit): (usize, &u8)| match (place % 2, u32::from(*digit)) {
        (0, digit) => digit,
        (_, digit) => digit * 2 / 10 + digit * 2 % 10,
    };
    digits.iter().rev().enumerate().map(weigh).sum::<u32>() % 10 == 0
}

/// Numbers that the issuers publish for tests repeat a few digits.
fn is_made_up(digits: &[u8]) -> bool {
    let mut counts = [0_usize; 10];
    for digit in digits {
        if let Some(count) = counts.get_mut(usize::from(*digit)) {
            *count += 1;
        }
    }
    let kinds = counts.iter().filter(|count| **count > 0).count();
    let most = counts.iter().max().copied().unwrap_or_default();
    kinds <= 4 || most * 2 >= digits.len()
}
