use std::collections::HashMap;
use std::hash::Hash;

use proptest::prelude::*;

use super::*;
use crate::Format;

/// The textbook's −Σ p log2 p, summed without any order.
fn by_definition<T: Eq + Hash>(units: impl Iterator<Item = T>) -> (f64, u64, u64) {
    let mut counts = HashMap::<T, u64>::new();
    units.for_each(|unit| *counts.entry(unit).or_default() += 1);
    let total = counts.values().sum::<u64>();
    let share = |count: &u64| *count as f64 / total as f64;
    let bits = counts.values().map(|count| -share(count) * share(count).log2()).sum::<f64>();
    (bits, total, u64::try_from(counts.len()).unwrap())
}

#[track_caller]
fn check(entropy: Entropy, (bits, units, kinds): (f64, u64, u64)) {
    assert_eq!((entropy.units, entropy.kinds, entropy.is_estimate), (units, kinds, false));
    assert!((entropy.bits - bits).abs() < 1e-9, "{} is not {bits}", entropy.bits);
    let correction = entropy.miller_madow_bits - entropy.bits;
    let expected =
        if kinds < 2 { 0.0 } else { (kinds - 1) as f64 / (2.0 * units as f64) / 2_f64.ln() };
    assert!((correction - expected).abs() < 1e-12, "{correction} is not {expected}");
}

fn pairs<T: Copy>(units: &[T]) -> impl Iterator<Item = (T, T)> {
    units.windows(2).map(|pair| (pair[0], pair[1]))
}

#[track_caller]
fn check_document(text: &str) {
    let document = Document::new(text, Format::Plain);
    let found = Entropies::of(&document);
    let characters = text.chars().collect::<Vec<_>>();
    check(found.bytes, by_definition(text.bytes()));
    check(found.characters, by_definition(text.chars()));
    check(found.character_bigrams, by_definition(pairs(&characters)));
    let words = document.words.iter().map(|word| word.of(document.prose.text()).to_lowercase());
    let words = words.collect::<Vec<_>>();
    check(found.words, by_definition(words.iter()));
    let words = words.iter().map(String::as_str).collect::<Vec<_>>();
    check(found.word_bigrams, by_definition(pairs(&words)));
    let starts_in = |span: &Span| {
        document.words.iter().filter(|word| (span.start..span.end).contains(&word.start)).count()
    };
    let lengths = document.sentences.iter().map(starts_in).filter(|length| *length > 0);
    check(found.sentence_lengths, by_definition(lengths));
}

const REAL: &str = "Ein Gespräch über Entropie — Shannon (1948) said: “H is what is missing.”\n\
    \n\
    It is. IT IS! 情報の量は測れる。数え上げて、対数を取る。 Straße, STRASSE; naïve; 3.14 and 1,000.\r\n\
    A_very_long_identifier_that_is_longer_than_fifteen_bytes, and A_VERY_LONG_IDENTIFIER_THAT_IS_LONGER_than_fifteen_bytes too. 🦀🦀\n";

#[test]
fn agrees_with_the_definition_on_text() {
    check_document("");
    check_document("x");
    check_document("hello world");
    check_document(REAL);
    check_document(&REAL.repeat(300));
}

proptest! {
    #![proptest_config(crate::testing::cases(64))]
    #[test]
    fn agrees_with_the_definition_on_anything(text in "(\\PC|[ab .!\n]){0,300}") {
        check_document(&text);
    }
}

/// By hand: 16 kinds alike are 4 bits; of "hello world" the counts are l 3, o 2 and six of 1 out
/// of 11, so log2 11 − (3·log2 3 + 2·1)/11 = 3.4594316 − 6.7548875/11 = 2.8453509.
#[test]
fn gives_what_was_computed_by_hand() {
    let of = |text: &str| {
        let mut counts = Counts::new();
        counts.push_text(text);
        counts.characters()
    };
    let uniform = of(&"0123456789abcdef".repeat(7));
    assert_eq!((uniform.units, uniform.kinds), (112, 16));
    assert!((uniform.bits - 4.0).abs() < 1e-12);
    let constant = of(&"z".repeat(1_000));
    assert_eq!((constant.bits, constant.miller_madow_bits, constant.kinds), (0.0, 0.0, 1));
    let hello = of("hello world");
    assert!((hello.bits - 2.845_350_936_622_436).abs() < 1e-12);
    // (8 − 1) / (2 · 11 · ln 2)
    assert!((hello.miller_madow_bits - hello.bits - 0.4590393311919429).abs() < 1e-12);
    assert_eq!(of(""), Entropy::default());
}

#[test]
fn derives_its_ratios() {
    let document = Document::new("aabb Aabb c. Dd dd aabb", Format::Plain);
    let found = Entropies::of(&document);
    // aabb 3, c 1, dd 2.
    assert_eq!(found.richness, 0.5);
    let (bits, kinds) = (found.characters.bits, found.characters.kinds as f64);
    assert!((found.redundancy - (1.0 - bits / kinds.log2())).abs() < 1e-12);
    let uniform = Entropies::of(&Document::new("abcd", Format::Plain));
    assert_eq!((uniform.redundancy, uniform.richness), (0.0, 1.0));
    let empty = Entropies::of(&Document::new("", Format::Plain));
    assert_eq!(empty, Entropies::default());
}

#[test]
fn tells_how_far_text_compresses() {
    let ratio = |text: &str| Entropies::of(&Document::new(text, Format::Plain)).compressibility;
    let repeated = ratio(&"the same line over and over\n".repeat(4_000));
    assert!(repeated < 0.02, "{repeated}");
    let random =
        (0..20_000_u64).map(|index| char::from(33 + hash::spread(index).to_le_bytes()[0] % 90));
    let random = ratio(&random.collect::<String>());
    assert!((0.95..1.05).contains(&random), "{random}");
    let prose = ratio(REAL);
    assert!((0.5..1.1).contains(&prose), "{prose}");
}

/// As infomeasure 0.6.3 gives them: characters, the same with Miller and Madow, bytes, and pairs of
/// characters.
#[test]
fn gives_what_infomeasure_gives() {
    let table = [
        (
            "mississippi",
            [
                1.823_067_982_273_661,
                2.019_799_124_213_065,
                1.823_067_982_273_661,
                2.721_928_094_887_362,
            ],
        ),
        (
            "the quick brown fox jumps over the lazy dog",
            [
                4.385_453_417_442_482,
                4.821_617_034_455_425,
                4.385_453_417_442_482,
                5.249_460_279_921_617_5,
            ],
        ),
        (
            "情報の量は測れる。情報の量は数える。",
            [
                3.392_147_223_664_534,
                3.792_895_846_133_691,
                4.117_136_355_908_89,
                3.499_227_547_132_693,
            ],
        ),
    ];
    for (text, expected) in table {
        let mut counts = Counts::new();
        counts.push_text(text);
        let (characters, pairs) = (counts.characters(), counts.character_bigrams());
        let found =
            [characters.bits, characters.miller_madow_bits, counts.bytes().bits, pairs.bits];
        for (found, expected) in found.into_iter().zip(expected) {
            assert!((found - expected).abs() < 1e-9, "{text}: {found} is not {expected}");
        }
    }
}
