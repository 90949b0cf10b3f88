//! Character references of HTML.

use html5gum::{Token, Tokenizer};

/// The longest name that HTML defines has 31 letters.
const BYTES_MAX: usize = 34;

/// What the reference at the start of `text`, such as `&amp;`, stands for, and how many bytes it
/// has; none where there is none. It must end with a semicolon.
pub(crate) fn decode(text: &str) -> Option<(String, usize)> {
    let bytes = text.as_bytes();
    let body = bytes.get(1..)?;
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'#';
    let length = body.iter().take(BYTES_MAX).take_while(is_part).count();
    if length == 0 || body.get(length) != Some(&b';') {
        return None;
    }
    let decoded = match text.get(1..=length)? {
        "amp" => "&".to_owned(),
        "lt" => "<".to_owned(),
        "gt" => ">".to_owned(),
        "quot" => "\"".to_owned(),
        "apos" => "'".to_owned(),
        "nbsp" => "\u{A0}".to_owned(),
        _ => tokenize(text.get(..length + 2)?)?,
    };
    Some((decoded, length + 2))
}

fn tokenize(reference: &str) -> Option<String> {
    let mut tokens = Tokenizer::new(reference).flatten();
    let decoded =
        tokens.find_map(|token| if let Token::String(text) = token { Some(text) } else { None })?;
    let decoded = String::from_utf8(decoded.value.to_vec()).ok()?;
    (decoded != reference).then_some(decoded)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn decodes_references() {
        let cases = [
            ("&amp;x", Some(("&", 5))),
            ("&eacute;", Some(("é", 8))),
            ("&#233;", Some(("é", 6))),
            ("&#xE9; and", Some(("é", 6))),
            ("&NotEqualTilde;", Some(("\u{2242}\u{338}", 15))),
            ("&amp", None),
            ("&xyzzy;", None),
            ("& ;", None),
            ("&", None),
        ];
        for (text, expected) in cases {
            let expected = expected.map(|(decoded, length)| (decoded.to_owned(), length));
            assert_eq!(decode(text), expected, "{text}");
        }
    }
}
