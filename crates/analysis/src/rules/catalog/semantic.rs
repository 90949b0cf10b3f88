//! Rules about what is said and what is missing.

use crate::rules::catalog::{UNKNOWN_IGNORE, phrases};
use crate::rules::checks::{markers, never};
use crate::rules::rule::{Check, Literals, Place, Rule};
use crate::{Category, Severity};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "outdated-marker",
        category: Category::Semantic,
        severity: Severity::Note,
        description: "A statement is true only at the time of writing.",
        suggestion: "Say since which version it holds, or leave the time out.",
        good: &["Since version 2 it runs on ARM.\n", "As of version 2 it runs.\n"],
        bad: &["It currently runs on ARM.\n", "As of 2019 it runs.\n", "More is coming soon.\n"],
        check: Check::Phrases {
            say: "is true only at the time of writing",
            phrases: phrases::OUTDATED,
        },
    },
    Rule {
        id: "todo-marker",
        category: Category::Semantic,
        severity: Severity::Warning,
        description: "A marker tells that something is left to do.",
        suggestion: "Do it, or make it an issue and remove the marker.",
        good: &["The todo list is short.\n"],
        bad: &["TODO: write this.\n", "The price (FIXME) is a guess.\n", "The limit is TBD.\n"],
        check: Check::Literals(Literals {
            literals: &["TODO", "FIXME", "TBD", "XXX"],
            place: Place::OutsideCode,
            ask: markers::todo,
        }),
    },
    Rule {
        id: "lorem-ipsum",
        category: Category::Semantic,
        severity: Severity::Error,
        description: "Filler text stands where text is meant to be.",
        suggestion: "Write the text.",
        good: &["The lore of it.\n"],
        bad: &["Lorem ipsum dolor sit amet.\n"],
        check: Check::Phrases {
            say: "is filler text",
            phrases: &[("lorem ipsum", ""), ("dolor sit amet", ""), ("consectetur adipiscing", "")],
        },
    },
    Rule {
        id: "placeholder",
        category: Category::Semantic,
        severity: Severity::Note,
        description: "A value stands for one that the reader has to fill in.",
        suggestion: "Tell where the value comes from, or fill it in.",
        good: &["Your name is there.\n"],
        bad: &["Set it to your-api-key-here.\n", "[insert name here]\n", "Owner: <your name>\n"],
        check: Check::Literals(Literals {
            literals: markers::PLACEHOLDERS,
            place: Place::Anywhere,
            ask: markers::placeholder,
        }),
    },
    Rule {
        id: "merge-conflict",
        category: Category::Semantic,
        severity: Severity::Error,
        description: "A conflict of a merge was left in the text.",
        suggestion: "Resolve it and remove the markers.",
        good: &["a << b\n"],
        bad: &["<<<<<<< HEAD\nOne.\n=======\nTwo.\n>>>>>>> other\n"],
        check: Check::Line { place: Place::Anywhere, find: markers::merge_conflict },
    },
    Rule {
        id: UNKNOWN_IGNORE,
        category: Category::Semantic,
        severity: Severity::Warning,
        description: "A comment ignores a rule that does not exist.",
        suggestion: "Correct its name; the rules are listed by `forebay analyze rules`.",
        good: &["<!-- forebay-ignore: heading-jump -->\n"],
        bad: &["<!-- forebay-ignore: heading-jmup -->\n"],
        check: Check::Document(never),
    },
];
