use std::sync::LazyLock;

use proptest::prelude::*;
use types::{ManualClock, Timestamp};

use super::*;
use crate::Profile;

const PAGE: &str = "# Pump\n\nThe pump moves water from the basin to the tank. It starts when the \
tank is low and stops when the tank is full. It is simply the best pump.\n\n## Parts\n\nTBD name \
the parts. The motor was replaced by the crew, and various seals are used. The motor turns a \
shaft, the shaft turns a wheel, and the wheel lifts the water.\n\n#### Care\n\nClean the filter \
each month. See [the manual](#manual) for more about the the filter.\n\n```\npump --start\n```\n";

/// Made once, as their rules take a while to prepare.
static ANALYZERS: LazyLock<Vec<(Profile, Analyzer)>> = LazyLock::new(|| {
    let analyzer = |profile| {
        let settings = Settings { profile, ..Settings::default() };
        (profile, Analyzer::new(settings, Clock::system()).unwrap())
    };
    Profile::ALL.map(analyzer).into()
});

fn analyzer(wanted: Profile) -> &'static Analyzer {
    &ANALYZERS.iter().find(|(profile, _)| *profile == wanted).unwrap().1
}

fn value(analyzer: &Analyzer, page: &str) -> f64 {
    let analysis = analyzer.analyze(page.as_bytes(), Format::Markdown).unwrap();
    analysis.report.score.value().unwrap()
}

/// What people add to look better, after any paragraph.
const PADDING: &[&str] = &[
    "The garden is green in spring. The birds sing in the trees. Water is clear and cold.",
    "Last updated on 2026-11-20. Reviewed on 2026-11-21. Released on 2026-11-22.",
    "For example:\n\n```sh\npump --help\n```\n\nAnother example:\n\n```sh\npump --version\n```",
    "- It is fast.\n- It is safe.\n- It is small.\n- It is good.",
    "This is short. So is this. And this. Also this. We like it. You do too. All is well.",
];

proptest! {
    #![proptest_config(crate::testing::cases(64))]

    #[test]
    fn padding_never_raises_the_score(
        paddings in prop::collection::vec((0..PADDING.len(), 1_usize..7), 1..12)
    ) {
        for profile in Profile::ALL {
            let analyzer = analyzer(profile);
            let before = value(analyzer, PAGE);
            // Not into the code block at the end.
            let mut blocks: Vec<&str> = PAGE.split("\n\n").collect();
            for (padding, place) in &paddings {
                blocks.insert(*place, PADDING[*padding]);
            }
            let after = value(analyzer, &blocks.join("\n\n"));
            prop_assert!(after <= before + 1e-9, "{:?}: {} to {}", profile, before, after);
        }
    }

}

proptest! {
    #![proptest_config(crate::testing::cases(64))]

    #[test]
    fn any_bytes_are_survived_and_found_at_characters(bytes in any_bytes()) {
        for format in Format::ALL {
            check_any(&bytes, format);
        }
    }
}

/// Bytes of any kind, and pieces of markup, of faults and of characters cut in two.
fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(PIECES).prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 0..6),
        1 => any::<char>().prop_map(|letter| letter.to_string().into_bytes()),
    ];
    let pieces = prop::collection::vec(piece, 0..90).prop_map(|pieces| pieces.concat());
    prop_oneof![1 => prop::collection::vec(any::<u8>(), 0..400), 3 => pieces]
}

const PIECES: &[&[u8]] = &[
    b"# ",
    b"## ",
    b"\n",
    b"\n\n",
    b"\r\n",
    b"\r",
    b" ",
    b"\t",
    b"- ",
    b"1. ",
    b"> ",
    b"|",
    b"|---|---|\n",
    b"```",
    b"`",
    b"[",
    b"](#a)",
    b"[^1]",
    b"]: ",
    b"![](",
    b"<a name=x>",
    b"<pre>",
    b"</pre>",
    b"<script>",
    b"<!--",
    b"-->",
    b"&amp;",
    b"&#x1f600;",
    b"&#",
    b".. code::",
    b"=====\n",
    b"::\n\n",
    b"`_",
    b"/*",
    b"*/",
    b"//",
    b"\"\"\"",
    b"r#\"",
    b"forebay-ignore",
    b"TODO",
    b"is written",
    b"the the",
    b"SLO (",
    b"http://",
    b"@",
    b"a.net",
    b"4929",
    b"---\n",
    b"word ",
    b"The end. ",
    b"!!!",
    b"s p a c e d",
    "\u{fffd}".as_bytes(),
    "\u{202e}".as_bytes(),
    "\u{feff}".as_bytes(),
    "\u{130}".as_bytes(),
    "\u{1f600}".as_bytes(),
    b"\xc3",
    b"\xf0\x9f",
    b"\xff\xfe",
    b"\0",
];

/// No panic, the same report again, and nothing found between two bytes of a character.
fn check_any(bytes: &[u8], format: Format) {
    let analyzer = analyzer(Profile::Corpus);
    let first = analyzer.analyze(bytes, format).unwrap();
    assert_eq!(first, analyzer.analyze(bytes, format).unwrap());
    let text = Text::decode(bytes);
    for finding in &first.report.findings {
        assert!(text.as_str().get(finding.span.start..finding.span.end).is_some(), "{finding:?}");
    }
}

#[test]
fn mending_a_fault_raises_the_score() {
    let analyzer = analyzer(Profile::Readme);
    let mended = PAGE.replace("TBD name the parts. ", "");
    assert!(value(analyzer, &mended) > value(analyzer, PAGE));
}

#[test]
fn a_short_document_gets_no_score() {
    let report = analyzer(Profile::Prose).analyze(b"Too short.", Format::Plain).unwrap().report;
    assert_eq!(report.score, Score::Abstained { words: 2, needed: 50 });
}

#[test]
fn limits_end_in_errors() {
    let clock = ManualClock::new(Timestamp::default());
    let settings = Settings { document_bytes_max: 4, ..Settings::default() };
    let analyzer = Analyzer::new(settings, clock.clock()).unwrap();
    assert!(analyzer.analyze(b"four", Format::Plain).is_ok());
    let error = analyzer.analyze(b"fives", Format::Plain).unwrap_err();
    assert!(matches!(error, Error::TooLarge { bytes: 5, limit: 4 }), "{error}");
    let watch = analyzer.watch(b"").unwrap();
    clock.advance(Duration::from_secs(30));
    assert!(watch.check().is_ok());
    clock.advance(Duration::from_millis(1));
    assert!(matches!(watch.check(), Err(Error::TimedOut { .. })));
}

#[test]
fn another_profile_judges_as_if_made_for_it() {
    let prose = analyzer(Profile::Prose);
    for profile in Profile::ALL {
        let changed = prose.with_profile(profile).unwrap();
        assert_eq!(value(&changed, PAGE), value(analyzer(profile), PAGE));
    }
    let [readme, corpus] =
        [Profile::Readme, Profile::Corpus].map(|profile| value(analyzer(profile), PAGE));
    assert_ne!(readme, corpus, "or the test could not fail");
}
