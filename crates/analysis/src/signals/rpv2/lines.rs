//! The signals of single lines.

use super::Normal;
use crate::Span;
use crate::signals::python;
use crate::signals::sheet::{Places, Sheet, float, ratio};

/// What RedPajama-V2 measures of one line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LineSignals {
    /// The line with its line feed.
    pub span: Span,
    /// Occurrences of the word `javascript`, in normal form.
    pub javascript_counts: usize,
    /// Whether the line ends with `.`, `!`, `?` or `”`.
    pub ending_with_terminal_punctution_mark: bool,
    /// Words in normal form.
    pub num_words: usize,
    /// Capitals / code points, line feed included.
    pub uppercase_letter_fraction: f64,
    /// Numeric characters / code points, in normal form.
    pub numerical_chars_fraction: f64,
    /// Whether the line starts with one of ten bullets.
    pub start_with_bulletpoint: bool,
}

/// The signals of each line of `text`.
pub fn line_signals(text: &str) -> impl Iterator<Item = LineSignals> + '_ {
    spans(text).map(|span| LineSignals::of(text, span))
}

/// The matches of `[^\n]*\n|[^\n]+$`.
fn spans(text: &str) -> impl Iterator<Item = Span> + '_ {
    python::split_newlines(text)
        .map(|line| Span::new(line.start, std::cmp::min(line.end + 1, text.len())))
        .filter(|line| !line.is_empty())
}

impl LineSignals {
    fn of(text: &str, span: Span) -> Self {
        let line = span.of(text);
        let normal = Normal::new(line);
        let capitals = line.chars().filter(|c| c.is_uppercase()).count();
        let numbers = normal.text.chars().filter(|c| python::is_numeric(*c)).count();
        let share = |part, whole: &str| python::round_8(ratio(part, python::length(whole)));
        Self {
            span,
            javascript_counts: normal.each_word().filter(|word| *word == "javascript").count(),
            ending_with_terminal_punctution_mark: python::strip_end(line)
                .ends_with(['.', '!', '?', '\u{201d}']),
            num_words: normal.each_word().count(),
            uppercase_letter_fraction: share(capitals, line),
            numerical_chars_fraction: share(numbers, &normal.text),
            start_with_bulletpoint: python::strip_start(line).starts_with(is_bullet),
        }
    }
}

const fn is_bullet(c: char) -> bool {
    matches!(
        c,
        '\u{2022}' | '\u{2023}' | '\u{25b6}' | '\u{25c0}' | '\u{25e6}' | '\u{25a0}' | '\u{25a1}'
    ) || matches!(c, '\u{25aa}' | '\u{25ab}' | '\u{2013}')
}

/// Lines that end with an ellipsis, and how many lines there are.
pub(super) fn ending_with_ellipsis(text: &str) -> (Places, usize) {
    let mut places = Places::default();
    let mut count = 0;
    for span in spans(text) {
        count += 1;
        let line = python::strip_end(span.of(text));
        if line.ends_with("...") || line.ends_with('\u{2026}') {
            places.push(span);
        }
    }
    (places, count)
}

/// Adds the mean over the lines of each signal, with the first lines where it is not zero.
pub(super) fn mean_of_lines(sheet: &mut Sheet, text: &str) {
    const NAMES: [&str; 6] = [
        "rps_lines_javascript_counts",
        "rps_lines_ending_with_terminal_punctution_mark",
        "rps_lines_num_words",
        "rps_lines_uppercase_letter_fraction",
        "rps_lines_numerical_chars_fraction",
        "rps_lines_start_with_bulletpoint",
    ];
    let mut sums = [0.0; 6];
    let mut places: [Places; 6] = Default::default();
    let mut count = 0;
    for line in line_signals(text) {
        count += 1;
        let values = [
            float(line.javascript_counts),
            f64::from(u8::from(line.ending_with_terminal_punctution_mark)),
            float(line.num_words),
            line.uppercase_letter_fraction,
            line.numerical_chars_fraction,
            f64::from(u8::from(line.start_with_bulletpoint)),
        ];
        for (index, value) in values.into_iter().enumerate() {
            sums[index] += value;
            if value > 0.0 {
                places[index].push(line.span);
            }
        }
    }
    for ((name, sum), places) in NAMES.into_iter().zip(sums).zip(places) {
        let mean = if count == 0 { 0.0 } else { sum / float(count) };
        sheet.measured(name, mean, places.first);
    }
}
