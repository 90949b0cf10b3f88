//! The examples of each rule are its tests.

use super::Expander;
use crate::{Document, Format, RuleSet};

fn found(rules: &RuleSet, text: &str) -> Vec<String> {
    let document = Document::new(text, Format::Markdown);
    rules.find(&document).into_iter().map(|finding| finding.rule.into_owned()).collect()
}

#[test]
fn each_example_finds_what_it_is_an_example_of() {
    let rules = RuleSet::builtin().unwrap();
    let mut wrong = Vec::new();
    for (seed, info) in (1..).zip(rules.infos()) {
        assert!(!info.good.is_empty() && !info.bad.is_empty(), "{} has no examples", info.id);
        for (examples, is_bad) in [(info.good, false), (info.bad, true)] {
            for example in examples {
                let text = Expander::new(seed).expand(example);
                if found(&rules, &text).iter().any(|rule| *rule == info.id) != is_bad {
                    wrong.push(format!(
                        "{}: {example:?} is not {}",
                        info.id,
                        if is_bad { "bad" } else { "good" }
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
