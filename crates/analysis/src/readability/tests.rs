use super::*;
use crate::vocabulary::Vocabulary;
use crate::{Format, Span};

/// Of a document with the words between other characters and that many sentences.
fn readability(text: &str, sentences: usize) -> Readability {
    let mut document = Document::new(text, Format::Plain);
    let is_word = |c: char| c.is_alphanumeric() || c == '\'';
    document.words.clear();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (start, is_word(c)) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                document.words.push(Span::new(from, at));
                start = None;
            }
            _ => {}
        }
    }
    document.vocabulary = Vocabulary::new(text, &document.words);
    document.sentences = vec![Span::new(0, text.len()); sentences];
    Readability::of(&document).unwrap()
}

fn near(seen: f64, expected: f64) {
    assert!((seen - expected).abs() < 1e-9, "{seen} is not {expected}");
}

/// 9 words, 2 sentences, 10 syllables, 27 letters; the formulas by hand.
#[test]
fn a_simple_text_by_hand() {
    let it = readability("The cat sat on the mat. It was happy.", 2);
    assert_eq!((it.words, it.sentences, it.syllables), (9, 2, 10));
    near(it.flesch, 206.835 - 4.5675 - 94.0);
    near(it.flesch_kincaid, 1.755 + 118.0 / 9.0 - 15.59);
    near(it.smog, 3.1291);
    near(it.coleman_liau, 17.64 - 59.2 / 9.0 - 15.8);
    near(it.ari, 14.13 + 2.25 - 21.43);
    near(it.dale_chall, 0.2232);
    near(it.fog, 1.8);
    near(it.lix, 4.5);
    near(it.rix, 0.0);
}

/// 5 words, 1 sentence, 16 syllables: entropy 3, measures 2, statistical 4, uncertainty 4 and
/// created 3; 45 letters; all long, three of them complex (`created` owes its third syllable to
/// its ending), none easy but `measures`, which is an inflection of an easy word.
#[test]
fn a_hard_text_by_hand() {
    let it = readability("Entropy measures statistical uncertainty created.", 1);
    assert_eq!((it.words, it.sentences, it.syllables), (5, 1, 3 + 2 + 4 + 4 + 3));
    near(it.smog, 1.043 * 120f64.sqrt() + 3.1291);
    near(it.coleman_liau, 0.0588 * 880.0 - 0.296 * 20.0 - 15.8);
    near(it.dale_chall, 0.1579 * 80.0 + 0.0496 * 5.0 + 3.6365);
    near(it.fog, 0.4 * (5.0 + 60.0));
    near(it.lix, 105.0);
    near(it.rix, 5.0);
}

#[test]
fn without_words_there_is_none() {
    let document = Document::new("...", Format::Plain);
    assert_eq!(Readability::of(&document), None);
}

/// `textstat.textstat` 0.7.7 in a run of it.
#[test]
fn textstat_of_nothing() {
    let none = |_: &str| None;
    assert_eq!(textstat("", &none), Readability::default());
    let dots = textstat("...", &none);
    assert_eq!((dots.words, dots.sentences, dots.smog, dots.ari), (0, 1, 3.1291, 0.0));
}
