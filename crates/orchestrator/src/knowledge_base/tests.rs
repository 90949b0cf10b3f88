//! Without a model: what a fresh machine does.

use types::Clock;

use super::*;
use crate::knowledge_base::learn::Extract;

/// No language model reads anything.
const RULES_ALONE: Extract<'static> = &|_, _| Ok(Vec::new());

#[test]
fn what_a_file_says_is_found_by_its_words_and_learned_once() {
    let directory = tempfile::tempdir().unwrap();
    let notes = directory.path().join("notes");
    fs_err::create_dir(&notes).unwrap();
    let page =
        "# Money\n\nWe decided to count money in integer micro-dollars, because floats round.\n";
    fs_err::write(notes.join("money.md"), page).unwrap();
    fs_err::write(notes.join("image.png"), page).unwrap();
    let store = Store::open(&directory.path().join(KNOWLEDGE_FILE), Clock::system()).unwrap();
    let base = KnowledgeBase::new(store).unwrap();
    let tenant = TenantId::new("acme").unwrap();
    let paths = [notes, directory.path().join("nowhere")];
    let learn = || base.learn_files(&tenant, &paths, None, RULES_ALONE).unwrap();
    let first = learn();
    assert_eq!((first.sources, first.created, first.by_meaning), (1, 1, false));
    assert_eq!(first.unread.len(), 1, "{:?}", first.unread);
    let second = learn();
    assert_eq!((second.created, second.merged), (0, 0));
    let hits =
        base.search(&tenant, &Query::new("how is money counted"), &Weights::default()).unwrap();
    assert!(hits[0].item.content.contains("micro-dollars"));
    assert!(hits[0].sources[0].name.ends_with("money.md"));
    let stranger = TenantId::new("other").unwrap();
    assert!(
        base.search(&stranger, &Query::new("how is money counted"), &Weights::default())
            .unwrap()
            .is_empty()
    );
    base.forget(&tenant, hits[0].item.id).unwrap();
    assert!(
        base.search(&tenant, &Query::new("how is money counted"), &Weights::default())
            .unwrap()
            .is_empty()
    );
}
