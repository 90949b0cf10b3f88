//! Rules about sentences and words.

use crate::rules::catalog::phrases;
use crate::rules::checks::{lines, passive, sentences};
use crate::rules::rule::{Check, Literals, Place, Rule};
use crate::{Category, Severity};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "long-sentence",
        category: Category::Linguistic,
        severity: Severity::Note,
        description: "A sentence has more than 25 words.",
        suggestion: "Split it where a new thought starts.",
        good: &["The cache keeps an answer for an hour. Then it asks again.\n"],
        bad: &[
            "The cache keeps an answer for an hour and then it asks the model again unless the caller \
                said before that an old answer is as good as a new one.\n",
        ],
        check: Check::Sentences(sentences::long),
    },
    Rule {
        id: "very-long-sentence",
        category: Category::Linguistic,
        severity: Severity::Warning,
        description: "A sentence has more than 35 words.",
        suggestion: "Split it into two or three, or make it a list.",
        good: &["The cache keeps an answer for an hour. Then it asks again.\n"],
        bad: &[
            "The cache keeps an answer for an hour and then it asks the model again unless the caller \
                said before that an old answer is as good as a new one which is what most callers say \
                because waiting costs them more than an old answer does.\n",
        ],
        check: Check::Sentences(sentences::very_long),
    },
    Rule {
        id: "passive-voice",
        category: Category::Linguistic,
        severity: Severity::Note,
        description: "A sentence does not say who acts.",
        suggestion: "Name who acts, or address the reader.",
        good: &["The server writes the file.\n", "It is red and indeed used.\n"],
        bad: &[
            "The file is written at night.\n",
            "It was quickly removed.\n",
            "Keys are not stored.\n",
        ],
        check: Check::Sentences(passive::find),
    },
    Rule {
        id: "wordy-phrase",
        category: Category::Linguistic,
        severity: Severity::Note,
        description: "A phrase says in many words what few would say.",
        suggestion: "Use the shorter words.",
        good: &["To start, run the command.\n"],
        bad: &["In order to start, run the command.\n", "It has the\nability\nto run.\n"],
        check: Check::Phrases { say: "is wordy", phrases: phrases::WORDY },
    },
    Rule {
        id: "repeated-word",
        category: Category::Linguistic,
        severity: Severity::Warning,
        description: "A word stands twice in a row.",
        suggestion: "Remove one of them.",
        good: &["He said that she had had enough.\n", "The end. The start.\n"],
        bad: &["This is the the start.\n", "Read it and\nand write it.\n"],
        check: Check::Sentences(sentences::repeated_words),
    },
    Rule {
        id: "vague-quantifier",
        category: Category::Linguistic,
        severity: Severity::Note,
        description: "A quantity is named that nobody can check.",
        suggestion: "Give a number or a limit, or leave it out.",
        good: &["It takes 3 ms.\n"],
        bad: &["It takes several milliseconds.\n", "There are a lot of options.\n"],
        check: Check::Phrases {
            say: "does not tell how many or how much",
            phrases: phrases::VAGUE,
        },
    },
    Rule {
        id: "assumption-word",
        category: Category::Linguistic,
        severity: Severity::Note,
        description: "A word assumes that the reader finds something easy.",
        suggestion: "Leave it out.",
        good: &["Run the command.\n", "A just-in-time compiler.\n"],
        bad: &["Simply run the command.\n", "It is obviously right.\n"],
        check: Check::Phrases {
            say: "assumes that it is easy for the reader",
            phrases: phrases::ASSUMING,
        },
    },
    Rule {
        id: "spaced-letters",
        category: Category::Linguistic,
        severity: Severity::Warning,
        description: "The letters of a word are set apart by spaces, so that no search finds it.",
        suggestion: "Write the word without spaces.",
        good: &["Plan A or B is fine.\n", "| a | b | c | d | e | f |\n"],
        bad: &["This is i m p o r t a n t here.\n"],
        check: Check::Line { place: Place::OutsideCode, find: lines::spaced_letters },
    },
    Rule {
        id: "exclamation-run",
        category: Category::Linguistic,
        severity: Severity::Note,
        description: "Several exclamation or question marks stand in a row.",
        suggestion: "Use one, or a full stop.",
        good: &["Stop!\n"],
        bad: &["Stop!!!\n", "Really?!?\n"],
        check: Check::Literals(Literals {
            literals: &["!!", "??", "?!"],
            place: Place::OutsideCode,
            ask: lines::exclamations,
        }),
    },
];
