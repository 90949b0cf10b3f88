use std::io::Cursor;
use std::sync::LazyLock;

use types::Timestamp;

use super::*;
use crate::testing::{Shelf, tenant};
use crate::{Candidate, Draft, Filter, Intent, Kind, Lesson, Order, Outcome, Page, Query, Weights};

const MARKDOWN: &str = include_str!("../../tests/data/learn/handbook.md");
const CLAUDE: &str = include_str!("../../tests/data/learn/claude.jsonl");
const CODEX: &str = include_str!("../../tests/data/learn/codex.jsonl");
const CHAT: &str = include_str!("../../tests/data/learn/chat.txt");

const SOURCES: [(&str, &str); 4] = [
    ("handbook.md", MARKDOWN),
    ("claude.jsonl", CLAUDE),
    ("codex.jsonl", CODEX),
    ("chat.txt", CHAT),
];

fn material(name: &str, text: &str) -> Material {
    Material {
        name: name.to_owned(),
        format: LearnFormat::detect(name, text),
        project: None,
        seen_at: Timestamp::from_millis(1_749_000_000_000),
    }
}

fn steps(name: &str, text: &str, before: Option<Lesson>) -> Vec<Step> {
    static REDACTOR: LazyLock<Redactor> = LazyLock::new(|| Redactor::new().unwrap());
    let input = Cursor::new(text.as_bytes());
    let mut reader = Reader::open(input, material(name, text), before, &REDACTOR).unwrap();
    let mut steps = Vec::new();
    while let Some(step) = reader.next_step().unwrap() {
        steps.push(step);
    }
    steps
}

fn drafts(name: &str, text: &str) -> Vec<Draft> {
    steps(name, text, None).into_iter().flat_map(|step| step.drafts).collect()
}

/// Learns a source; returns how many outcomes added something.
fn learn(shelf: &Shelf, name: &str, text: &str, before: Option<Lesson>) -> usize {
    let mut added = 0;
    for step in steps(name, text, before) {
        let candidates = step.drafts.into_iter().map(Candidate::plain).collect();
        let outcomes = shelf.store.learn(&tenant("acme"), step.lesson, candidates).unwrap();
        added += outcomes.into_iter().filter(|outcome: &Outcome| outcome.adds()).count();
    }
    added
}

#[test]
fn formats_are_told_apart() {
    for (name, text) in SOURCES {
        let expected = match name {
            "handbook.md" => LearnFormat::Markdown,
            "claude.jsonl" => LearnFormat::ClaudeCode,
            "codex.jsonl" => LearnFormat::Codex,
            _ => LearnFormat::Chat,
        };
        assert_eq!(LearnFormat::detect(name, text), expected, "{name}");
    }
    assert_eq!(LearnFormat::detect("notes.txt", "Buy: milk\nAnd bread"), LearnFormat::Plain);
}

#[test]
fn markdown_is_split_at_its_structure_with_its_headings() {
    let drafts = drafts("handbook.md", MARKDOWN);
    let money = drafts.iter().find(|draft| draft.content.contains("micro-dollars")).unwrap();
    assert_eq!(money.title, "Gateway › Money");
    assert_eq!(money.source.section, "Gateway › Money #1");
    let code = drafts.iter().find(|draft| draft.content.contains("cargo run")).unwrap();
    assert!(
        code.content.contains("```sh\n") && code.content.contains("\n```\n\nIt drains"),
        "{}",
        code.content
    );
    assert!(drafts.iter().all(|draft| draft.content.len() <= 1_000));
    let long: Vec<_> = drafts.iter().filter(|draft| draft.title == "Gateway › Limits").collect();
    assert!(long.len() > 1);
    // What is split is all there, in order.
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let start = MARKDOWN.find("## Limits").unwrap() + "## Limits".len();
    let end = MARKDOWN.find("## Running").unwrap();
    let together: Vec<String> = long.iter().flat_map(|draft| words(&draft.content)).collect();
    assert_eq!(together, words(&MARKDOWN[start..end]));
}

#[test]
fn a_statement_of_a_list_stands_alone_and_short_items_stay_together() {
    let long = "- **Money is integer micro-dollars** and its arithmetic is checked and rounded up.";
    let text = format!(
        "# Rules\n\n- red\n- green\n- blue and yellow\n{long}\n  No float touches it.\n- violet \
         again\n\nThe end of the rules.\n"
    );
    let drafts = drafts("rules.md", &text);
    let contents: Vec<_> = drafts.iter().map(|draft| draft.content.as_str()).collect();
    let statement = format!("{long}\n  No float touches it.");
    let last = "- violet again\n\nThe end of the rules.";
    assert_eq!(contents, ["- red\n- green\n- blue and yellow", &statement, last]);
    let lines: Vec<_> = drafts.iter().map(|draft| draft.source.line).collect();
    assert_eq!(lines, [3, 6, 8]);
}

#[test]
fn what_is_said_gives_decisions_fixes_rules_and_commands() {
    let expected = [
        (Kind::ArchitecturalDecision, "We decided to keep the ledger in SQLite"),
        (Kind::BugSolution, "root cause"),
        (Kind::CodingPattern, "Always run the formatter"),
        (Kind::ToolUsage, "`cargo test -p ledger`"),
    ];
    let drafts = drafts("claude.jsonl", CLAUDE);
    for (kind, part) in expected {
        let found = drafts.iter().find(|draft| draft.content.contains(part));
        assert_eq!(found.map(|draft| &draft.kind), Some(&kind), "{part}: {drafts:#?}");
    }
    let said_at: Timestamp = drafts[0].source.seen_at;
    assert_eq!(said_at, Timestamp::from_millis(1_748_772_000_000), "2025-06-01T10:00:00Z");
    for (name, text) in [("codex.jsonl", CODEX), ("chat.txt", CHAT)] {
        let drafts = self::drafts(name, text);
        let decision = drafts.iter().find(|draft| draft.kind == Kind::ArchitecturalDecision);
        assert!(decision.is_some_and(|draft| draft.content.contains("cursor")), "{drafts:#?}");
        let fix = drafts.iter().find(|draft| draft.kind == Kind::BugSolution).unwrap();
        assert_eq!(fix.intent, Some(Intent::Debugging));
        assert!(!drafts.iter().any(|draft| draft.content.contains('?')), "{drafts:#?}");
    }
}

#[test]
fn no_secret_reaches_the_store() {
    let shelf = Shelf::new();
    let key = format!("ghp_{}", "Zk4Qx9Lw2Rt7Vb1Ny6Hm3Jp8Dc5Gs0FaTuEo");
    let said = format!("We decided to deploy with the token {key} of the robot.");
    let json = serde_json::json!({"type": "user", "message": {"role": "user", "content": said}});
    let markdown = format!("# Use {key}\n\nWe decided to use {key} for the deploy, always.\n");
    for (name, text) in [
        ("a.jsonl", format!("{json}\n")),
        ("a.md", markdown),
        ("a.txt", format!("User: {said}\nAssistant: Fine.\n")),
    ] {
        assert!(learn(&shelf, name, &text, None) > 0, "{name}");
    }
    let mut exported = Vec::new();
    shelf.store.export(&tenant("acme"), &mut exported).unwrap();
    shelf.store.clone().close().unwrap();
    let file = fs_err::read(shelf.folder.path().join("knowledge.db")).unwrap();
    for bytes in [exported, file] {
        let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        assert!(holds(b"redacted: secret-github") && !holds(&key.as_bytes()[4..]));
    }
}

#[test]
fn learning_the_same_thirty_times_adds_nothing_after_the_first() {
    let shelf = Shelf::new();
    let acme = tenant("acme");
    for (name, text) in SOURCES {
        assert!(learn(&shelf, name, text, None) > 0, "{name}");
    }
    let mut before = Vec::new();
    let items = shelf.store.export(&acme, &mut before).unwrap();
    for round in 0..30 {
        // What was found is said again by an agent, among other words.
        let mut recalled = String::new();
        for text in ["money ledger decided", "fix root cause", "formatter", "cursor pages"] {
            let query = Query { limit: 3, ..Query::new(text) };
            for hit in shelf.store.search(&acme, &query, None, &Weights::default()).unwrap() {
                let said = format!("I found this in our notes: {}", hit.item.content);
                let content = serde_json::json!([{"type": "text", "text": said}]);
                let line =
                    serde_json::json!({"type": "assistant", "message": {"content": content}});
                recalled.push_str(&format!("{line}\n"));
            }
        }
        assert!(!recalled.is_empty());
        for (name, text) in SOURCES {
            // With the lesson nothing is read; without it everything is found to be known.
            let lesson = shelf.store.lesson(&acme, name).unwrap();
            assert!(steps(name, text, lesson).is_empty(), "{name}");
            assert_eq!(learn(&shelf, name, text, None), 0, "{name}, round {round}");
        }
        let name = format!("recalled-{round}.jsonl");
        assert_eq!(learn(&shelf, &name, &recalled, None), 0, "round {round}: {recalled}");
    }
    assert_eq!(shelf.store.counts(&acme).unwrap().items, items);
}

/// What an agent was told may be edited, forgotten or closed away before its talk is read.
#[test]
fn what_was_given_out_is_recognised_after_it_changed_and_after_a_restart() {
    let mut shelf = Shelf::new();
    let acme = tenant("acme");
    let texts = [
        "We decided to keep the ledger in integers of a millionth dollar each.",
        "The outage was caused by a full disk on the replica in the second region.",
        "Always run the formatter before the linter, else both complain about each other.",
    ];
    let ids = texts.map(|text| shelf.put(&acme, shelf.draft(text)));
    for text in texts {
        let query = Query::new(text);
        shelf.store.search(&acme, &query, None, &Weights::default()).unwrap();
    }
    let other = shelf.draft("We decided to keep the ledger in decimal numbers of any length.");
    shelf.store.edit(&acme, ids[0], &other).unwrap();
    shelf.store.forget(&acme, ids[1]).unwrap();
    shelf.reopen();
    for (number, text) in texts.iter().enumerate() {
        let content = serde_json::json!([{"type": "text", "text": text}]);
        let line = serde_json::json!({"type": "assistant", "message": {"content": content}});
        assert_eq!(
            learn(&shelf, &format!("{number}.jsonl"), &format!("{line}\n"), None),
            0,
            "{text}"
        );
    }
    let said = "Always run the slow tests on the merge queue, because nobody waits for them there.";
    let content = serde_json::json!([{"type": "text", "text": said}]);
    let line = serde_json::json!({"type": "assistant", "message": {"content": content}});
    assert!(learn(&shelf, "new.jsonl", &format!("{line}\n"), None) > 0);
}

#[test]
fn reading_goes_on_where_it_ended_and_starts_anew_where_the_beginning_changed() {
    let shelf = Shelf::new();
    let acme = tenant("acme");
    let (first, rest) = CLAUDE.split_at(CLAUDE.match_indices('\n').nth(3).unwrap().0 + 1);
    // The last line is still being written.
    let cut = format!("{first}{}", &rest[..40]);
    learn(&shelf, "claude.jsonl", &cut, None);
    let lesson = shelf.store.lesson(&acme, "claude.jsonl").unwrap().unwrap();
    assert_eq!(lesson.position, first.len() as u64);
    let again: Vec<_> = steps("claude.jsonl", CLAUDE, Some(lesson.clone()))
        .iter()
        .map(|step| step.passages[0].line)
        .collect();
    assert_eq!(again, [5]);
    let changed = CLAUDE.replacen("10:00:00", "10:00:01", 1);
    let anew = steps("claude.jsonl", &changed, Some(lesson));
    assert_eq!(anew[0].passages[0].line, 2);
}

/// Plain text without a heading is cut into steps at the ends of its paragraphs, and goes on there.
#[test]
fn long_text_without_structure_is_many_steps() {
    let long: String = (0..3_000)
        .map(|number| format!("Paragraph {number} says that it is a paragraph.\n\n"))
        .collect();
    let all = steps("long.txt", &long, None);
    assert!(all.len() > 1);
    let words = |steps: &[Step]| {
        let texts = steps.iter().flat_map(|step| &step.passages);
        let words = texts.flat_map(|passage| passage.text.split_whitespace());
        words.map(str::to_owned).collect::<Vec<_>>()
    };
    let expected: Vec<String> = long.split_whitespace().map(str::to_owned).collect();
    assert_eq!(words(&all), expected);
    for cut in 1..all.len() {
        let (before, after) = all.split_at(cut);
        let rest = steps("long.txt", &long, before.last().map(|step| step.lesson.clone()));
        assert_eq!(words(&rest), words(after), "cut after {cut} steps");
    }
}

/// A long document is learned in many steps. Whatever step is the last one stored before a cut, what
/// is learned afterwards completes it to the same items.
#[test]
fn a_cut_at_any_step_loses_and_doubles_nothing() {
    let long: String = (0..400)
        .map(|number| {
            format!("## Part {number}\n\nThe rule of part {number} is that it is kept.\n\n")
        })
        .collect();
    let contents = |shelf: &Shelf| {
        let page = Page { skip: 0, limit: 1_000 };
        let items =
            shelf.store.list(&tenant("acme"), &Filter::default(), Order::Oldest, page).unwrap();
        let mut contents: Vec<String> = items.into_iter().map(|item| item.text()).collect();
        contents.sort();
        contents
    };
    let whole = Shelf::new();
    learn(&whole, "long.md", &long, None);
    let expected = contents(&whole);
    assert_eq!(expected.len(), 400);
    let count = steps("long.md", &long, None).len();
    assert!(count > 4);
    for cut in 0..count {
        let mut shelf = Shelf::new();
        for step in steps("long.md", &long, None).into_iter().take(cut) {
            let candidates = step.drafts.into_iter().map(Candidate::plain).collect();
            shelf.store.learn(&tenant("acme"), step.lesson, candidates).unwrap();
        }
        shelf.reopen();
        let lesson = shelf.store.lesson(&tenant("acme"), "long.md").unwrap();
        assert_eq!(learn(&shelf, "long.md", &long, lesson), 400 - contents_len(cut));
        assert_eq!(contents(&shelf), expected, "cut after {cut} steps");
    }
}

/// Items of that many steps of the long document.
fn contents_len(steps: usize) -> usize {
    steps * 64
}

#[test]
fn a_models_findings_become_drafts_and_rubbish_an_error() {
    let passages = steps("chat.txt", CHAT, None).remove(0).passages;
    let asked = ExtractionPrompt::new(&passages);
    assert!(asked.prompt().user.contains(&passages[0].text));
    let origin = Shelf::new().source("chat.txt", "");
    let answer = "```json\n[{\"passage\": 0, \"kind\": \"bug_solution\", \"intent\": \"debugging\", \
                  \"content\": \"Pages repeat when rows are inserted.\", \"confidence\": 0.9}, \
                  {\"passage\": 99, \"kind\": \"tool_usage\", \"content\": \"Nobody said this.\"}]\n```";
    let drafts = asked.drafts(answer, &origin).unwrap();
    assert_eq!(drafts.len(), 1);
    assert_eq!(
        (drafts[0].kind.clone(), drafts[0].source.line),
        (Kind::BugSolution, passages[0].line)
    );
    for rubbish in ["", "I cannot help with that.", "[{\"passage\": 0}]", "[1, 2"] {
        assert!(asked.drafts(rubbish, &origin).is_err(), "{rubbish}");
    }
}
