use super::*;

const PROSE: &str = "Entropy tells how much is not known yet. A text in a natural language repeats \
    itself, so its letters carry little, and what is left can be guessed by anyone who reads it.\n";
const CODE: &str = "fn main() {\n    let total: u64 = values.iter().map(|value| value * 2).sum();\n    \
    if total > limit { return Err(Error::TooLarge { total, limit }); }\n}\n";
const TABLE: &str = "| name | value | unit |\n|------|------:|------|\n| N | 1,024 | units |\n\
    | K | 37 | kinds |\n|------|------:|------|\n";
const BADGES: &str = "[![Build](https://example.org/o/r/actions/workflows/ci.yml/badge.svg)]\
    (https://example.org/o/r/actions)\n[![Docs](https://example.org/docs/badge.svg)](https://example.org/docs)\n";

/// Links with hashes in them: as many bits as base64, but too many other marks.
const LINKS: &str = "[#91](https://example.org/Qx7/pull/91),[v2.0~rc](https://w3.example/KJ-42?z=Yb&G=8%20H);\
    [NUL_*](https://dq.example/Vf6/#L35)=>[enum-Zs](https://uvT.example/x!5'M'):<ci@P9.example>{0,1}|$W^E\n";

/// As many characters as asked for, drawn from `alphabet`.
fn drawn(alphabet: &[u8], length: u64, line: u64) -> String {
    let size = u64::try_from(alphabet.len()).unwrap();
    let mut text = String::new();
    for index in 0..length {
        if line > 0 && index > 0 && index % line == 0 {
            text.push('\n');
        }
        let at = usize::try_from(hash_of(index) % size).unwrap();
        text.push(char::from(alphabet[at]));
    }
    text
}

fn hash_of(index: u64) -> u64 {
    super::super::hash::spread(index.wrapping_add(77))
}

const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const HEXADECIMAL: &[u8] = b"0123456789abcdef";
const MINIFIED: &str = "!function(e,t){var n={},r=function(o){if(n[o])return n[o].exports;var \
    i=n[o]={i:o,l:!1,exports:{}};return e[o].call(i.exports,i,i.exports,r),i.l=!0,i.exports};\
    r.m=e,r.c=n,r.d=function(a,s,u){r.o(a,s)||Object.defineProperty(a,s,{enumerable:!0,get:u})};";

#[track_caller]
fn check_found(blob: &str) {
    let before = PROSE.repeat(9);
    let text = format!("{before}{blob}\n{}", PROSE.repeat(9));
    let found = find(&text);
    let [span] = found.as_slice() else { panic!("{found:?}") };
    let slack = WINDOW;
    assert!(span.start + slack > before.len() && span.start < before.len() + slack, "{span:?}");
    let end = before.len() + blob.len();
    assert!(span.end + slack > end && span.end < end + slack, "{span:?} {end}");
}

#[test]
fn finds_what_is_encoded_or_minified() {
    check_found(&drawn(BASE64, 900, 0));
    check_found(&drawn(BASE64, 2_000, 76));
    check_found(&drawn(BASE64, 2_000, 64));
    check_found(&drawn(HEXADECIMAL, 1_000, 0));
    check_found(&drawn(HEXADECIMAL, 2_000, 64));
    check_found(&MINIFIED.repeat(4));
}

#[test]
fn leaves_ordinary_text_alone() {
    let digits = drawn(b"0123456789", 3_000, 0);
    let japanese = "情報の量は測れる。数え上げて、対数を取る。".repeat(50);
    let url = format!("https://example.org/{}", "path/to/some-page.html?query=word&".repeat(3));
    let texts =
        [PROSE, CODE, TABLE, BADGES, LINKS, &"=".repeat(90), &digits, &japanese, &url, "", "é"];
    for text in texts {
        assert_eq!(find(&format!("{text}\n").repeat(20)), [], "{text}");
    }
}

#[test]
fn ends_on_character_boundaries() {
    let text = format!("{}ü{}", "é".repeat(100), drawn(BASE64, 500, 50)).replace("\n", "ß");
    let found = find(&text);
    assert!(!found.is_empty());
    assert!(found.iter().all(|span| !span.of(&text).is_empty()));
}
