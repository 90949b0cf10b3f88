use proptest::prelude::*;

use super::*;
use crate::{Counts, LineIndex, Text};

const SMALL: StreamSettings = StreamSettings { kinds_max: 12 };

/// The report and the windows of a stream that is cut into pieces of `sizes`, over and over.
fn read(
    bytes: &[u8],
    sizes: &[usize],
    settings: StreamSettings,
) -> (StreamReport, Vec<(String, u64, Position)>) {
    let mut seen = Vec::new();
    let mut stream = Stream::new(settings, |window: Window<'_>| {
        seen.push((window.text.to_owned(), window.offset, window.start));
    });
    let mut rest = bytes;
    for size in sizes.iter().cycle() {
        let (piece, after) = rest.split_at(std::cmp::min(*size, rest.len()));
        stream.push(piece);
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    let report = stream.finish();
    (report, seen)
}

/// What is known of the text in memory is the same.
#[track_caller]
fn check_against_memory(bytes: &[u8], report: &StreamReport, seen: &[(String, u64, Position)]) {
    let decoded = Text::decode(bytes);
    let text = decoded.as_str();
    let mut counts = Counts::new();
    counts.push_text(text);
    for word in crate::words::words(text) {
        counts.push_word(word.of(text));
    }
    let lines = LineIndex::new(text);
    assert_eq!(report.bytes, u64::try_from(bytes.len()).unwrap());
    assert_eq!(report.replaced, decoded.replaced());
    assert_eq!(report.characters, u64::try_from(text.chars().count()).unwrap());
    assert_eq!(report.lines, u64::try_from(lines.count(text)).unwrap());
    assert_eq!(report.byte_entropy, counts.bytes());
    assert_eq!(report.character_entropy, counts.characters());
    assert_eq!(report.words, counts.words().units);
    if !report.character_bigram_entropy.is_estimate {
        assert_eq!(report.character_bigram_entropy, counts.character_bigrams());
    }
    if !report.word_entropy.is_estimate {
        assert_eq!(report.word_entropy, counts.words());
    }
    if !report.word_bigram_entropy.is_estimate {
        assert_eq!(report.word_bigram_entropy, counts.word_bigrams());
    }
    let expected = windows(text).map(|(start, window)| {
        (window.to_owned(), u64::try_from(start).unwrap(), lines.position(text, start))
    });
    assert_eq!(seen, expected.collect::<Vec<_>>());
}

#[track_caller]
fn check(bytes: &[u8], sizes: &[usize]) {
    for settings in [StreamSettings::default(), SMALL] {
        let (whole, seen) = read(bytes, &[usize::MAX], settings);
        check_against_memory(bytes, &whole, &seen);
        assert_eq!(read(bytes, sizes, settings), (whole, seen), "pieces of {sizes:?}");
    }
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        "\\PC{0,20}".prop_map(String::into_bytes),
        "[a-z]{1,8}( |\r\n|\r|\n)".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..12),
        prop::sample::select(vec![
            &b"\xEF\xBB\xBF"[..],
            b"\xF0\x9F\xA6",
            b"\xE2\x82",
            b"\xFF\xFE",
            b"\xFE\xFF",
            b"\r",
            b"\r\n"
        ])
        .prop_map(<[u8]>::to_vec),
    ];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(crate::testing::cases(96))]
    #[test]
    fn pieces_change_nothing(bytes in bytes(), sizes in prop::collection::vec(1_usize..9, 1..6)) {
        check(&bytes, &sizes);
    }

    #[test]
    fn pieces_of_utf16_change_nothing(
        units in prop::collection::vec(prop_oneof![any::<u16>(), 0xD7FE_u16..0xE002, Just(10), 97_u16..123], 0..60),
        is_big_endian: bool,
        is_odd: bool,
        sizes in prop::collection::vec(1_usize..9, 1..6),
    ) {
        let units = std::iter::once(0xFEFF).chain(units);
        let mut bytes = units
            .flat_map(|unit: u16| if is_big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() })
            .collect::<Vec<_>>();
        if is_odd {
            bytes.push(0x41);
        }
        check(&bytes, &sizes);
    }
}

/// More than one window, with long lines, long words, CRLF and characters at the borders.
fn long() -> Vec<u8> {
    let mut text = String::from("ä");
    text.push_str(&"word andere 情報\r\n".repeat(4_000));
    text.push_str(&"x".repeat(WINDOW_BYTES - 1));
    text.push_str("\r\n");
    text.push_str(&"no line end here, just words ".repeat(3_000));
    text.push_str(&"語".repeat(25_000));
    text.push('\r');
    (0..8_000).for_each(|index| text.push_str(&format!("kind{index} ")));
    text.into_bytes()
}

#[test]
fn pieces_of_any_size_change_nothing_in_a_long_text() {
    let bytes = long();
    let settings = StreamSettings { kinds_max: 3_000 };
    let whole = read(&bytes, &[usize::MAX], settings);
    assert!(whole.0.word_entropy.is_estimate && whole.1.len() > 5);
    check_against_memory(&bytes, &whole.0, &whole.1);
    let is_long_run = std::env::var_os("FOREBAY_LONG").is_some_and(|value| value == "1");
    let all = 1..=65_536;
    let some = [1, 3, 1_000, 65_535, 65_536, 65_537];
    let sizes = if is_long_run { all.collect::<Vec<_>>() } else { some.to_vec() };
    for size in sizes {
        let text = if is_long_run { bytes.get(..WINDOW_BYTES * 3).unwrap() } else { &bytes };
        let expected = if is_long_run { &read(text, &[usize::MAX], settings) } else { &whole };
        assert!(&read(text, &[size], settings) == expected, "pieces of {size}");
    }
}

#[test]
fn estimates_stay_close_to_the_truth() {
    let text = (0..40_000_u64).map(|index| {
        let random = crate::entropy::spread(index);
        format!("w{} ", 40_000 / (1 + random % 40_000))
    });
    let text = text.collect::<String>();
    let (exact, _) = read(text.as_bytes(), &[999], StreamSettings::default());
    let within = |kinds_max| read(text.as_bytes(), &[999], StreamSettings { kinds_max }).0;
    assert!(!exact.word_bigram_entropy.is_estimate);
    for (exact, estimate) in [
        (exact.word_entropy, within(100).word_entropy),
        (exact.word_bigram_entropy, within(1_000).word_bigram_entropy),
    ] {
        assert!(estimate.is_estimate && estimate.units == exact.units);
        assert!((estimate.bits - exact.bits).abs() < 0.1 * exact.bits, "{exact:?} {estimate:?}");
    }
}
