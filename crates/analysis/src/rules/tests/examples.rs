//! The examples of each rule are its tests.

use std::collections::BTreeSet;

use super::{ALL, Expander, count};

#[test]
fn each_example_finds_what_it_is_an_example_of() {
    let mut wrong = Vec::new();
    for (seed, info) in (1..).zip(ALL.infos()) {
        assert!(!info.good.is_empty() && !info.bad.is_empty(), "{} has no examples", info.id);
        for (examples, is_bad) in [(info.good, false), (info.bad, true)] {
            for example in examples {
                let text = Expander::new(seed).expand(example);
                if (count(&info.id, &text) > 0) != is_bad {
                    wrong.push(format!("{}: {example:?}, is bad: {is_bad}", info.id));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn rules_are_described() {
    let mut ids = BTreeSet::new();
    for info in ALL.infos() {
        let is_kebab = info.id.split('-').all(|part| {
            !part.is_empty()
                && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        });
        assert!(is_kebab, "{}", info.id);
        assert!(info.description.ends_with('.') && info.suggestion.ends_with('.'), "{}", info.id);
        assert!(ids.insert(info.id.clone()), "{} is there twice", info.id);
    }
    assert!(ids.len() >= 65, "{}", ids.len());
}
