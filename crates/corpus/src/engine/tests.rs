use super::*;
use crate::Origin;
use analysis::Settings;

fn engine(settings: Settings) -> Engine {
    let analyzer = Analyzer::new(settings, Clock::system()).unwrap();
    Engine::new(analyzer, Clock::system())
}

/// Documents of very different sizes, so that later ones are done before earlier ones.
fn tasks(count: usize) -> impl Iterator<Item = Task> {
    (0..count).map(|index| {
        let length = if index % 37 == 0 { 300 } else { index % 11 };
        let content = Content::Bytes("one more word. ".repeat(length).into_bytes());
        let origin = Origin { path: index.to_string(), ..Origin::default() };
        Task { origin, format: Format::Plain, content }
    })
}

fn lines(jobs: usize, count: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let engine = engine(Settings::default()).with_jobs(jobs);
    let collect = |outcome: Outcome| {
        lines.push(serde_json::to_string(&outcome).unwrap());
        Ok(())
    };
    engine.run(tasks(count), collect).unwrap();
    lines
}

#[test]
fn outcomes_come_in_order_and_alike_from_any_number_of_threads() {
    let one = lines(1, 300);
    for (index, line) in one.iter().enumerate() {
        assert!(line.starts_with(&format!("{{\"path\":\"{index}\"")), "{line}");
    }
    assert_eq!(one.len(), 300);
    assert_eq!(one, lines(3, 300));
}

#[test]
fn only_a_window_of_tasks_is_taken() {
    let taken = std::cell::Cell::new(0_usize);
    let mut delivered = 0;
    let counted = tasks(600).inspect(|_| taken.set(taken.get() + 1));
    let deliver = |_: Outcome| {
        delivered += 1;
        assert!(taken.get() - delivered <= 2 * 8 * 16 + 1);
        Ok(())
    };
    engine(Settings::default()).with_jobs(2).run(counted, deliver).unwrap();
    assert_eq!(delivered, 600);
}

#[test]
fn one_document_fails_alone() {
    let settings = Settings { document_bytes_max: 100, ..Settings::default() };
    let engine = engine(settings).with_bytes_max(100).with_jobs(2);
    let missing = Task {
        origin: Origin::default(),
        format: Format::Plain,
        content: Content::File("no/such/file.txt".into()),
    };
    let mut kinds = Vec::new();
    let deliver = |outcome: Outcome| {
        kinds.push(outcome.found.map_or_else(|error| error.kind(), |_| "fine"));
        Ok(())
    };
    engine.run(tasks(3).chain([missing]).chain(tasks(2)), deliver).unwrap();
    assert_eq!(kinds, ["too_large", "fine", "fine", "read", "too_large", "fine"]);
}

#[test]
fn a_failed_delivery_ends_the_batch() {
    let mut delivered = 0;
    let deliver = |_: Outcome| {
        delivered += 1;
        if delivered < 20 { Ok(()) } else { Err(Error::Broken) }
    };
    let ended = engine(Settings::default()).run(tasks(100_000), deliver);
    assert!(matches!(ended, Err(Error::Broken)));
    assert_eq!(delivered, 20);
}

#[test]
fn a_stream_counts_and_finds_what_memory_does() {
    let line = "TODO: wörds and more of them.\n";
    let text = line.repeat(9_000);
    let task = || Task {
        origin: Origin::default(),
        format: Format::Plain,
        content: Content::Stream(Box::new(io::Cursor::new(text.clone().into_bytes()))),
    };
    let whole = engine(Settings::default()).analyze(task()).found.unwrap();
    let streamed = engine(Settings::default()).with_streams(true).analyze(task()).found.unwrap();
    let counts = |found: &Found| {
        let report = &found.report;
        (report.bytes, report.characters, report.lines, report.entropies.bytes)
    };
    assert_eq!(counts(&whole), counts(&streamed));
    let todos = |found: &Found| {
        let all = found.report.findings.iter().zip(found.places.clone());
        let todos = all.filter(|(finding, _)| finding.rule == "todo-marker");
        todos.map(|(finding, place)| (finding.span, place)).take(900).collect::<Vec<_>>()
    };
    assert_eq!(todos(&whole).len(), 900);
    assert_eq!(todos(&whole), todos(&streamed));
}
