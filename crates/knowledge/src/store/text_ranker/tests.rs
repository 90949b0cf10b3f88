use proptest::prelude::*;
use rusqlite::Connection;

use super::*;
use crate::schema::SCHEMA;

/// An empty index of words.
fn index() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    for migration in SCHEMA.migrations {
        connection.execute_batch(migration.sql).unwrap();
    }
    connection
}

fn put(connection: &Connection, id: i64, title: &str, body: &str) {
    connection.execute(queries::INSERT_TEXT, (id, title, body)).unwrap();
}

fn remove(connection: &Connection, id: i64) {
    connection.execute(queries::DELETE_TEXT, [id]).unwrap();
}

/// What FTS5 itself says of the texts that hold one of `words`.
fn of_fts5(connection: &Connection, words: &[String]) -> Vec<Ranked> {
    let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    let mut statement = connection.prepare(queries::MATCH).unwrap();
    let rows = statement.query_map([quoted.join(" OR ")], |row| {
        Ok((ItemId::new(row.get(0)?), -row.get::<_, f64>(1)?))
    });
    let mut ranked: Vec<Ranked> = rows.unwrap().map(Result::unwrap).collect();
    ranked.sort_by(|(one, a), (other, b)| b.total_cmp(a).then(one.cmp(other)));
    ranked
}

#[track_caller]
fn check(connection: &Connection, ranker: &TextRanker, words: &[String]) {
    let found = ranker.rank(connection, words, ranker.changes()).unwrap();
    let expected = of_fts5(connection, words);
    assert_eq!(found.len(), expected.len(), "{words:?}");
    for (id, score) in expected {
        let own = found.iter().find(|(found, _)| *found == id).map(|(_, score)| *score);
        assert!(own.is_some_and(|own| (own - score).abs() < 1e-9), "{id}: {own:?}, {score}");
    }
    assert!(found.is_sorted_by(|(one, a), (other, b)| a > b || (a == b && one < other)));
}

proptest! {
    /// Texts come, change and go; each is asked for before and after, so that lengths are known.
    #[test]
    fn scores_are_those_of_fts5(
        texts in prop::collection::vec(("[a-d]( [a-d]){0,3}", "[a-f]( [a-f]){0,12}"), 1..12),
        changed in prop::collection::vec((0_usize..12, "[a-f]( [a-f]){0,20}"), 0..4),
        gone in prop::collection::vec(0_usize..12, 0..4),
        words in prop::collection::hash_set("[a-g]", 1..5),
    ) {
        let (connection, ranker) = (index(), TextRanker::default());
        let words: Vec<String> = words.into_iter().collect();
        for (id, (title, body)) in (1..).zip(&texts) {
            put(&connection, id, title, body);
        }
        check(&connection, &ranker, &words);
        for (at, body) in changed {
            let id = i64::try_from(at % texts.len()).unwrap() + 1;
            remove(&connection, id);
            put(&connection, id, "a", &body);
            ranker.text_changed(ItemId::new(id));
        }
        check(&connection, &ranker, &words);
        for at in gone {
            let id = i64::try_from(at % texts.len()).unwrap() + 1;
            remove(&connection, id);
            ranker.text_changed(ItemId::new(id));
        }
        check(&connection, &ranker, &words);
    }
}

#[test]
fn common_words_give_way_to_rare_ones_and_count_together() {
    let (connection, ranker) = (index(), TextRanker::default());
    for id in 1..=ROWS_MAX + 10 {
        let rare = if id % 500 == 0 { " rare" } else { "" };
        let usual = if id % 2 == 0 { " usual" } else { "" };
        put(&connection, id, "title", &format!("common{usual}{rare}"));
    }
    let rare: Vec<i64> = (1..=ROWS_MAX / 500).map(|number| number * 500).collect();
    let ids = |words: &[&str]| {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let ranked = ranker.rank(&connection, &words, ranker.changes()).unwrap();
        ranked.into_iter().map(|(id, _)| id.get()).collect::<Vec<_>>()
    };
    for _ in 0..2 {
        assert_eq!(ids(&["common", "rare", "nowhere"]), rare);
        assert_eq!(ids(&["common", "title"]).len(), usize::try_from(ROWS_MAX).unwrap() + 10);
    }
    for id in 1..=ROWS_MAX {
        remove(&connection, id);
        ranker.text_changed(ItemId::new(id));
    }
    assert_eq!(ids(&["common", "rare"]).len(), 10, "it is not common any more");
}

/// Whoever read before a change must not be believed after it.
#[test]
fn what_was_read_before_a_change_is_not_remembered() {
    let (connection, ranker) = (index(), TextRanker::default());
    put(&connection, 1, "a", "b");
    put(&connection, 2, "a", "c d e f");
    let words = ["a".to_owned()];
    let changes = ranker.changes();
    ranker.text_changed(ItemId::new(1));
    ranker.rank(&connection, &words, changes).unwrap();
    remove(&connection, 1);
    put(&connection, 1, "a", "b b b b b b b b b b b b");
    check(&connection, &ranker, &words);
}
