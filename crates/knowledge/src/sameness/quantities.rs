//! The numbers of a text with their units.

use super::reading::Token;

/// A number in the base unit of its dimension.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Quantity {
    pub(super) dimension: Dimension,
    pub(super) value: f64,
}

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dimension {
    /// Things.
    Count,
    /// Time, in seconds.
    Seconds,
    /// Memory, in bytes.
    Bytes,
    /// Shares, in percent.
    Percent,
}

const WORDS: [(&str, f64); 26] = [
    ("zero", 0.0),
    ("one", 1.0),
    ("two", 2.0),
    ("both", 2.0),
    ("twice", 2.0),
    ("three", 3.0),
    ("four", 4.0),
    ("five", 5.0),
    ("six", 6.0),
    ("seven", 7.0),
    ("eight", 8.0),
    ("nine", 9.0),
    ("ten", 10.0),
    ("eleven", 11.0),
    ("twelve", 12.0),
    ("fifteen", 15.0),
    ("twenty", 20.0),
    ("thirty", 30.0),
    ("forty", 40.0),
    ("fifty", 50.0),
    ("sixty", 60.0),
    ("seventy", 70.0),
    ("eighty", 80.0),
    ("ninety", 90.0),
    ("hundred", 100.0),
    ("thousand", 1_000.0),
];

const UNITS: [(&[&str], Dimension, f64); 18] = [
    (&["ms", "millisecond", "milliseconds"], Dimension::Seconds, 0.001),
    (&["s", "sec", "secs", "second", "seconds"], Dimension::Seconds, 1.0),
    (&["min", "mins", "minute", "minutes"], Dimension::Seconds, 60.0),
    (&["h", "hour", "hours", "hourly"], Dimension::Seconds, 3_600.0),
    (&["d", "day", "days", "daily"], Dimension::Seconds, 86_400.0),
    (&["week", "weeks", "weekly"], Dimension::Seconds, 604_800.0),
    (&["month", "months", "monthly"], Dimension::Seconds, 2_592_000.0),
    (&["quarter", "quarters", "quarterly"], Dimension::Seconds, 7_776_000.0),
    (&["year", "years", "yearly"], Dimension::Seconds, 31_536_000.0),
    (&["b", "byte", "bytes"], Dimension::Bytes, 1.0),
    (&["kb"], Dimension::Bytes, 1e3),
    (&["kib"], Dimension::Bytes, 1_024.0),
    (&["mb"], Dimension::Bytes, 1e6),
    (&["mib"], Dimension::Bytes, 1_048_576.0),
    (&["gb"], Dimension::Bytes, 1e9),
    (&["gib"], Dimension::Bytes, 1_073_741_824.0),
    (&["tb"], Dimension::Bytes, 1e12),
    (&["%", "percent"], Dimension::Percent, 1.0),
];

/// The quantities of the tokens, in order. A unit of time that stands alone counts one of it.
pub(super) fn quantities(tokens: &[Token]) -> Vec<Quantity> {
    let mut found: Vec<Quantity> = Vec::new();
    let mut pending: Option<f64> = None;
    for token in tokens {
        let word = token.lower.as_str();
        if let Some(value) = number(word) {
            // "ten thousand", "thirty five".
            pending = Some(match pending {
                Some(before) if value >= 100.0 && before < value => before * value,
                Some(before) if before >= 20.0 && value < 10.0 && is_word(word) => before + value,
                Some(before) => {
                    found.push(Quantity { dimension: Dimension::Count, value: before });
                    value
                }
                None => value,
            });
            continue;
        }
        if let Some((value, unit)) = glued(word) {
            found.extend(
                pending.take().map(|value| Quantity { dimension: Dimension::Count, value }),
            );
            found.push(Quantity { dimension: unit.0, value: value * unit.1 });
            continue;
        }
        if let Some((dimension, factor)) = unit(word) {
            let is_alone = pending.is_none();
            // "a second region" and "minutes later" are not amounts of time.
            if !is_alone
                || (dimension == Dimension::Seconds && word != "second" && !is_plural(word))
            {
                let value = pending.take().unwrap_or(1.0) * factor;
                found.push(Quantity { dimension, value });
                continue;
            }
        }
        if let Some(value) = pending.take() {
            found.push(Quantity { dimension: Dimension::Count, value });
        }
    }
    found.extend(pending.map(|value| Quantity { dimension: Dimension::Count, value }));
    found
}

/// Whether the word is a number or a unit of one.
pub(super) fn is_quantity(word: &str) -> bool {
    number(word).is_some() || glued(word).is_some() || (word.len() > 1 && unit(word).is_some())
}

/// The value of a word that is a number and nothing else.
fn number(word: &str) -> Option<f64> {
    if let Some((_, value)) = WORDS.iter().find(|(name, _)| *name == word) {
        return Some(*value);
    }
    if !word.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let bare = word.replace(',', "");
    if let Some((hours, minutes)) = bare.split_once(':') {
        let (hours, minutes): (f64, f64) = (hours.parse().ok()?, minutes.parse().ok()?);
        return Some(hours * 60.0 + minutes);
    }
    bare.parse().ok()
}

/// A number with its unit in one word: "20%", "10MB", "90s".
fn glued(word: &str) -> Option<(f64, (Dimension, f64))> {
    let end =
        word.find(|letter: char| !letter.is_ascii_digit() && letter != '.' && letter != ',')?;
    let (digits, rest) = word.split_at_checked(end)?;
    Some((number(digits)?, unit(rest)?))
}

fn unit(word: &str) -> Option<(Dimension, f64)> {
    let found = UNITS.iter().find(|(names, ..)| names.contains(&word));
    found.map(|(_, dimension, factor)| (*dimension, *factor))
}

fn is_word(word: &str) -> bool {
    word.starts_with(|first: char| first.is_alphabetic())
}

fn is_plural(word: &str) -> bool {
    word.ends_with('s')
}

#[cfg(test)]
mod tests {
    use super::super::reading::Reading;
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(Dimension, f64)]) {
        let found = Reading::of(text).quantities;
        let found: Vec<_> = found.iter().map(|found| (found.dimension, found.value)).collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn numbers_words_and_units_are_one_scale() {
        use Dimension::{Bytes, Count, Percent, Seconds};
        check("five minutes", &[(Seconds, 300.0)]);
        check("every 5 min", &[(Seconds, 300.0)]);
        check("300 s or 90s", &[(Seconds, 300.0), (Seconds, 90.0)]);
        check("two weeks", &[(Seconds, 1_209_600.0)]);
        check("ten thousand points", &[(Count, 10_000.0)]);
        check("10,000 points", &[(Count, 10_000.0)]);
        check("10 MB, 20%", &[(Bytes, 1e7), (Percent, 20.0)]);
        check("a second region", &[]);
        check("once a day", &[(Seconds, 86_400.0)]);
        check("at 10:00 with Argon2id", &[(Count, 600.0)]);
    }
}
