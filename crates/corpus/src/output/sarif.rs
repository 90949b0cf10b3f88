//! SARIF 2.1.0.

use std::borrow::Cow;
use std::io::{self, Write};

use analysis::{Finding, RuleInfo};
use serde_json::{Value, json};

use super::{Output, severity_name, stands_in_file};
use crate::{Outcome, Place, Summary};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// One run, its results written as they come.
pub(super) struct Sarif<W> {
    out: W,
    rules: Vec<RuleInfo>,
    results: u64,
    /// Documents that could not be analysed.
    notifications: Vec<Value>,
}

impl<W: Write> Sarif<W> {
    pub(super) fn new(out: W, rules: Vec<RuleInfo>) -> Self {
        Self { out, rules, results: 0, notifications: Vec::new() }
    }

    fn begin(&mut self) -> io::Result<()> {
        let rules: Vec<_> = self.rules.iter().map(rule).collect();
        let driver = json!({
            "name": "Forebay",
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "rules": rules,
        });
        write!(
            self.out,
            "{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\"runs\":[{{\
             \"tool\":{{\"driver\":{driver}}},\"columnKind\":\"unicodeCodePoints\",\"results\":["
        )
    }

    fn result(&mut self, outcome: &Outcome, finding: &Finding, place: &Place) -> io::Result<()> {
        self.results += 1;
        if self.results == 1 {
            self.begin()?;
        } else {
            self.out.write_all(b",")?;
        }
        self.out.write_all(b"\n")?;
        let mut result = json!({
            "ruleId": finding.rule,
            "level": severity_name(finding.severity),
            "message": { "text": format!("{} {}", finding.message, finding.suggestion).trim_end() },
            "locations": [location(outcome, Some((finding, place)))],
            "partialFingerprints": { "forebay/v1": place.fingerprint },
        });
        let index = self.rules.iter().position(|rule| rule.id == finding.rule);
        if let (Some(index), Some(result)) = (index, result.as_object_mut()) {
            result.insert("ruleIndex".to_owned(), json!(index));
        }
        Ok(serde_json::to_writer(&mut self.out, &result)?)
    }
}

impl<W: Write> Output for Sarif<W> {
    fn document(&mut self, outcome: &Outcome) -> io::Result<()> {
        match &outcome.found {
            Ok(found) => {
                for (finding, place) in found.report.findings.iter().zip(&found.places) {
                    self.result(outcome, finding, place)?;
                }
            }
            Err(error) => self.notifications.push(json!({
                "level": "error",
                "message": { "text": types::chain(error) },
                "descriptor": { "id": error.kind() },
                "locations": [location(outcome, None)],
            })),
        }
        Ok(())
    }

    fn finish(&mut self, _summary: &Summary) -> io::Result<()> {
        if self.results == 0 {
            self.begin()?;
        }
        let invocations = json!([{
            "executionSuccessful": self.notifications.is_empty(),
            "toolExecutionNotifications": self.notifications,
        }]);
        writeln!(self.out, "\n],\"invocations\":{invocations}}}]}}")?;
        self.out.flush()
    }
}

fn rule(rule: &RuleInfo) -> Value {
    let examples = |title: &str, examples: &[&str]| match examples {
        [] => String::new(),
        examples => format!("\n\n{title}:\n\n{}", examples.join("\n\n")),
    };
    let (bad, good) = (examples("Bad", rule.bad), examples("Good", rule.good));
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.description },
        "help": { "text": format!("{} {}{bad}{good}", rule.description, rule.suggestion) },
        "defaultConfiguration": { "level": severity_name(rule.severity) },
        "properties": { "tags": [format!("{:?}", rule.category).to_lowercase()] },
    })
}

fn location(outcome: &Outcome, at: Option<(&Finding, &Place)>) -> Value {
    let mut physical = json!({ "artifactLocation": { "uri": uri(&outcome.origin.path) } });
    let region = match (at, outcome.origin.row) {
        (Some((finding, place)), None) if stands_in_file(outcome) => json!({
            "startLine": finding.start.line,
            "startColumn": finding.start.column,
            "endLine": finding.end.line,
            "endColumn": finding.end.column,
            "charOffset": place.char_offset,
            "charLength": place.char_length,
        }),
        (_, Some(row)) => json!({ "startLine": row }),
        (_, None) => return json!({ "physicalLocation": physical }),
    };
    if let Some(physical) = physical.as_object_mut() {
        physical.insert("region".to_owned(), region);
    }
    json!({ "physicalLocation": physical })
}

/// A path as a relative or `file:` reference.
fn uri(path: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    if path.bytes().all(is_plain) && !path.starts_with('/') {
        return Cow::Borrowed(path);
    }
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        if is_plain(byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    Cow::Owned(uri)
}
