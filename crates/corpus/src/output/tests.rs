use std::borrow::Cow;

use analysis::{
    Category, Entropies, Finding, Format, Position, Report, RuleSet, Score, Severity, Sketch, Span,
};
use expect_test::{Expect, expect};
use serde_json::Value;

use super::*;
use crate::{Baseline, Duplicate, Error, Found, Gate, Origin, Place, Summarizer};

fn finding() -> Finding {
    Finding {
        rule: Cow::Borrowed("todo-marker"),
        category: Category::Semantic,
        severity: Severity::Warning,
        span: Span::new(4, 8),
        start: Position { line: 1, column: 4 },
        end: Position { line: 1, column: 8 },
        message: "\"TODO\" <is>, 100% \"left\".".to_owned(),
        suggestion: "Do it,\nthen remove it.".to_owned(),
    }
}

fn report() -> Report {
    Report {
        format: Format::Markdown,
        bytes: 20,
        replaced: 0,
        characters: 18,
        lines: 2,
        words: 3,
        sentences: 1,
        headings: 0,
        entropies: Entropies::default(),
        readability: None,
        verdicts: Vec::new(),
        findings: vec![finding()],
        score: Score::Given { value: 62.5, dimensions: Vec::new() },
    }
}

/// A file with a finding, a row of a corpus that repeats it, and a file that cannot be read.
fn outcomes() -> Vec<Outcome> {
    let place =
        Place { char_offset: 3, char_length: 4, fingerprint: "0123456789abcdef".to_owned() };
    let found = Found {
        report: report(),
        places: vec![place],
        sketch: Sketch::of(["a"]),
        findings_of_stream: None,
    };
    let file = Origin { path: "docs/a|<b>, c:1.md".to_owned(), row: None, id: None };
    let row = Origin { path: "c.jsonl".to_owned(), row: Some(7), id: Some("seven".to_owned()) };
    let missing = Origin { path: "no.md".to_owned(), ..Origin::default() };
    let source = std::io::Error::other("no\nsuch file");
    let outcome = |origin, found| Outcome { origin, found, duplicate_of: None, is_cached: false };
    let mut repeated = outcome(row, Ok(found.clone()));
    repeated.duplicate_of = Some(Duplicate { origin: file.clone(), similarity: 0.9375 });
    let failed = outcome(missing, Err(Error::Read { source }));
    vec![outcome(file, Ok(found)), repeated, failed]
}

fn written(format: OutputFormat) -> String {
    let mut text = Vec::new();
    let rules = RuleSet::builtin().unwrap().infos().collect();
    let mut output = format.write_to(&mut text, false, rules);
    let mut summarizer = Summarizer::new();
    for outcome in outcomes() {
        output.document(&outcome).unwrap();
        summarizer.add(&outcome);
    }
    output.finish(&summarizer.finish()).unwrap();
    drop(output);
    String::from_utf8(text).unwrap()
}

fn check(format: OutputFormat, expected: &Expect) {
    expected.assert_eq(&written(format));
}

#[test]
fn the_terminal_shows_findings_and_a_summary() {
    check(
        OutputFormat::Terminal,
        &expect![[r#"
        docs/a|<b>, c:1.md  score 62, 3 words, 1 findings
          docs/a|<b>, c:1.md:1:4 warning "TODO" <is>, 100% "left". [todo-marker]
              Do it,�then remove it.
        c.jsonl:7  score 62, 3 words, 1 findings
          repeats docs/a|<b>, c:1.md (94 %)
          c.jsonl:7:1:4 warning "TODO" <is>, 100% "left". [todo-marker]
              Do it,�then remove it.
        no.md  failed: could not read it: no�such file

        3 documents (40 bytes), 1 failed, 1 near-duplicates, 2 findings: 0 errors, 2 warnings, 0 notes
        score: mean 62.5, median 62.5, from 62.5 to 62.5
    "#]],
    );
}

#[test]
fn markdown_shows_names_as_they_are() {
    check(
        OutputFormat::Markdown,
        &expect![[r##"
        # Document analysis

        | Document | Score | Words | Findings |
        | --- | ---: | ---: | ---: |
        | docs/a\|&lt;b>, c:1.md | 62 | 3 | 1 |
        | c.jsonl:7 | 62 | 3 | 1 |
        | no.md | could not read it: no such file | | |

        ## Findings

        - docs/a\|&lt;b>, c:1.md:1:4 **warning** "TODO" &lt;is>, 100% "left". Do it, then remove it. (todo-marker)
        - c.jsonl:7:1:4 **warning** "TODO" &lt;is>, 100% "left". Do it, then remove it. (todo-marker)

        3 documents, 1 failed; 0 errors, 2 warnings, 0 notes.
    "##]],
    );
}

#[test]
fn github_commands_are_escaped() {
    check(
        OutputFormat::Github,
        &expect![[r#"
        ::warning file=docs/a|<b>%2C c%3A1.md,line=1,endLine=1,col=4,title=todo-marker::"TODO" <is>, 100%25 "left". Do it,%0Athen remove it.
        ::warning file=c.jsonl,line=7,title=todo-marker::"TODO" <is>, 100%25 "left". Do it,%0Athen remove it.
        ::error file=no.md::could not read it: no%0Asuch file
    "#]],
    );
}

#[test]
fn jsonl_has_a_line_for_each_document() {
    let text = written(OutputFormat::Jsonl);
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0]["report"], serde_json::to_value(report()).unwrap());
    assert_eq!(lines[1]["duplicate_of"]["path"], "docs/a|<b>, c:1.md");
    assert_eq!((&lines[1]["row"], &lines[1]["id"]), (&7.into(), &"seven".into()));
    assert_eq!(lines[2]["error"]["kind"], "read");
}

#[test]
fn json_is_one_object_with_the_summary() {
    let json: Value = serde_json::from_str(&written(OutputFormat::Json)).unwrap();
    assert_eq!(json["documents"].as_array().unwrap().len(), 3);
    assert_eq!(json["summary"]["failed"], 1);
    assert_eq!(json["summary"]["rules"]["todo-marker"], 2);
}

#[test]
fn csv_has_a_row_for_each_document() {
    let text = written(OutputFormat::Csv);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    assert_eq!(reader.headers().unwrap().get(7), Some("score"));
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(
        (rows.len(), rows[0].get(0), rows[0].get(7)),
        (3, Some("docs/a|<b>, c:1.md"), Some("62.5"))
    );
    assert!(rows[2][3].contains("no\nsuch file"));
}

#[test]
fn dolma_attributes_have_a_line_for_each_document() {
    let text = written(OutputFormat::Dolma);
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[1]["id"], "seven");
    let attributes = &lines[1]["attributes"];
    assert_eq!(attributes["forebay__score"], serde_json::json!([[0, 18, 62.5]]));
    assert_eq!(attributes["forebay__rule__todo_marker"], serde_json::json!([[3, 7, 1.0]]));
    assert_eq!(lines[2], serde_json::json!({ "id": "no.md", "attributes": {} }));
}

#[test]
fn sarif_names_the_rule_and_the_place() {
    let sarif: Value = serde_json::from_str(&written(OutputFormat::Sarif)).unwrap();
    let run = &sarif["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 2);
    let physical = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(physical["artifactLocation"]["uri"], "docs/a%7C%3Cb%3E%2C%20c%3A1.md");
    let region = serde_json::json!({
        "startLine": 1, "startColumn": 4, "endLine": 1, "endColumn": 8, "charOffset": 3, "charLength": 4,
    });
    assert_eq!(physical["region"], region);
    let notified = &run["invocations"][0];
    assert_eq!(notified["executionSuccessful"], false);
    assert_eq!(notified["toolExecutionNotifications"][0]["descriptor"]["id"], "read");
}

/// Through types that were generated from the published schema of 2.1.0: what they require is
/// there, what is there has the right shape, and nothing is lost, so every name is one they know.
#[test]
fn sarif_is_what_the_published_schema_says() {
    let written: Value = serde_json::from_str(&written(OutputFormat::Sarif)).unwrap();
    let sarif: serde_sarif::sarif::Sarif = serde_json::from_value(written.clone()).unwrap();
    check_kept("", &written, &serde_json::to_value(&sarif).unwrap());
    let mut wrong = written;
    wrong["runs"][0]["results"][0]["message"].take();
    assert!(serde_json::from_value::<serde_sarif::sarif::Sarif>(wrong).is_err());
}

#[track_caller]
fn check_kept(path: &str, written: &Value, kept: &Value) {
    match (written, kept) {
        (Value::Object(written), Value::Object(kept)) => {
            for (name, value) in written {
                let path = format!("{path}/{name}");
                check_kept(&path, value, kept.get(name).unwrap_or_else(|| panic!("{path}")));
            }
        }
        (Value::Array(written), Value::Array(kept)) => {
            assert_eq!(written.len(), kept.len(), "{path}");
            written.iter().zip(kept).for_each(|(written, kept)| check_kept(path, written, kept));
        }
        (written, kept) => assert_eq!(written, kept, "{path}"),
    }
}

#[test]
fn html_holds_no_markup_of_the_documents_and_loads_nothing() {
    let html = written(OutputFormat::Html);
    assert!(html.contains("docs/a|&lt;b&gt;, c:1.md"), "{html}");
    for foreign in ["<b>", "<is>", "<script", "http:", "https:", "url("] {
        assert!(!html.contains(foreign), "{foreign}");
    }
    assert_eq!(html.matches("<details>").count(), html.matches("</details>").count());
}

#[test]
fn colours_come_only_where_they_are_wanted() {
    assert!(!written(OutputFormat::Terminal).contains('\x1b'));
    let mut text = Vec::new();
    let mut output = OutputFormat::Terminal.write_to(&mut text, true, Vec::new());
    output.document(&outcomes()[0]).unwrap();
    drop(output);
    assert!(String::from_utf8(text).unwrap().contains("\x1b[33mwarning\x1b[0m"));
}

#[test]
fn a_baseline_leaves_only_what_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("baseline.json");
    let mut known = Baseline::new();
    outcomes().iter().for_each(|outcome| known.add(outcome));
    known.write(&path).unwrap();
    let known = Baseline::read(&path).unwrap();
    let mut outcome = outcomes().remove(0);
    let found = outcome.found.as_mut().unwrap();
    found.report.findings.insert(0, Finding { message: "new".to_owned(), ..finding() });
    found.places.insert(0, Place { fingerprint: "f".to_owned(), ..found.places[0].clone() });
    known.subtract(&mut outcome);
    let found = outcome.found.unwrap();
    assert_eq!((found.report.findings.len(), found.places.len()), (1, 1));
    assert_eq!(found.report.findings[0].message, "new");

    fs_err::write(&path, "{}").unwrap();
    assert!(matches!(Baseline::read(&path), Err(Error::Baseline { .. })));
}

#[test]
fn a_gate_looks_at_scores_and_findings() {
    let outcome = outcomes().remove(0);
    let score = |score_min| Gate { score_min: Some(score_min), ..Gate::default() };
    let severity = |severity| Gate { severity_max: Some(severity), ..Gate::default() };
    assert!(Gate::default().passes(&outcome));
    assert!(score(62.5).passes(&outcome) && !score(62.6).passes(&outcome));
    assert!(severity(Severity::Error).passes(&outcome));
    assert!(
        !severity(Severity::Warning).passes(&outcome) && !severity(Severity::Note).passes(&outcome)
    );
}
