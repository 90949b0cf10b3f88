//! Rules about terms, code and links.

use crate::rules::catalog::phrases;
use crate::rules::checks::{acronyms, fences, links};
use crate::rules::rule::{Check, Literals, Place, Rule};
use crate::{Category, Severity};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "undefined-acronym",
        category: Category::Technical,
        severity: Severity::Note,
        description: "An acronym is used that the document does not define.",
        suggestion: "Spell it out at its first use: Service Level Objective (SLO).",
        good: &[
            "The Service Level Objective (SLO) is met. The SLO is high.\n",
            "The SLO (Service Level Objective) is met.\n",
            "Open the URL of the API over HTTPS.\n",
        ],
        bad: &["The QZO is met.\n"],
        check: Check::Document(acronyms::undefined),
    },
    Rule {
        id: "inconsistent-term",
        category: Category::Technical,
        severity: Severity::Note,
        description: "A term is written in two ways.",
        suggestion: "Choose one spelling and keep to it.",
        good: &["Send an email. The email is short.\n"],
        bad: &["Send an email. The email is short. Another e-mail is long.\n"],
        check: Check::Variants(phrases::VARIANTS),
    },
    Rule {
        id: "fence-language",
        category: Category::Technical,
        severity: Severity::Note,
        description: "A block of code does not tell its language.",
        suggestion: "Name it behind the fence, or write text.",
        good: &["```sh\nls\n```\n"],
        bad: &["```\nls\n```\n"],
        check: Check::Document(fences::without_language),
    },
    Rule {
        id: "bare-url",
        category: Category::Technical,
        severity: Severity::Note,
        description: "An address stands in the text as it is.",
        suggestion: "Make it a link with a text that tells what is there, or put it in angle brackets.",
        good: &[
            "See [the guide](https://guide.test/).\n",
            "See <https://guide.test/>.\n",
            "Run `curl https://guide.test/`.\n",
        ],
        bad: &["See https://guide.test/ first.\n"],
        check: Check::Document(links::bare),
    },
    Rule {
        id: "insecure-url",
        category: Category::Technical,
        severity: Severity::Note,
        description: "An address is fetched without encryption.",
        suggestion: "Use https.",
        good: &[
            "See <https://guide.test/> and http://localhost:8080/.\n",
            "`xmlns=\"http://www.w3.org/2000/svg\"`\n",
        ],
        bad: &["See [the guide](http://guide.net/).\n"],
        check: Check::Literals(Literals {
            literals: &["http://"],
            place: Place::OutsideCode,
            ask: links::insecure,
        }),
    },
    Rule {
        id: "link-text",
        category: Category::Technical,
        severity: Severity::Warning,
        description: "The text of a link does not tell where it leads.",
        suggestion: "Use the title of what it leads to.",
        good: &["See [the guide](guide.md).\n"],
        bad: &["See [here](guide.md).\n", "[Click here](guide.md) for more.\n"],
        check: Check::Document(links::vague_text),
    },
    Rule {
        id: "image-alternative",
        category: Category::Technical,
        severity: Severity::Warning,
        description: "An image has no text that stands for it.",
        suggestion: "Tell in a few words what it shows.",
        good: &["![Requests per second over a day](requests.png)\n"],
        bad: &["![](requests.png)\n"],
        check: Check::Document(links::image_alternatives),
    },
];
