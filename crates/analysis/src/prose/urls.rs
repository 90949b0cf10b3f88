//! URLs that stand bare in text.

use memchr::memmem;

use crate::Span;

/// The longest scheme that is looked for, such as `chrome-extension`.
const SCHEME_BYTES_MAX: usize = 16;

/// All bare URLs of `source`, ascending and not overlapping: what starts with a scheme and `://`
/// or with `www.`, as in the autolinks that GitHub adds to Markdown.
pub(crate) fn find(source: &str) -> Vec<Span> {
    let bytes = source.as_bytes();
    let mut urls: Vec<Span> = Vec::new();
    for at in memmem::find_iter(bytes, b"://") {
        if urls.last().is_some_and(|last| at < last.end) {
            continue;
        }
        let Some(start) = scheme_start(bytes, at) else { continue };
        push(&mut urls, bytes, start, at + 3);
    }
    let with_scheme = urls.len();
    for at in memmem::find_iter(bytes, b"www.") {
        let is_inside =
            urls.get(with_scheme..).and_then(<[_]>::last).is_some_and(|last| at < last.end);
        let is_joined = at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] >= 0x80);
        if !is_inside && !is_joined && !is_in(&urls[..with_scheme], at) {
            push(&mut urls, bytes, at, at + 4);
        }
    }
    urls.sort_unstable();
    urls
}

fn is_in(urls: &[Span], at: usize) -> bool {
    let next = urls.partition_point(|url| url.start <= at);
    next.checked_sub(1).and_then(|index| urls.get(index)).is_some_and(|url| at < url.end)
}

fn scheme_start(bytes: &[u8], colon: usize) -> Option<usize> {
    let floor = colon.saturating_sub(SCHEME_BYTES_MAX);
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    let length = bytes[floor..colon].iter().rev().take_while(|byte| is_part(byte)).count();
    let letters = bytes[colon - length..colon].iter().position(u8::is_ascii_alphabetic)?;
    Some(colon - length + letters)
}

fn push(urls: &mut Vec<Span>, bytes: &[u8], start: usize, behind_prefix: usize) {
    let end = end_of(bytes, behind_prefix);
    if end > behind_prefix {
        urls.push(Span::new(start, end));
    }
}

/// A URL ends before white space, a quotation mark, a bracket that it did not open, and the
/// punctuation behind it.
fn end_of(bytes: &[u8], from: usize) -> usize {
    let mut open = 0_usize;
    let mut end = from;
    for byte in &bytes[from..] {
        match byte {
            b'(' => open += 1,
            b')' if open == 0 => break,
            b')' => open -= 1,
            0..=b' '
            | b'<'
            | b'>'
            | b'"'
            | b'`'
            | b'|'
            | b'['
            | b']'
            | b'{'
            | b'}'
            | b'\\'
            | b'^' => {
                break;
            }
            // General and ideographic punctuation, such as closing quotation marks and full stops.
            0xE2 | 0xE3 => break,
            _ => {}
        }
        end += 1;
    }
    let is_trailing = |byte: &u8| {
        matches!(byte, b'.' | b',' | b';' | b':' | b'!' | b'?' | b'\'' | b'*' | b'_' | b'~')
    };
    end - bytes[from..end].iter().rev().take_while(|byte| is_trailing(byte)).count()
}

#[cfg(test)]
mod tests {
    use super::find;

    #[track_caller]
    fn check(source: &str, urls: &[&str]) {
        let found: Vec<_> = find(source).into_iter().map(|url| url.of(source)).collect();
        assert_eq!(found, urls, "{source}");
    }

    #[test]
    fn finds_where_they_start_and_end() {
        check("see https://a.example/b_c?d=e&f#g.", &["https://a.example/b_c?d=e&f#g"]);
        check("(http://a.example/x_(y)) end", &["http://a.example/x_(y)"]);
        check("www.a.example, http://www.b.example", &["www.a.example", "http://www.b.example"]);
        check("**ftp://a.example**", &["ftp://a.example"]);
        check("a :// b, ://, http:// and owww.x", &[]);
        check("「https://a.example/ä」。", &["https://a.example/ä"]);
    }
}
