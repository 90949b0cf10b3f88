//! How often keys are seen where there are none.

use forebay_analysis::{Document, Format, RuleSet, Text};

use crate::texts;

/// Of a hundred files, how many may have a finding.
const PERCENT_MAX: usize = 1;

/// Published packages hold no keys, or hardly any: what is found there is a mistake.
#[test]
fn published_pages_hardly_ever_seem_to_hold_a_key() {
    let files = texts::registry();
    if files.is_empty() {
        eprintln!("skipped: no unpacked packages were found below CARGO_HOME");
        return;
    }
    let rules = RuleSet::builtin().unwrap();
    let is_secret = |rule: &str| {
        rule.starts_with("secret-") || matches!(rule, "private-key" | "json-web-token")
    };
    let has_secret = |bytes: &[u8]| {
        let text = Text::decode(bytes);
        let document = Document::new(text.as_str(), Format::Markdown);
        rules.find(&document).iter().any(|finding| is_secret(&finding.rule))
    };
    // The same eyes see a key that is there.
    let key = format!("{}_{}", "ghp", "k2R7tW9mX4qL8vB6nZ1c".repeat(2).split_at(36).0);
    assert!(has_secret(format!("The key is {key}.\n").as_bytes()));
    let found = files.iter().filter(|path| has_secret(&fs_err::read(path).unwrap()));
    let found: Vec<_> = found.collect();
    assert!(
        found.len() * 100 <= files.len() * PERCENT_MAX,
        "{} of {}: {found:#?}",
        found.len(),
        files.len()
    );
}
