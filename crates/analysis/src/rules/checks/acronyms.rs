//! Acronyms and where they are defined.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::rules::sink::Sink;
use crate::{Document, Span};

/// What nobody spells out, and words that are written in capitals, sorted.
const KNOWN: &[&str] = &[
    "AI", "AM", "AMD", "AND", "ANSI", "API", "ARM", "ASAP", "ASCII", "AVX", "AWS", "BASH", "BIOS",
    "BSD", "BUT", "CA", "CD", "CI", "CLI", "CPU", "CRC", "CRLF", "CSS", "CSV", "DB", "DIR", "DMCA",
    "DNS", "DO", "DOI", "DOM", "DVD", "EOF", "EOL", "EU", "FAQ", "FIXME", "FOR", "FTP", "GB",
    "GCC", "GDB", "GHZ", "GIF", "GIT", "GNU", "GPL", "GPS", "GPU", "GTK", "GUI", "HDMI", "HTML",
    "HTTP", "HTTPS", "IBM", "ICU", "ID", "IDE", "IDS", "IEEE", "IF", "IN", "IO", "IP", "IS",
    "ISBN", "ISO", "IT", "JIT", "JPEG", "JPG", "JS", "JSON", "JSONL", "KB", "LAN", "LF", "LGPL",
    "LIB", "LICENSE", "LLC", "LLM", "LLVM", "LTO", "LTS", "MAC", "MAY", "MB", "MIME", "MIT", "MP",
    "MPL", "MSRV", "MSVC", "MUST", "NASA", "NB", "NEON", "NO", "NOT", "NOTE", "NULL", "OAUTH",
    "OF", "OK", "OOM", "OR", "OS", "PATH", "PC", "PDF", "PHP", "PM", "PNG", "POSIX", "PR", "PRS",
    "PS", "RAM", "README", "REST", "RFC", "RGB", "ROM", "SDK", "SHA", "SIMD", "SMS", "SQL", "SSD",
    "SSE", "SSH", "SSL", "SVG", "TB", "TBD", "TCP", "TIFF", "TITLE", "TLS", "TO", "TODO", "TS",
    "TTY", "TV", "TXT", "UDP", "UI", "UK", "UN", "URI", "URL", "US", "USA", "USB", "UTC", "UTF",
    "UUID", "UX", "VM", "VPN", "WASM", "WIFI", "WWW", "XML", "XXX", "YAML", "YES", "ZIP",
];

/// Small words that an acronym may leave out.
const SMALL: [&str; 13] =
    ["a", "an", "and", "as", "at", "by", "for", "in", "of", "on", "or", "the", "to"];

pub(crate) fn undefined(document: &Document<'_>, sink: &mut Sink<'_>) {
    let prose = document.prose.text();
    let words = &document.words;
    let mut first: FxHashMap<&str, usize> = FxHashMap::default();
    let mut order: Vec<(&str, usize)> = Vec::new();
    let mut defined: FxHashSet<&str> = FxHashSet::default();
    for (index, span) in words.iter().enumerate() {
        let Some(acronym) = acronym(span.of(prose)) else { continue };
        if KNOWN.binary_search(&acronym).is_ok() || defined.contains(acronym) {
            continue;
        }
        if is_defined_at(prose, words, index, acronym) {
            defined.insert(acronym);
        } else if !first.contains_key(acronym) && !is_shouted(prose, words, index) {
            first.insert(acronym, index);
            order.push((acronym, index));
        }
    }
    for (acronym, index) in order {
        if let Some(span) = words.get(index).filter(|_| !defined.contains(acronym)) {
            let message = format_args!("“{acronym}” is not spelled out in this document");
            sink.push(document.prose.in_source(*span), message);
        }
    }
}

/// The acronym that a word is, without its plural.
fn acronym(word: &str) -> Option<&str> {
    // Nearly all words start with a small letter or go on with one.
    let bytes = word.as_bytes();
    if !(bytes.first()?.is_ascii_uppercase() && bytes.get(1)?.is_ascii_uppercase()) {
        return None;
    }
    let word = word.strip_suffix("'s").or_else(|| word.strip_suffix("’s")).unwrap_or(word);
    let word = word.strip_suffix('s').unwrap_or(word);
    let is_acronym =
        (2..=6).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_uppercase());
    is_acronym.then_some(word)
}

/// Whether a neighbour is in capitals too, as in a title or a licence.
fn is_shouted(prose: &str, words: &[Span], index: usize) -> bool {
    let is_loud = |index: Option<usize>| {
        let word = index.and_then(|index| words.get(index)).map_or("", |word| word.of(prose));
        word.len() > 1
            && word.bytes().all(|byte| byte.is_ascii_uppercase())
            && KNOWN.binary_search(&word).is_err()
    };
    is_loud(index.checked_sub(1)) || is_loud(Some(index + 1))
}

/// Whether the word at `index` is spelled out right before it, with it in brackets, or right behind
/// it in brackets, after a colon or a dash.
fn is_defined_at(prose: &str, words: &[Span], index: usize, acronym: &str) -> bool {
    let Some(span) = words.get(index) else { return false };
    let before = index.checked_sub(1).and_then(|index| words.get(index));
    let opened = before.and_then(|before| prose.get(before.end..span.start)).map(str::trim);
    let next = words.get(index + 1);
    let behind = next.and_then(|next| prose.get(span.end..next.start)).unwrap_or_default().trim();
    if opened
        .is_some_and(|gap| gap.ends_with('(') || gap.ends_with('[') || gap == "," || gap == "or")
    {
        let back = words.iter().take(index).rev().take(acronym.len() * 3);
        if spells(acronym.bytes().rev(), back.map(|word| word.of(prose)), true) {
            return true;
        }
    }
    let is_told = matches!(behind, "(" | "[" | ":" | "–" | "—" | "-" | "=" | "(\"" | "(“")
        || next.is_some_and(|next| matches!(next.of(prose), "stands" | "means"));
    let skip = if behind.is_empty() { 3 } else { 1 };
    let ahead = words.iter().skip(index + skip).take(acronym.len() * 3);
    is_told && spells(acronym.bytes(), ahead.map(|word| word.of(prose)), false)
}

/// Whether the first letters of words are those of an acronym, small words left out where need be.
/// Words joined by a dash count one by one.
fn spells<'w>(
    letters: impl Iterator<Item = u8>,
    words: impl Iterator<Item = &'w str>,
    is_backwards: bool,
) -> bool {
    let letters: Vec<u8> = letters.map(|letter| letter.to_ascii_lowercase()).collect();
    // How many letters may be spelled so far: a small word may count or not.
    let mut spelled = vec![0];
    for word in words {
        let mut parts: Vec<&str> = word.split(['-', '/', '_']).take(8).collect();
        if is_backwards {
            parts.reverse();
        }
        for part in parts {
            let start = part.bytes().next().unwrap_or_default().to_ascii_lowercase();
            let is_small = SMALL.iter().any(|small| small.eq_ignore_ascii_case(part));
            let more: Vec<usize> = spelled
                .iter()
                .filter(|count| letters.get(**count) == Some(&start))
                .map(|count| count + 1)
                .collect();
            if !is_small {
                spelled.clear();
            }
            spelled.extend(more);
            spelled.dedup();
            if spelled.contains(&letters.len()) {
                return true;
            }
            if spelled.is_empty() {
                return false;
            }
        }
    }
    false
}
