//! The index that switches between scan and graph.

use forebay_vectors::{Dimension, Filter, HnswIndex, Point, PointId, VectorIndex};

use crate::contract::{self, DIMENSION};
use crate::support::{boxed, given, many_points, project, recall, tenant};

const ABOVE: usize = 400;

fn index(dimension: usize) -> HnswIndex {
    HnswIndex::new(Dimension::new(dimension).unwrap()).with_graph_above(ABOVE)
}

#[test]
fn the_contract_holds_on_the_scan() {
    contract::check(|| boxed(HnswIndex::new(Dimension::new(DIMENSION).unwrap())));
}

#[test]
fn the_contract_holds_on_the_graph() {
    let new = || HnswIndex::new(Dimension::new(DIMENSION).unwrap()).with_graph_above(10);
    contract::check(|| boxed(new()));
}

#[test]
fn a_tenant_that_grows_gets_a_graph_and_loses_it_again() {
    let acme = tenant("acme");
    let index = index(32);
    let points: Vec<Point> =
        many_points(3_000, 32, 20).into_iter().filter(|it| it.tenant == acme).collect();
    index.upsert(&points[..ABOVE]).unwrap();
    assert_eq!(index.linked(&acme), 0);
    index.upsert(&points[ABOVE..ABOVE + 1]).unwrap();
    assert_eq!(index.linked(&acme), 2, "a write links twice its points");
    for points in points[ABOVE + 1..].chunks(100) {
        index.upsert(points).unwrap();
    }
    assert_eq!(index.linked(&acme), points.len());

    let queries = many_points(30, 32, 21);
    let everything = Filter::of(acme.clone());
    assert!(recall(&index, (&points, &queries), &everything, 10) >= 0.99);
    let half = everything.clone().with_projects([project("project-1"), project("project-2")]);
    assert!(recall(&index, (&points, &queries), &half, 10) >= 0.99);

    let ids: Vec<PointId> = points.iter().map(|point| point.id).collect();
    index.remove(&acme, &ids[..1_000]).unwrap();
    assert_eq!(index.linked(&acme), points.len() - 1_000);
    assert!(recall(&index, (&points[1_000..], &queries), &everything, 10) >= 0.99);
    assert!(index.verify(&mut given(&points[1_000..])).unwrap().is_whole());
    index.remove(&acme, &ids[..points.len() - ABOVE / 2]).unwrap();
    assert_eq!(index.linked(&acme), 0);
}

#[test]
fn a_rebuilt_graph_grows_beside_searches() {
    let index = index(32);
    let points = many_points(2_000, 32, 22);
    index.rebuild(&mut given(&points)).unwrap();
    let acme = tenant("acme");
    assert_eq!(index.linked(&acme), 0);
    let queries = many_points(30, 32, 21);
    let filter = Filter::of(acme.clone());
    assert!(recall(&index, (&points, &queries), &filter, 10) >= 0.999, "the scan answers");
    std::thread::scope(|scope| {
        let growing = scope.spawn(|| while index.grow(64).unwrap() > 0 {});
        while !growing.is_finished() {
            assert!(recall(&index, (&points, &queries), &filter, 10) >= 0.99);
        }
    });
    let expect = points.iter().filter(|point| point.tenant == acme).count();
    assert_eq!(index.linked(&acme), expect);
    assert!(index.verify(&mut given(&points)).unwrap().is_whole());
}
