use std::sync::Arc;

use analysis::Analyzer;
use types::Clock;

use super::*;
use crate::{Content, Engine, Origin, Outcome, Task};

const LARGE: u64 = 1 << 20;

/// Analyses `text` with a cache in `path`; whether it came from there, and what was found.
fn analyze(path: &Path, settings: &Settings, text: &str, bytes_max: u64) -> (bool, Outcome) {
    let cache = Arc::new(ReportCache::open(path, settings, bytes_max).unwrap());
    let analyzer = Analyzer::new(settings.clone(), Clock::system()).unwrap();
    let engine = Engine::new(analyzer, Clock::system()).with_cache(Arc::clone(&cache));
    let content = Content::Bytes(text.into());
    let outcome =
        engine.analyze(Task { origin: Origin::default(), format: Format::Plain, content });
    drop(engine);
    Arc::into_inner(cache).unwrap().close().unwrap();
    (outcome.is_cached, outcome)
}

#[test]
fn the_same_document_under_the_same_settings_is_analysed_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("reports.db");
    let settings = Settings::default();
    let other = Settings { score_words_min: 7, ..Settings::default() };
    let (cached, first) = analyze(&path, &settings, "Some words.", LARGE);
    assert!(!cached);
    let (cached, second) = analyze(&path, &settings, "Some words.", LARGE);
    assert!(cached);
    assert_eq!(first.found.unwrap(), second.found.unwrap());
    assert!(!analyze(&path, &settings, "Some words!", LARGE).0);
    assert!(!analyze(&path, &other, "Some words.", LARGE).0);
}

#[test]
fn the_file_keeps_to_its_bound() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("reports.db");
    let settings = Settings::default();
    analyze(&path, &settings, "Some words.", 0);
    assert!(!analyze(&path, &settings, "Some words.", LARGE).0);
}

#[test]
fn a_damaged_file_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("reports.db");
    fs_err::write(&path, "this is no database at all".repeat(1_000)).unwrap();
    assert!(!analyze(&path, &Settings::default(), "Some words.", LARGE).0);
    assert!(analyze(&path, &Settings::default(), "Some words.", LARGE).0);
}
