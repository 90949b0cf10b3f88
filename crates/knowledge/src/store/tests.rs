use std::time::Duration;

use types::{ModelId, ProjectId};

use super::*;
use crate::testing::{Shelf, embedding, tenant};
use crate::{
    Candidate, Confidence, Filter, ItemId, Kind, Lesson, Near, Outcome, Query, Status, Weights,
};

fn found(shelf: &Shelf, owner: &str, text: &str) -> Vec<String> {
    let hits = shelf.store.search(&tenant(owner), &Query::new(text), None, &Weights::default());
    hits.unwrap().into_iter().map(|hit| hit.item.content).collect()
}

#[test]
fn every_listed_query_uses_an_index_and_every_index_has_a_query() {
    let shelf = Shelf::new();
    let plans = shelf.store.verify_queries().unwrap();
    for plan in &plans {
        assert!(plan.uses_index, "{plan:?}");
        assert!(!plan.steps.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:?}");
    }
    let steps: Vec<&String> = plans.iter().flat_map(|plan| &plan.steps).collect();
    assert!(SCHEMA.indexes.len() >= 15);
    for index in SCHEMA.indexes {
        let is_used = steps.iter().any(|step| step.split(' ').any(|word| word == index.name));
        assert!(is_used, "{} is used by no listed query", index.name);
    }
}

#[test]
fn equal_texts_are_one_item_with_both_sources() {
    let shelf = Shelf::new();
    let acme = tenant("acme");
    let id = shelf.put(&acme, shelf.draft("Money is counted in micro-dollars."));
    let mut again = shelf.draft("money is counted in  micro-dollars");
    let add =
        |draft: &Draft| shelf.store.add(&acme, vec![Candidate::plain(draft.clone())]).unwrap()[0];
    assert_eq!(add(&again), Outcome::Known(id));
    again.source.name = "other.md".to_owned();
    assert_eq!(add(&again), Outcome::Merged(id));
    assert_eq!(add(&again), Outcome::Known(id));
    let shown = shelf.store.show(&acme, id).unwrap();
    let names: Vec<_> = shown.sources.iter().map(|source| source.name.as_str()).collect();
    assert_eq!(names, ["notes.md", "other.md"]);
    assert_eq!(shelf.store.latest_sources(&acme, 1).unwrap().len(), 1);
    assert_eq!(shelf.store.items_of_source(&acme, "other.md").unwrap(), [id]);
    again.project = Some(ProjectId::new("till").unwrap());
    assert!(matches!(add(&again), Outcome::Created(_)), "another project keeps its own");
}

#[test]
fn no_tenant_sees_anothers() {
    let shelf = Shelf::new();
    let (acme, other) = (tenant("acme"), tenant("other"));
    let id = shelf.put(&acme, shelf.draft("The release train leaves on Tuesdays."));
    let weights = Weights::default();
    let near =
        Near { embedding: embedding(&[1.0, 0.0]), items: vec![(id, 0.99)], matched: Vec::new() };
    let query = Query::new("release train");
    assert_eq!(shelf.store.search(&acme, &query, Some(&near), &weights).unwrap().len(), 1);
    assert!(shelf.store.search(&other, &query, Some(&near), &weights).unwrap().is_empty());
    assert!(matches!(shelf.store.show(&other, id), Err(Error::Missing { .. })));
    assert!(matches!(shelf.store.forget(&other, id), Err(Error::Missing { .. })));
    assert!(matches!(shelf.store.confirm(&other, id), Err(Error::Missing { .. })));
    let edit = shelf.store.edit(&other, id, &shelf.draft("Mine now."));
    assert!(matches!(edit, Err(Error::Missing { .. })));
    shelf.store.put_vectors(&other, vec![(id, embedding(&[1.0, 0.0]))]).unwrap();
    let model = ModelId::new("test").unwrap();
    assert!(shelf.store.vectors(&model, None, 10).unwrap().is_empty());
    let page = Page { skip: 0, limit: 10 };
    assert!(shelf.store.list(&other, &Filter::default(), Order::Newest, page).unwrap().is_empty());
    assert_eq!(shelf.store.counts(&other).unwrap(), Counts::default());
    let mut out = Vec::new();
    assert_eq!(shelf.store.export(&other, &mut out).unwrap(), 0);
    assert_eq!(found(&shelf, "acme", "train"), ["The release train leaves on Tuesdays."]);
}

#[test]
fn identifiers_are_found_whole_and_by_their_parts() {
    let shelf = Shelf::new();
    let acme = tenant("acme");
    let texts = [
        "The compiler answers E0308 where types differ.",
        "The compiler answers E0382 after a move.",
        "Call parseConfigFile before the server starts.",
        "Parse the file of prices each night.",
    ];
    for text in texts {
        shelf.put(&acme, shelf.draft(text));
    }
    assert_eq!(found(&shelf, "acme", "error[E0382]")[0], texts[1]);
    assert_eq!(found(&shelf, "acme", "parse_config_file()")[0], texts[2]);
    assert_eq!(found(&shelf, "acme", "config")[0], texts[2]);
    assert_eq!(found(&shelf, "acme", "\" OR NEAR( * -").len(), 0);
}

#[test]
fn both_sides_propose_and_each_score_is_its_weighted_parts() {
    let shelf = Shelf::new();
    let acme = tenant("acme");
    let vectors = [[1.0, 0.0], [0.8, 0.6], [0.0, 1.0]];
    let texts = ["Wombats dig.", "Burrows are warm.", "Wombats sleep by day."];
    let candidates = texts.iter().zip(vectors).map(|(text, vector)| Candidate {
        embedding: Some(embedding(&vector)),
        ..Candidate::plain(shelf.draft(text))
    });
    let outcomes = shelf.store.add(&acme, candidates.collect()).unwrap();
    let ids: Vec<ItemId> = outcomes.iter().filter_map(|outcome| outcome.created()).collect();
    // The index offers only the second: the others are proposed by their words, and their vectors
    // are compared all the same.
    let near =
        Near { embedding: embedding(&[1.0, 0.0]), items: vec![(ids[1], 0.8)], matched: Vec::new() };
    let weights = Weights::default();
    let hits = shelf.store.search(&acme, &Query::new("wombats"), Some(&near), &weights).unwrap();
    assert_eq!(hits.iter().map(|hit| hit.item.id).collect::<Vec<_>>(), [ids[0], ids[1], ids[2]]);
    assert_eq!(hits.iter().map(|hit| hit.parts.vector).collect::<Vec<_>>()[0], 1.0);
    assert!((hits[1].parts.vector - 0.8).abs() < 1e-6 && hits[1].parts.text == 0.0);
    for hit in &hits {
        let parts = hit.parts;
        let all = [parts.text, parts.vector, parts.freshness, parts.intent, parts.project];
        let sum: f64 = all.iter().zip([0.40, 0.45, 0.07, 0.03, 0.05]).map(|(a, b)| a * b).sum();
        assert!((hit.score - sum).abs() < 1e-9);
        assert_eq!(hit.sources.len(), 1);
    }
}

#[test]
fn project_intent_and_freshness_decide_between_equals() {
    let shelf = Shelf::new();
    let acme = tenant("acme");
    let mut old = shelf.draft("Deploy with the blue script.");
    old.kind = Kind::BugSolution;
    shelf.put(&acme, old);
    shelf.hand.advance(Duration::from_secs(100 * 86_400));
    shelf.put(&acme, shelf.draft("Deploy with the green script."));
    assert_eq!(found(&shelf, "acme", "deploy script")[0], "Deploy with the green script.");
    let mut own = shelf.draft("Deploy with the grey script.");
    own.project = Some(ProjectId::new("till").unwrap());
    shelf.put(&acme, own.clone());
    let query = Query { project: own.project, ..Query::new("deploy script") };
    let hits = shelf.store.search(&acme, &query, None, &Weights::default()).unwrap();
    assert_eq!(hits[0].item.content, "Deploy with the grey script.");
    let filter = Filter { band: Some(crate::Band::Fresh), ..Filter::default() };
    let hits = shelf.store.search(
        &acme,
        &Query { filter, ..Query::new("deploy") },
        None,
        &Weights::default(),
    );
    assert_eq!(hits.unwrap().len(), 2, "one was not confirmed within 30 days");
}

#[test]
fn words_that_were_cut_in_another_way_are_found_after_a_rebuild() {
    let shelf = Shelf::new();
    let (acme, globex) = (tenant("acme"), tenant("globex"));
    let paths: Vec<String> = (0..300).map(|n| format!("Call io{n}::copy_buf{n} twice.")).collect();
    let ids: Vec<ItemId> = paths.iter().map(|text| shelf.put(&acme, shelf.draft(text))).collect();
    shelf.put(&globex, shelf.draft("Tea is at four."));
    let broken = ids[7].get();
    let cut = move |connection: &rusqlite::Connection| {
        connection.execute(crate::schema::queries::DELETE_TEXT, [broken])?;
        let words = (broken, "", "otherwise");
        connection.execute(crate::schema::queries::INSERT_TEXT, words).map(drop)
    };
    shelf.store.write("break", cut).unwrap();
    assert!(found(&shelf, "acme", "copyBuf7").iter().all(|text| *text != paths[7]));
    assert_eq!(shelf.store.rebuild_texts().unwrap(), 301);
    for (at, text) in paths.iter().enumerate() {
        assert_eq!(&found(&shelf, "acme", &format!("copy_buf{at}"))[0], text);
    }
    assert_eq!(found(&shelf, "acme", "otherwise"), [""; 0]);
    assert_eq!(found(&shelf, "globex", "tea"), ["Tea is at four."]);
}

#[test]
fn what_is_exported_comes_back_to_the_byte() {
    let shelf = Shelf::new();
    let acme = tenant("acme");
    let mut draft = shelf.draft("Retries stop after 3 attempts.");
    draft.kind = "runbook".parse().unwrap();
    draft.title = "Gateway › Retries".to_owned();
    draft.confidence = Confidence::new(0.1 + 0.2).unwrap();
    let candidate =
        Candidate { embedding: Some(embedding(&[0.3, -0.7])), ..Candidate::plain(draft) };
    shelf.store.add(&acme, vec![candidate]).unwrap();
    for number in 0..600 {
        shelf.put(&acme, shelf.draft(&format!("Fact number {number}.")));
    }
    assert_eq!(found(&shelf, "acme", "retries").len(), 1);
    let mut exported = Vec::new();
    assert_eq!(shelf.store.export(&acme, &mut exported).unwrap(), 601);

    let copy = Shelf::new();
    let import = |bytes: &[u8]| copy.store.import(&acme, &mut &bytes[..]).unwrap();
    assert_eq!(import(&exported), Imported { added: 601, known: 0 });
    assert_eq!(import(&exported), Imported { added: 0, known: 601 });
    let mut again = Vec::new();
    copy.store.export(&acme, &mut again).unwrap();
    assert_eq!(String::from_utf8(again), String::from_utf8(exported.clone()));
    assert_eq!(found(&copy, "acme", "retries"), ["Retries stop after 3 attempts."]);

    let cut = &exported[..exported.len() - 9];
    let error = Shelf::new().store.import(&acme, &mut &cut[..]).unwrap_err();
    assert!(matches!(error, Error::Record { line: 601, .. }), "{error:?}");
}

#[test]
fn the_forgotten_is_gone_from_everywhere_until_somebody_adds_it() {
    let shelf = Shelf::new();
    let acme = tenant("acme");
    let draft = shelf.draft("The old door code is on the board.");
    let id = shelf.put(&acme, draft.clone());
    shelf.store.put_vectors(&acme, vec![(id, embedding(&[1.0, 0.0]))]).unwrap();
    assert_eq!(found(&shelf, "acme", "door").len(), 1);
    shelf.store.forget(&acme, id).unwrap();
    assert!(found(&shelf, "acme", "door").is_empty());
    assert!(shelf.store.vectors(&ModelId::new("test").unwrap(), None, 9).unwrap().is_empty());
    let lesson = Lesson {
        name: "notes.md".to_owned(),
        position: 1,
        line: 1,
        digest: [0; 16],
        is_talk: false,
    };
    let learn = || {
        let candidates = vec![Candidate::plain(draft.clone())];
        shelf.store.learn(&acme, lesson.clone(), candidates).unwrap()[0]
    };
    assert_eq!(learn(), Outcome::Forgotten);
    let again = shelf.put(&acme, draft.clone());
    assert!(again > id, "numbers are not used again");
    assert_eq!(learn(), Outcome::Known(again));
}

#[test]
fn an_edit_changes_what_is_found_and_drops_the_old_vector() {
    let shelf = Shelf::new();
    let acme = tenant("acme");
    let id = shelf.put(&acme, shelf.draft("The limit is five."));
    shelf.store.put_vectors(&acme, vec![(id, embedding(&[1.0, 0.0]))]).unwrap();
    assert_eq!(found(&shelf, "acme", "limit"), ["The limit is five."]);
    shelf.store.edit(&acme, id, &shelf.draft("The quota is seven.")).unwrap();
    assert!(found(&shelf, "acme", "limit").is_empty());
    assert_eq!(found(&shelf, "acme", "quota"), ["The quota is seven."]);
    let model = ModelId::new("test").unwrap();
    assert_eq!(shelf.store.without_vector(&acme, &model, None, 9).unwrap()[0].id, id);
}

#[test]
fn uses_are_counted_kept_and_listed() {
    let mut shelf = Shelf::new();
    let acme = tenant("acme");
    let id = shelf.put(&acme, shelf.draft("Logs are kept for a week."));
    shelf.put(&acme, shelf.draft("Traces are kept for a day."));
    for _ in 0..3 {
        found(&shelf, "acme", "logs");
    }
    found(&shelf, "acme", "traces kept");
    shelf.reopen();
    assert_eq!(shelf.store.show(&acme, id).unwrap().item.accesses, 4);
    let asked = shelf.store.most_asked(&acme, 9).unwrap();
    assert_eq!(asked, [(Query::new("logs"), 3), (Query::new("traces kept"), 1)]);
    let page = Page { skip: 0, limit: 1 };
    let most = shelf.store.list(&acme, &Filter::default(), Order::MostUsed, page).unwrap();
    assert_eq!(most[0].id, id);
}

#[test]
fn lists_are_filtered_ordered_and_cut_into_pages() {
    let shelf = Shelf::new();
    let acme = tenant("acme");
    let till = ProjectId::new("till").unwrap();
    for number in 0..20_u64 {
        let mut draft = shelf.draft(&format!("Fact {number}"));
        draft.project = (number % 2 == 0).then(|| till.clone());
        draft.kind = if number % 4 == 0 { Kind::ToolUsage } else { Kind::BugSolution };
        draft.intent = (number % 5 == 0).then_some(crate::Intent::Testing);
        shelf.put(&acme, draft);
        shelf.hand.advance(Duration::from_secs(1));
    }
    let list = |filter: Filter, order, skip| {
        let page = Page { skip, limit: 3 };
        let items = shelf.store.list(&acme, &filter, order, page).unwrap();
        items.into_iter().map(|item| item.content).collect::<Vec<_>>()
    };
    let project = Some(till);
    let all = Filter::default();
    assert_eq!(list(all.clone(), Order::Newest, 0), ["Fact 19", "Fact 18", "Fact 17"]);
    assert_eq!(list(all.clone(), Order::Oldest, 3), ["Fact 3", "Fact 4", "Fact 5"]);
    let of_project = Filter { project: project.clone(), ..all.clone() };
    assert_eq!(list(of_project, Order::Newest, 1), ["Fact 16", "Fact 14", "Fact 12"]);
    let kind = Some(Kind::BugSolution);
    let of_both = Filter { project, kind, ..all.clone() };
    assert_eq!(list(of_both, Order::Newest, 0), ["Fact 18", "Fact 14", "Fact 10"]);
    let of_intent = Filter { intent: Some(crate::Intent::Testing), ..all.clone() };
    assert_eq!(list(of_intent, Order::Newest, 0), ["Fact 15", "Fact 10", "Fact 5"]);
    let superseded = Filter { status: Some(Status::Superseded), ..all };
    assert!(list(superseded, Order::Newest, 0).is_empty());
}

/// Stores a text with a vector, `cosine` away from the one of (1, 0), and says what became of it.
fn add_near(shelf: &Shelf, draft: Draft, cosine: f32, neighbours: &[ItemId]) -> Outcome {
    let sine = (1.0 - cosine * cosine).sqrt();
    let candidate = Candidate {
        draft,
        embedding: Some(embedding(&[cosine, sine])),
        neighbours: neighbours.iter().map(|id| (*id, cosine)).collect(),
    };
    shelf.store.add(&tenant("acme"), vec![candidate]).unwrap()[0]
}

#[test]
fn what_stands_in_one_document_contradicts_only_what_others_say() {
    let shelf = Shelf::new();
    let acme = tenant("acme");
    let lesson = |name: &str, is_talk| Lesson {
        name: name.to_owned(),
        position: 1,
        line: 1,
        digest: [0; 16],
        is_talk,
    };
    let learn = |name: &str, is_talk, section: &str, content: &str, near: &[ItemId]| {
        let draft = Draft::new(content, shelf.source(name, section));
        let candidate = Candidate {
            draft,
            embedding: Some(embedding(&[0.95, 0.3])),
            neighbours: near.iter().map(|id| (*id, 0.95)).collect(),
        };
        shelf.store.learn(&acme, lesson(name, is_talk), vec![candidate]).unwrap()[0]
    };
    let first = learn("limits.md", false, "#1", "The request timeout is 5 seconds.", &[]);
    let id = first.created().unwrap();
    let other = "The request timeout is 30 seconds.";
    let beside = learn("limits.md", false, "#2", other, &[id]);
    assert!(matches!(beside, Outcome::Created(_)), "{beside:?}");
    let elsewhere = learn("wiki.md", false, "#1", "The request timeout is 7 seconds.", &[id]);
    assert!(matches!(elsewhere, Outcome::Conflicting { .. }), "{elsewhere:?}");
    let said = learn("chat", true, "1", "The drain timeout is 5 seconds.", &[]).created().unwrap();
    let said_again = learn("chat", true, "2", "The drain timeout is 30 seconds.", &[said]);
    assert!(matches!(said_again, Outcome::Conflicting { .. }), "{said_again:?}");
}

#[test]
fn what_an_index_finds_near_is_merged_superseded_flagged_or_kept_apart() {
    let shelf = Shelf::new();
    let acme = tenant("acme");
    let first = add_near(&shelf, shelf.draft("The request timeout is 5 seconds."), 1.0, &[]);
    let id = first.created().unwrap();
    shelf.hand.advance(Duration::from_secs(60));
    let draft = |content: &str, name: &str| {
        Draft::new(content, shelf.source(name, &format!("{name} {content}")))
    };
    let same = draft("Requests time out after 5 seconds of request timeout.", "chat");
    assert_eq!(add_near(&shelf, same, 0.9, &[id]), Outcome::Merged(id));
    let names: Vec<_> =
        shelf.store.sources(&acme, id).unwrap().into_iter().map(|source| source.name).collect();
    assert_eq!(names, ["chat", "notes.md"]);

    let conflict = draft("The request timeout is 30 seconds.", "wiki");
    let outcome = add_near(&shelf, conflict, 0.95, &[id]);
    let Outcome::Conflicting { new, with } = outcome else { panic!("{outcome:?}") };
    assert_eq!(with, id);
    for flagged in [id, new] {
        assert_eq!(shelf.store.show(&acme, flagged).unwrap().item.status, Status::Conflicting);
    }
    let conflicts = shelf.store.relations(&acme, crate::RelationKind::Conflicts, 9).unwrap();
    assert_eq!((conflicts.len(), conflicts[0].item, conflicts[0].other), (1, new, id));
    assert_eq!(shelf.store.confirm(&acme, id).unwrap().status, Status::Current);

    shelf.hand.advance(Duration::from_secs(60));
    let changed = shelf.hand.clock().now();
    let update = draft("The request timeout is now 10 seconds.", "chat");
    let outcome = add_near(&shelf, update, 0.95, &[id]);
    let Outcome::Superseded { new, old } = outcome else { panic!("{outcome:?}") };
    assert_eq!(old, id);
    let shown = shelf.store.show(&acme, id).unwrap();
    assert_eq!(
        (shown.item.status, shown.item.validity.until()),
        (Status::Superseded, Some(changed))
    );
    assert_eq!(shown.sources.len(), 2, "history keeps where it came from");
    assert_eq!(shelf.store.show(&acme, new).unwrap().relations.len(), 1);
    assert!(!found(&shelf, "acme", "timeout 5 seconds").contains(&shown.item.content));
    let filter = Filter { as_of: Some(shown.item.created_at), ..Filter::default() };
    let query = Query { filter, ..Query::new("timeout") };
    let then = shelf.store.search(&acme, &query, None, &Weights::default()).unwrap();
    assert_eq!(then[0].item.id, id, "as of then it held");

    let other = draft("The archive is kept for 5 years.", "wiki");
    assert!(matches!(add_near(&shelf, other, 0.6, &[id, new]), Outcome::Created(_)));
}

#[test]
fn a_change_drops_the_answers_it_touches_and_no_others() {
    let shelf = Shelf::new();
    let acme = tenant("acme");
    let till = Some(ProjectId::new("till").unwrap());
    let mut own = shelf.draft("Tills print receipts.");
    own.project = till.clone();
    shelf.put(&acme, own.clone());
    shelf.put(&acme, shelf.draft("Lanterns glow."));
    let weights = Weights::default();
    let in_till = Filter { project: till, ..Filter::default() };
    let near = |values: [f32; 2], cosine: f32| {
        let items = (1..=20).map(|id| (ItemId::new(id), cosine)).collect();
        Near { embedding: embedding(&values), items, matched: Vec::new() }
    };
    let questions = [
        (Query::new("lanterns"), None),
        (Query::new("receipts"), None),
        (Query { filter: in_till, ..Query::new("lanterns") }, None),
        (Query::new("umbrella"), Some(near([1.0, 0.0], 0.5))),
        (Query::new("umbrella"), Some(near([0.0, 1.0], 0.5))),
    ];
    // An answer that is still the very same one was not looked for again.
    let cached = || -> Vec<bool> {
        let is_known = |(query, near): &(Query, Option<Near>)| {
            let embedding = near.as_ref().map(|near| &near.embedding);
            let asked = crate::query_cache::Asked::new(&acme, query, embedding, &weights);
            shelf.store.cache.get(&asked).is_some()
        };
        questions.iter().map(is_known).collect()
    };
    for (query, near) in &questions {
        shelf.store.prewarm(&acme, query, near.as_ref(), &weights).unwrap();
    }
    assert_eq!(cached(), [true; 5]);
    shelf.put(&tenant("other"), shelf.draft("Lanterns and receipts elsewhere."));
    assert_eq!(cached(), [true; 5], "another tenant's change touches nothing");
    // No project, the word "lantern", and a vector near the fourth question.
    let draft = shelf.draft("A lantern needs oil.");
    let candidate =
        Candidate { embedding: Some(embedding(&[1.0, 0.1])), ..Candidate::plain(draft) };
    shelf.store.add(&acme, vec![candidate]).unwrap();
    assert_eq!(cached(), [false, true, true, false, true]);
    assert_eq!(found(&shelf, "acme", "lanterns").len(), 2);
    shelf.hand.advance(Duration::from_secs(601));
    assert_eq!(cached(), [false; 5], "answers have a time");
    assert_eq!(shelf.store.most_asked(&acme, 9).unwrap(), [], "prewarming is no use");
}

/// Functions of this crate's own sources are looked for by their names, spelled in another way.
#[test]
fn functions_are_found_by_their_names_however_spelled() {
    let shelf = Shelf::new();
    let acme = tenant("acme");
    let mut names = std::collections::BTreeMap::new();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs_err::read_to_string(&path).unwrap();
            for (line, text) in text.lines().enumerate() {
                let Some((_, rest)) = text.split_once("fn ") else { continue };
                let name: String = rest
                    .chars()
                    .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
                    .collect();
                if name.contains('_') && !text.trim_start().starts_with("//") {
                    let place = format!("{}:{line}", path.display());
                    names.entry(name).or_insert((text.trim().to_owned(), place));
                }
            }
        }
    }
    assert!(names.len() >= 100, "{}", names.len());
    let drafts = names.values().map(|(text, place)| {
        Candidate::plain(Draft::new(format!("{text} in {place}"), shelf.source(place, "")))
    });
    shelf.store.add(&acme, drafts.collect()).unwrap();
    let mut right = 0;
    for (name, (text, place)) in &names {
        let mut parts = name.split('_');
        let first = parts.next().unwrap().to_owned();
        let humps: String =
            parts.filter_map(|part| Some(part.get(..1)?.to_uppercase() + part.get(1..)?)).collect();
        let wanted = format!("{text} in {place}");
        right += usize::from(
            found(&shelf, "acme", &format!("what does {first}{humps}() do?")).contains(&wanted),
        );
    }
    println!("{right} of {} functions found among the first ten", names.len());
    assert!(right * 100 >= names.len() * 98, "{right} of {}", names.len());
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    /// Whatever is stored and asked, the full-text search understands it, and a text is found by
    /// its own words.
    #[test]
    fn any_text_can_be_stored_and_asked(texts in proptest::collection::vec("[a-zA-ZÀ-ö0-9 _.:/*()\"'-]{1,60}|.{1,60}", 1..4)) {
        let shelf = Shelf::new();
        for text in &texts {
            let candidate = Candidate::plain(shelf.draft(text));
            shelf.store.add(&tenant("acme"), vec![candidate]).unwrap();
        }
        for text in &texts {
            let hits = found(&shelf, "acme", text);
            let has_terms = !crate::terms::terms(text).is_empty();
            // Letters of rare scripts may be cut in another way by FTS5.
            let is_common = text.chars().all(|letter| letter < '\u{250}');
            proptest::prop_assert!(!has_terms || !is_common || !hits.is_empty(), "{text:?}");
        }
    }
}
