//! Rules about people's data and about what deceives the eye.

use crate::rules::checks::{characters, homoglyphs, personal};
use crate::rules::rule::{Check, Literals, Place, Rule};
use crate::{Category, Severity};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "email-address",
        category: Category::Safety,
        severity: Severity::Note,
        description: "An e-mail address stands in the text.",
        suggestion: "Make sure that its owner wants it to be public.",
        good: &[
            "Write to name@example.com.\n",
            "Run git clone git@host.test:a.git now.\n",
            "icon@2x.png\n",
        ],
        bad: &["Write to <8 lower>@<8 lower>.net today.\n"],
        check: Check::Literals(Literals {
            literals: &["@"],
            place: Place::Anywhere,
            ask: personal::email,
        }),
    },
    Rule {
        id: "card-number",
        category: Category::Safety,
        severity: Severity::Error,
        description: "The number of a payment card stands in the text; its check digit is right.",
        suggestion: "Remove it, also from the history.",
        good: &["Pay with 4111 1111 1111 1111.\n", "The id is 4929000000000000001.\n"],
        bad: &["Pay with <card>.\n"],
        check: Check::Line { place: Place::Anywhere, find: personal::cards },
    },
    Rule {
        id: "bidirectional-control",
        category: Category::Safety,
        severity: Severity::Error,
        description: "A character changes the direction of writing, so that text reads otherwise than it is.",
        suggestion: "Remove it, or use marks for single characters.",
        good: &["Text.\n"],
        bad: &["a \u{202e}txt.exe\n", "a \u{2066}b\n"],
        check: Check::Literals(Literals {
            literals: &[
                "\u{202a}", "\u{202b}", "\u{202c}", "\u{202d}", "\u{202e}", "\u{2066}", "\u{2067}",
                "\u{2068}", "\u{2069}",
            ],
            place: Place::Anywhere,
            ask: characters::bidirectional,
        }),
    },
    Rule {
        id: "homoglyph",
        category: Category::Safety,
        severity: Severity::Warning,
        description: "A word mixes Latin letters with Cyrillic or Greek ones that look the same.",
        suggestion: "Write it in one script.",
        good: &["Это слово and word, µs, kΩ, Δt.\n"],
        bad: &["Log in to p\u{430}ypal now.\n", "g\u{3bf}ogle\n"],
        check: Check::Line { place: Place::Anywhere, find: homoglyphs::find },
    },
];
