//! textstat, datatrove and infomeasure beside this crate, on the same texts.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use forebay_analysis::{Counts, Dialect, Readability, Verdict, readability, signals};
use serde_json::{Value, json};

use crate::texts;

/// A Python with the packages of `tests/analysis/requirements.txt`. `cargo xtask test` sets it.
const PYTHON: &str = "FOREBAY_ANALYSIS_PYTHON";

#[test]
fn textstat_datatrove_and_infomeasure_agree() {
    let Some(python) = std::env::var_os(PYTHON) else {
        println!("skipped: {PYTHON} names no Python with textstat, datatrove and infomeasure");
        return;
    };
    let texts = texts::all();
    let cases: Vec<Case<'_>> = texts.iter().map(|text| Case::new(text)).collect();
    let answers = ask(Path::new(&python), &cases);
    let (words, answers) = answers.split_first().unwrap();
    check_dictionary(words);
    assert_eq!(answers.len(), cases.len());
    for (case, answer) in cases.iter().zip(answers) {
        case.check_entropies(answer);
        case.check_readability(answer);
        case.check_gopher_and_fine_web(answer);
        case.check_c4(answer);
    }
    println!("compared {} texts", cases.len());
}

/// Sends all cases and returns all lines of the answer.
fn ask(python: &Path, cases: &[Case<'_>]) -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/analysis");
    let mut child = Command::new(python)
        .args(["-W", "ignore", "compare.py"])
        .current_dir(folder)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONIOENCODING", "utf-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let answers = std::thread::scope(|scope| {
        scope.spawn(move || {
            for case in cases {
                writeln!(input, "{}", case.request()).unwrap();
            }
        });
        output.lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect()
    });
    assert!(child.wait().unwrap().success());
    answers
}

/// Each word alone has the syllables that the CMU Pronouncing Dictionary gives it.
fn check_dictionary(words: &Value) {
    let words = words.as_object().unwrap();
    assert!(words.len() > 100_000);
    for (word, syllables) in words {
        let seen = readability::textstat(word, &|_| None).syllables;
        assert_eq!(Some(seen), syllables.as_u64(), "{word}");
    }
}

struct Case<'t> {
    text: &'t str,
    words: Vec<&'t str>,
    verdicts: Vec<Verdict>,
}

impl<'t> Case<'t> {
    fn new(text: &'t str) -> Self {
        let words = tokens(text);
        let verdicts = [Dialect::GopherDatatrove, Dialect::FineWeb, Dialect::C4Datatrove]
            .map(|dialect| signals::verdict_of(dialect, text, &words))
            .into();
        Self { text, words, verdicts }
    }

    fn request(&self) -> Value {
        let values: HashMap<&str, f64> = self
            .verdicts
            .iter()
            .flat_map(|verdict| &verdict.signals)
            .map(|signal| (signal.name.as_ref(), signal.value))
            .collect();
        json!({ "text": self.text, "words": self.words, "values": values })
    }

    fn shown(&self) -> &str {
        &self.text[..self.text.floor_char_boundary(80)]
    }

    fn check_entropies(&self, answer: &Value) {
        let mut counts = Counts::new();
        counts.push_text(self.text);
        self.words.iter().for_each(|word| counts.push_word(word));
        let seen = serde_json::to_value(counts.entropies()).unwrap();
        for (kind, expected) in answer["entropies"].as_object().unwrap() {
            for (name, expected) in expected.as_object().unwrap() {
                let what = format!("{name} of {kind} of {:?}", self.shown());
                near(seen[kind][name].as_f64(), expected.as_f64(), &what);
            }
        }
    }

    fn check_readability(&self, answer: &Value) {
        let outside = answer["outside"].as_object().unwrap();
        let given = |word: &str| outside.get(word).and_then(Value::as_u64)?.try_into().ok();
        let seen: Readability = readability::textstat(self.text, &given);
        let seen = serde_json::to_value(seen).unwrap();
        for (name, expected) in answer["textstat"].as_object().unwrap() {
            near(seen[name].as_f64(), expected.as_f64(), &format!("{name} of {:?}", self.shown()));
        }
    }

    fn check_gopher_and_fine_web(&self, answer: &Value) {
        let Some(wrong) = answer["not_exact"].as_array() else { return };
        assert_eq!(wrong.len(), 0, "{wrong:?} of {:?}", self.shown());
        let (gopher, fine_web) = (&self.verdicts[0], &self.verdicts[1]);
        for (name, expected) in answer["repetition"].as_object().unwrap() {
            near(value(gopher, name), expected.as_f64(), &format!("{name} of {:?}", self.shown()));
        }
        let (quality, repetition) = gopher.signals.split_at(10);
        let fine_web = fine_web.signals.as_slice();
        for (at, signals) in [quality, repetition, fine_web].into_iter().enumerate() {
            let first = signals.iter().find(|signal| !signal.passed);
            let reason = first.map(|signal| signal.name.as_ref());
            assert_eq!(reason, answer["reasons"][at].as_str(), "of {:?}", self.shown());
        }
    }

    fn check_c4(&self, answer: &Value) {
        let verdict = &self.verdicts[2];
        let fails = |name: &str| verdict.signals.iter().any(|it| it.name == name && !it.passed);
        let reason = answer["c4"]["reason"].as_str();
        match reason {
            Some(reason) => assert!(fails(reason), "{reason} of {:?}", self.shown()),
            None => assert!(verdict.passed, "{verdict:?} of {:?}", self.shown()),
        }
        if matches!(reason, Some("lorem_ipsum" | "curly_bracket")) {
            // The source stops at the first such line, so that its counts are of a part.
            return;
        }
        for signal in verdict.signals.iter().filter(|signal| signal.name.starts_with("line-")) {
            let expected = answer["c4"]["counts"][signal.name.as_ref()].as_f64().unwrap_or(0.0);
            near(
                Some(signal.value),
                Some(expected),
                &format!("{} of {:?}", signal.name, self.shown()),
            );
        }
    }
}

fn value(verdict: &Verdict, name: &str) -> Option<f64> {
    verdict.signals.iter().find(|signal| signal.name == name).map(|signal| signal.value)
}

#[track_caller]
fn near(seen: Option<f64>, expected: Option<f64>, what: &str) {
    let (Some(seen), Some(expected)) = (seen, expected) else {
        panic!("{what}: {seen:?}, {expected:?}");
    };
    assert!((seen - expected).abs() < 1e-9, "{what}: {seen} is not {expected}");
}

/// Runs of letters and digits, and every other character but white space alone.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices() {
        if c.is_alphanumeric() {
            start.get_or_insert(at);
            continue;
        }
        tokens.extend(start.take().map(|from| &text[from..at]));
        if !c.is_whitespace() && !matches!(c, '\u{1c}'..='\u{1f}') {
            tokens.push(&text[at..at + c.len_utf8()]);
        }
    }
    tokens.extend(start.map(|from| &text[from..]));
    tokens
}
