//! The index on a server: its failures always, its contract where there is a server.

use std::borrow::Borrow;
use std::net::TcpListener;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use forebay_vectors::{Dimension, Error, Filter, Point, QdrantIndex, QdrantSettings, VectorIndex};
use types::Class;

use crate::contract::{self, DIMENSION};
use crate::support::{given, many_points, point, project, recall, tenant};

const TIMEOUT: Duration = Duration::from_millis(300);

fn index(url: &str) -> QdrantIndex {
    let settings = QdrantSettings::new(url, "forebay-test").with_timeout(TIMEOUT);
    QdrantIndex::new(&settings, Dimension::new(DIMENSION).unwrap()).unwrap()
}

/// Everything that asks the server, by its error.
fn errors(index: &QdrantIndex) -> Vec<Error> {
    let acme = Filter::of(tenant("acme"));
    let points = [point(1, &[1.0; DIMENSION])];
    vec![
        index.create().unwrap_err(),
        index.delete().unwrap_err(),
        index.count().unwrap_err(),
        index.upsert(&points).unwrap_err(),
        index.remove(&tenant("acme"), &[points[0].id]).unwrap_err(),
        index.search(&[1.0; DIMENSION], 3, &acme).unwrap_err(),
        index.scores(&[1.0; DIMENSION], &tenant("acme"), &[points[0].id]).unwrap_err(),
        index.rebuild(&mut given(&points)).unwrap_err(),
        index.verify(&mut given(&points)).unwrap_err(),
    ]
}

#[test]
fn a_refused_connection_is_told() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for error in errors(&index(&format!("http://127.0.0.1:{port}"))) {
        assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
        assert_eq!(error.class(), Class::Busy);
    }
}

#[test]
fn a_server_that_never_answers_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    for error in errors(&index(&format!("http://127.0.0.1:{port}"))) {
        assert!(matches!(error, Error::TimedOut { after: TIMEOUT, .. }), "{error:?}");
        assert_eq!(error.class(), Class::Busy);
    }
}

#[test]
fn a_wrong_vector_is_refused_before_anything_is_sent() {
    let index = index("http://127.0.0.1:1");
    let acme = Filter::of(tenant("acme"));
    let dimension = |error| matches!(error, Error::Dimension { expected: DIMENSION, found: 3 });
    assert!(dimension(index.search(&[1.0; 3], 1, &acme).unwrap_err()));
    assert!(dimension(index.upsert(&[point(1, &[1.0; 3])]).unwrap_err()));
    let zero = index.search(&[0.0; DIMENSION], 1, &acme).unwrap_err();
    assert!(matches!(zero, Error::Direction { not_finite: None }));
    assert_eq!(index.search(&[1.0; DIMENSION], 0, &acme).unwrap(), []);
}

/// An asynchronous caller that forgets to leave its runtime waits, but nothing panics.
#[test]
fn it_can_be_used_and_dropped_on_a_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let index = index("http://127.0.0.1:1");
        assert!(matches!(index.count(), Err(Error::Unreachable { .. })));
    });
}

/// Deletes the index after the test.
#[derive(Debug)]
struct Guard {
    index: QdrantIndex,
    settings: QdrantSettings,
}

impl Borrow<dyn VectorIndex> for Guard {
    fn borrow(&self) -> &(dyn VectorIndex + 'static) {
        &self.index
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.index.delete().unwrap();
    }
}

/// What a test says that has no server.
const SKIPPED: &str = "skipped: FOREBAY_TEST_QDRANT_URL names no Qdrant server";

/// A new index on the server that there is for tests, if there is one.
fn new_on_server(dimension: usize) -> Option<Guard> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let url = std::env::var("FOREBAY_TEST_QDRANT_URL").ok()?;
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("forebay-test-{}-{number}", std::process::id());
    let settings = QdrantSettings::new(url, name).with_timeout(Duration::from_secs(60));
    let index = QdrantIndex::new(&settings, Dimension::new(dimension).unwrap()).unwrap();
    index.create().unwrap();
    Some(Guard { index, settings })
}

#[test]
fn the_contract_holds() {
    let Some(first) = new_on_server(DIMENSION) else {
        println!("{SKIPPED}");
        return;
    };
    contract::check(|| new_on_server(DIMENSION).unwrap());

    first.index.create().unwrap();
    let other = QdrantIndex::new(&first.settings, Dimension::new(3).unwrap()).unwrap();
    let refused = other.create();
    assert!(matches!(refused, Err(Error::Dimension { expected: 3, found: DIMENSION })));
}

/// A server makes codes and a graph of many vectors, and follows the graph where many pass the filter:
/// here nearly all of them, and then those of a project, which are scanned.
#[test]
fn codes_and_a_graph_find_nearly_all_of_the_nearest() {
    let Some(Guard { index, .. }) = &new_on_server(384) else {
        println!("{SKIPPED}");
        return;
    };
    // As with embeddings, there is much less in a vector than it has components.
    let wide = |point: Point| {
        let vector = point.vector.repeat(384 / DIMENSION);
        Point { tenant: tenant("acme"), vector, ..point }
    };
    let many = |count, seed| -> Vec<_> {
        many_points(count, DIMENSION, seed).into_iter().map(wide).collect()
    };
    let (points, queries) = (many(8_000, 8), many(30, 9));
    index.upsert(&points).unwrap();
    let acme = Filter::of(tenant("acme"));
    let some = acme.clone().with_projects([project("project-1")]);
    for filter in [acme, some] {
        let found = recall(index, (&points, &queries), &filter, 10);
        assert!(found >= 0.95, "{found} of the nearest with {filter:?}");
    }
}
