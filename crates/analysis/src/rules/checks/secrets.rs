//! What tells a secret from an example of one.

/// Words that a random key holds about once in a million.
const EXAMPLE_WORDS: [&str; 14] = [
    "example",
    "xxxx",
    "placeholder",
    "your",
    "dummy",
    "sample",
    "insert",
    "replace",
    "changeme",
    "redacted",
    "foobar",
    "secret",
    "1234567",
    "abcdefg",
];

/// Longest run of one character, or of characters that count up, in a key that is random.
const RUN_MAX: usize = 5;

/// For shapes that are a secret whatever they hold.
pub(crate) fn settled(_: &str) -> bool {
    true
}

/// Whether a key may be random, for shapes that say by themselves what they are.
pub(crate) fn random(key: &str) -> bool {
    let lower = key.to_ascii_lowercase();
    !EXAMPLE_WORDS.iter().any(|word| lower.contains(word))
        && longest_run(key.as_bytes()) <= RUN_MAX
        && kinds(key.as_bytes()) >= std::cmp::min(8, key.len() / 2)
}

/// Whether a value that was given to a telling name is random, for shapes that say nothing.
pub(crate) fn assigned(value: &str) -> bool {
    let bytes = value.as_bytes();
    let has = |kind: fn(&u8) -> bool| bytes.iter().any(kind);
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    let is_hex = bytes.iter().all(u8::is_ascii_hexdigit);
    let is_mixed = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && digits >= 1;
    let is_dense = if is_hex { bytes.len() >= 32 && bits(bytes) > 3.0 } else { bits(bytes) > 3.7 };
    // Words, paths and identifiers seldom change between small letters, capitals and digits; random
    // ones do at three places of five.
    let is_jumbled = is_hex || changes(bytes) * 5 >= bytes.len() * if digits > 1 { 1 } else { 2 };
    random(value) && (is_hex || is_mixed) && is_dense && is_jumbled
}

fn longest_run(bytes: &[u8]) -> usize {
    let (mut longest, mut same, mut rising) = (1, 1, 1);
    for pair in bytes.windows(2) {
        if let [one, two] = pair {
            same = if one == two { same + 1 } else { 1 };
            rising = if one.wrapping_add(1) == *two { rising + 1 } else { 1 };
            longest = [longest, same, rising].into_iter().max().unwrap_or(longest);
        }
    }
    longest
}

fn kinds(bytes: &[u8]) -> usize {
    counts(bytes).iter().filter(|count| **count > 0).count()
}

fn counts(bytes: &[u8]) -> [u32; 256] {
    let mut counts = [0; 256];
    for byte in bytes {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    counts
}

/// Entropy of the bytes in bits.
fn bits(bytes: &[u8]) -> f64 {
    let total = f64::from(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    let shares =
        counts(bytes).into_iter().filter(|count| *count > 0).map(|count| f64::from(count) / total);
    -shares.map(|share| share * share.log2()).sum::<f64>()
}

/// How often one kind of character follows another.
fn changes(bytes: &[u8]) -> usize {
    let kind = |byte: &u8| match byte {
        b'0'..=b'9' => 0,
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        _ => 3,
    };
    bytes.windows(2).filter(|pair| matches!(pair, [one, two] if kind(one) != kind(two))).count()
}
