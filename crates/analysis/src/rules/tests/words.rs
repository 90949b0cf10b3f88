//! Rules about words, case by case.

use super::count;

#[track_caller]
fn check(rule: &str, cases: &[(&str, usize)]) {
    for (text, expected) in cases {
        assert_eq!(count(rule, &format!("{text}\n")), *expected, "{rule}: {text}");
    }
}

#[test]
fn acronyms_are_checked_for_their_definition() {
    check(
        "undefined-acronym",
        &[
            ("The QZO fell. The QZO rose. QZOs are many.", 1),
            ("A Quick Zebra Object (QZO) fell. The QZO rose.", 0),
            ("The QZO (Quick Zebra Object) fell.", 0),
            ("The QZO (quick zebra-object) fell.", 0),
            ("The QZO: quick zebra object.", 0),
            ("QZO stands for quick zebra object.", 0),
            ("The quick object of zebras (QOZ) fell.", 0),
            ("Quick Zebra Objects (QZOs) fell. One QZO rose.", 0),
            ("The QZO fell first. A Quick Zebra Object (QZO) is told later.", 0),
            ("A slow zebra (QZO) fell.", 1),
            ("The QZO (as we know it) fell.", 1),
            ("The URL of the API, in JSON over HTTPS.", 0),
            ("THE WORK IS PROVIDED AS QZO KLM.", 0),
            ("See `QZO` there.", 0),
            ("The QZO and the KLM.", 2),
        ],
    );
}

#[test]
fn the_passive_voice_is_a_form_of_to_be_and_a_participle() {
    check(
        "passive-voice",
        &[
            ("The file was written.", 1),
            ("The files are not often read.", 1),
            ("It has been removed and was rebuilt.", 2),
            ("It is being built.", 1),
            ("The door is red. I need it. It is indeed speed.", 0),
            ("He was, said the guide, there.", 0),
            ("It is. Written text follows.", 0),
            ("They wrote the file.", 0),
        ],
    );
}

#[test]
fn phrases_end_at_words() {
    check(
        "assumption-word",
        &[
            ("Just do it; (simply) do it.", 2),
            ("It is just-in-time, justly adjusted.", 0),
            ("“Obviously” is a word.", 1),
            ("Of\ncourse.", 1),
            ("Of\n\ncourse.", 0),
        ],
    );
    check("wordy-phrase", &[("In order to run prior to it.", 2), ("In order too.", 0)]);
    check("outdated-marker", &[("As of 2019 and as of version 3.", 1)]);
}

#[test]
fn words_that_stand_twice() {
    check(
        "repeated-word",
        &[
            ("Read the the text.", 1),
            ("The the text.", 1),
            ("It had had it.", 0),
            ("Use the `a` the b.", 0),
        ],
    );
}

#[test]
fn the_rarer_spelling_is_told() {
    check(
        "inconsistent-term",
        &[
            ("An email, an e-mail, an email.", 1),
            ("An e-mail, an email, an e-mail, an e-mail.", 1),
            ("An e-mail and an email.", 1),
            ("An email and a website.", 0),
            ("An email, an e-mail, a website, a web site.", 2),
        ],
    );
}

#[test]
fn long_sentences_are_counted_by_words() {
    let sentence = |words: usize| format!("{}end.", "one ".repeat(words - 1));
    check(
        "long-sentence",
        &[(&sentence(25), 0), (&sentence(26), 1), (&sentence(35), 1), (&sentence(36), 0)],
    );
    check("very-long-sentence", &[(&sentence(35), 0), (&sentence(36), 1)]);
}

#[test]
fn tables_lists_and_fences() {
    check(
        "table-columns",
        &[
            ("|a|b|\n|-|-|\n|1|2|\n|3|\n|4|5|6|\n\n|c|\n|-|\n|1|", 2),
            ("```text\n|a|b|\n|-|-|\n|1|\n```", 0),
            ("a | b\n--|--\n1 | 2", 0),
        ],
    );
    check(
        "unclosed-fence",
        &[("- a\n  ```sh\n  b\n  ```", 0), ("> ```sh\n> b\n> ```", 0), ("~~~sh\nb\n```", 1)],
    );
    check("hard-tab-list", &[("```sh\n\t- a\n```", 0), ("*\ta", 1)]);
}

#[test]
fn anchors_and_references() {
    check(
        "broken-anchor",
        &[
            ("# Ä b, c!\n\n[x](#ä-b-c) [y](#%C3%A4-b-c) [z](#top)", 0),
            ("# A\n\n## A\n\n[x](#a-1) [y](#a-2)", 1),
            ("<a id=\"here\"></a>\n\n[x](#here) [y](#HERE)", 0),
        ],
    );
    check(
        "undefined-reference",
        &[
            ("[a][b] [c][D]\n\n[d]: e", 1),
            ("`[a][b]` \\[a][0](b) x[1][2][3]", 0),
            ("[a b][A\nB]", 0),
        ],
    );
    check("undefined-footnote", &[("A.[^a] B.[^b]\n\n[^b]: C.", 1), ("`[^a]`", 0)]);
}
