//! The exact index against brute force.

use std::sync::atomic::{AtomicBool, Ordering};

use forebay_vectors::{Dimension, Filter, FlatIndex, Point, PointId, VectorIndex};
use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::contract::{self, DIMENSION};
use crate::support::{
    assert_nearest, boxed, by_force, given, many_points, project, tenant, vector,
};

const TOLERANCE: f64 = 4e-5;

fn index(dimension: usize) -> FlatIndex {
    FlatIndex::new(Dimension::new(dimension).unwrap())
}

#[test]
fn the_contract_holds() {
    contract::check(|| boxed(index(DIMENSION)));
}

/// More blocks than one thread takes.
#[test]
fn many_rows_are_searched_exactly() {
    let points = many_points(20_000, 32, 6);
    let index = index(32);
    index.upsert(&points).unwrap();
    let acme = Filter::of(tenant("acme"));
    for query in many_points(3, 32, 7) {
        for filter in [acme.clone(), acme.clone().with_projects([project("project-3")])] {
            let all = by_force(&points, &query.vector, &filter);
            for k in [1, 10, 200] {
                let found = index.search(&query.vector, k, &filter).unwrap();
                assert_nearest(&found, &all, k, TOLERANCE);
            }
        }
    }
}

/// A model that puts nearly everything into one component leaves few bits for the others where
/// nothing turns the vectors.
#[test]
fn a_component_that_stands_out_costs_no_precision() {
    let mut points = many_points(3_000, 128, 8);
    points.iter_mut().for_each(|point| point.vector[3] += 40.0);
    let index = index(128);
    index.upsert(&points).unwrap();
    let filter = Filter::of(tenant("acme"));
    for query in &points[..20] {
        let found = index.search(&query.vector, 10, &filter).unwrap();
        assert_nearest(&found, &by_force(&points, &query.vector, &filter), 10, TOLERANCE);
    }
}

/// Searches go on beside writes and see no row that was never written.
#[test]
fn searches_beside_writes_find_only_what_was_written() {
    let index = index(8);
    let mut random = StdRng::seed_from_u64(9);
    let points: Vec<Point> = many_points(5_000, 8, 10);
    let queries: Vec<_> = (0..200).map(|_| vector(&mut random, 8)).collect();
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for points in points.chunks(50) {
                index.upsert(points).unwrap();
                index.remove(&points[0].tenant, &[points[0].id]).unwrap();
            }
            is_done.store(true, Ordering::Release);
        });
        while !is_done.load(Ordering::Acquire) {
            for query in &queries {
                let filter = Filter::of(tenant("acme"));
                for neighbor in index.search(query, 5, &filter).unwrap() {
                    let point = &points[usize::try_from(neighbor.id.get()).unwrap()];
                    let expect = crate::support::cosine(&point.vector, query);
                    assert!((f64::from(neighbor.score) - expect).abs() < TOLERANCE);
                }
            }
        }
    });
    assert_eq!(index.count().unwrap(), 4_900);
}

#[derive(Clone, Debug)]
enum Step {
    Upsert(Vec<(u64, u8, [i8; 3])>),
    Remove(Vec<u64>),
    Rebuild,
    Search([i8; 3], usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let vector = prop::array::uniform3(-9_i8..=9).prop_filter("a direction", |v| *v != [0; 3]);
    let points = prop::collection::vec((0_u64..40, 0_u8..3, vector.clone()), 0..20);
    prop::collection::vec(
        prop_oneof![
            3 => points.prop_map(Step::Upsert),
            2 => prop::collection::vec(0_u64..40, 0..10).prop_map(Step::Remove),
            1 => Just(Step::Rebuild),
            4 => (vector, 0_usize..12).prop_map(|(vector, k)| Step::Search(vector, k)),
        ],
        0..40,
    )
}

proptest! {
    /// A list of points stands beside the index through any history.
    #[test]
    fn any_history_ends_in_what_a_list_holds(steps in steps()) {
        let index = index(3);
        let mut model: Vec<Point> = Vec::new();
        let acme = Filter::of(tenant("acme"));
        for step in steps {
            match step {
                Step::Upsert(points) => {
                    let points: Vec<Point> = points
                        .into_iter()
                        .map(|(id, mark, vector)| Point {
                            project: (mark > 0).then(|| project(&format!("p{mark}"))),
                            ..crate::support::point(id, &vector.map(f32::from))
                        })
                        .collect();
                    index.upsert(&points).unwrap();
                    for point in points {
                        model.retain(|known| known.id != point.id);
                        model.push(point);
                    }
                }
                Step::Remove(ids) => {
                    let removed: Vec<_> = ids.iter().copied().map(PointId::new).collect();
                    index.remove(&tenant("acme"), &removed).unwrap();
                    model.retain(|known| !removed.contains(&known.id));
                }
                Step::Rebuild => {
                    prop_assert_eq!(index.rebuild(&mut given(&model)).unwrap(), model.len());
                }
                Step::Search(vector, k) => {
                    let vector = vector.map(f32::from);
                    for filter in [acme.clone(), acme.clone().with_projects([project("p1")])] {
                        let found = index.search(&vector, k, &filter).unwrap();
                        assert_nearest(&found, &by_force(&model, &vector, &filter), k, TOLERANCE);
                    }
                }
            }
        }
        prop_assert!(index.verify(&mut given(&model)).unwrap().is_whole());
    }
}
