//! Which queries count as finding their rows.

use forebay_storage::{Database, Index, ListedQuery, Migration, Schema, Settings};

use crate::support::place;

#[track_caller]
fn check(sql: &'static str, uses_index: bool) {
    let schema = Schema {
        name: "plans",
        migrations: &[Migration {
            version: 1,
            name: "tables",
            sql: "CREATE TABLE a (id INTEGER PRIMARY KEY, x, y); CREATE TABLE b (z);",
        }],
        indexes: &[Index { name: "a_x", sql: "CREATE INDEX IF NOT EXISTS a_x ON a (x)" }],
        queries: vec![ListedQuery { name: "one", sql }].leak(),
    };
    let (_folder, path) = place();
    let database =
        Database::open(&path, Box::leak(Box::new(schema)), &Settings::default()).unwrap();
    let plans = database.verify_queries().unwrap();
    assert_eq!(plans.len(), 1);
    assert_eq!(plans[0].query, "one");
    assert_eq!(plans[0].uses_index, uses_index, "{sql}: {:?}", plans[0].steps);
}

#[test]
fn finds_its_rows() {
    check("SELECT y FROM a WHERE id = ?1", true);
    check("SELECT y FROM a WHERE x = ?1 ORDER BY y", true);
    check("SELECT y FROM a ORDER BY x LIMIT 10", true);
    check("DELETE FROM a WHERE x < ?1", true);
    check("SELECT 1", true);
    check("INSERT INTO b VALUES (?1)", true);
    check("SELECT value FROM json_each(?1)", true);
    check("WITH few AS MATERIALIZED (SELECT y FROM a WHERE x = 1) SELECT y FROM few", true);
}

#[test]
fn looks_at_every_row() {
    check("SELECT x FROM a WHERE y = ?1", false);
    check("SELECT * FROM b", false);
    check("UPDATE a SET x = 1 WHERE y = ?1", false);
    check("SELECT a.y FROM b JOIN a ON a.id = b.z", false);
    check("SELECT a.y FROM a JOIN b ON a.y = b.z WHERE a.x = ?1", false);
    check("SELECT n FROM (SELECT DISTINCT y AS n FROM a) WHERE n > 3", false);
}
