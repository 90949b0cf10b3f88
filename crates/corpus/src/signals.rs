//! The numbers of a report by name.

use analysis::{Report, Score};

/// The numbers of a report by name, in a fixed order: `score` first, then sizes, entropies,
/// readability, dimensions, and each dialect's signals as `DIALECT.NAME`. NaN where there is none.
pub(crate) fn of(report: &Report) -> Vec<(String, f64)> {
    let mut signals = vec![("score".to_owned(), score(&report.score))];
    let mut add = |name: &str, value: f64| signals.push((name.to_owned(), value));
    for (name, count) in [
        ("bytes", report.bytes),
        ("characters", report.characters),
        ("lines", report.lines),
        ("words", report.words),
        ("sentences", report.sentences),
        ("headings", report.headings),
    ] {
        add(name, float(count));
    }
    let entropies = &report.entropies;
    add("entropy_bytes", entropies.bytes.bits);
    add("entropy_characters", entropies.characters.bits);
    add("entropy_words", entropies.words.bits);
    add("entropy_words_miller_madow", entropies.words.miller_madow_bits);
    add("entropy_sentence_lengths", entropies.sentence_lengths.bits);
    add("entropy_character_bigrams", entropies.character_bigrams.bits);
    add("entropy_word_bigrams", entropies.word_bigrams.bits);
    add("redundancy", entropies.redundancy);
    add("richness", entropies.richness);
    add("compressibility", entropies.compressibility);
    let readability = report.readability.as_ref();
    let grade = |of: fn(&analysis::Readability) -> f64| readability.map_or(f64::NAN, of);
    add("flesch", grade(|readability| readability.flesch));
    add("flesch_kincaid", grade(|readability| readability.flesch_kincaid));
    add("smog", grade(|readability| readability.smog));
    add("coleman_liau", grade(|readability| readability.coleman_liau));
    add("ari", grade(|readability| readability.ari));
    add("dale_chall", grade(|readability| readability.dale_chall));
    add("fog", grade(|readability| readability.fog));
    add("lix", grade(|readability| readability.lix));
    add("rix", grade(|readability| readability.rix));
    for verdict in &report.verdicts {
        for signal in &verdict.signals {
            add(&format!("{}.{}", verdict.dialect.name(), signal.name), signal.value);
        }
    }
    signals
}

/// The value of a score; NaN where there is none.
pub(crate) fn score(score: &Score) -> f64 {
    match score {
        Score::Given { value, .. } => *value,
        Score::Abstained { .. } => f64::NAN,
    }
}

/// A count as a number, exact up to 2^53.
#[expect(clippy::cast_precision_loss, reason = "statistics need no more than 53 bits")]
pub(crate) fn float(count: u64) -> f64 {
    count as f64
}
