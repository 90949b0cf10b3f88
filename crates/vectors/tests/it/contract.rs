//! What every index promises, whatever it is made of.

use std::borrow::Borrow;

use forebay_vectors::{Dimension, Error, Filter, Point, PointId, VectorIndex, Verification};

use crate::support::{assert_nearest, by_force, given, kind, many_points, point, project, tenant};

/// Of all vectors in these tests.
pub(crate) const DIMENSION: usize = 24;
/// Servers keep vectors in f32 and answer with what they computed from that.
const TOLERANCE: f64 = 4e-5;

/// Runs the whole contract on empty indexes, one for each part.
pub(crate) fn check<I: Borrow<dyn VectorIndex>>(new: impl Fn() -> I) {
    finds_the_nearest_with_every_filter(new().borrow());
    replaces_and_removes(new().borrow());
    keeps_tenants_apart(new().borrow());
    refuses_what_it_cannot_hold(new().borrow());
    verifies(new().borrow());
    rebuilds(new().borrow());
}

fn dimension() -> Dimension {
    Dimension::new(DIMENSION).unwrap()
}

fn along(axis: usize) -> Vec<f32> {
    (0..DIMENSION).map(|at| if at == axis { 3.0 } else { 0.01 }).collect()
}

fn finds_the_nearest_with_every_filter(index: &dyn VectorIndex) {
    assert_eq!(index.dimension(), dimension());
    let filters = [
        Filter::of(tenant("acme")),
        Filter::of(tenant("globex")),
        Filter::of(tenant("acme")).with_projects([project("project-1")]),
        Filter::of(tenant("acme")).with_projects([project("project-1"), project("project-4")]),
        Filter::of(tenant("acme")).with_kinds([kind("tool_usage")]),
        Filter::of(tenant("globex"))
            .with_projects([project("project-2")])
            .with_kinds([kind("testing"), kind("bug_solution")]),
        Filter::of(tenant("acme")).with_projects([project("nobodys")]),
        Filter::of(tenant("nobody")),
    ];
    let points = many_points(700, DIMENSION, 1);
    for filter in &filters {
        assert_eq!(index.search(&along(0), 3, filter).unwrap(), []);
    }
    points.chunks(256).for_each(|points| index.upsert(points).unwrap());
    assert_eq!(index.count().unwrap(), points.len());
    for query in many_points(5, DIMENSION, 2) {
        for filter in &filters {
            let all = by_force(&points, &query.vector, filter);
            for k in [0, 1, 10, 1_000] {
                let found = index.search(&query.vector, k, filter).unwrap();
                assert_nearest(&found, &all, k, TOLERANCE);
            }
        }
        let named = |id: u64| id.is_multiple_of(7) || id > 690;
        let mut ids: Vec<_> =
            points.iter().map(|point| point.id).filter(|id| named(id.get())).collect();
        ids.push(PointId::new(9_999));
        for owner in [tenant("acme"), tenant("globex"), tenant("nobody")] {
            let found = index.scores(&query.vector, &owner, &ids).unwrap();
            let mut all = by_force(&points, &query.vector, &Filter::of(owner));
            all.retain(|(id, _)| named(id.get()));
            assert_nearest(&found, &all, all.len(), TOLERANCE);
        }
    }
}

fn replaces_and_removes(index: &dyn VectorIndex) {
    let everything = Filter::of(tenant("acme"));
    let nearest = |axis| index.search(&along(axis), 1, &everything).unwrap()[0].id.get();
    index.upsert(&[point(1, &along(1)), point(2, &along(2)), point(3, &along(3))]).unwrap();
    assert_eq!((nearest(1), nearest(2), nearest(3)), (1, 2, 3));

    let moved = Point { kind: kind("tool_usage"), ..point(1, &along(4)) };
    index.upsert(&[point(1, &along(3)), moved]).unwrap();
    assert_eq!((index.count().unwrap(), nearest(4)), (3, 1));
    let tools = everything.clone().with_kinds([kind("tool_usage")]);
    assert_eq!(index.search(&along(2), 9, &tools).unwrap().len(), 1);

    index.remove(&tenant("acme"), &[PointId::new(1), PointId::new(77)]).unwrap();
    index.remove(&tenant("nobody"), &[PointId::new(2)]).unwrap();
    assert_eq!(index.count().unwrap(), 2);
    assert_eq!(index.search(&along(4), 9, &tools).unwrap(), []);
    assert_eq!((nearest(2), nearest(3)), (2, 3));
    index.remove(&tenant("acme"), &[PointId::new(2), PointId::new(3)]).unwrap();
    assert_eq!(index.count().unwrap(), 0);
    assert_eq!(index.search(&along(2), 9, &everything).unwrap(), []);
    index.upsert(&[point(2, &along(2))]).unwrap();
    assert_eq!(nearest(2), 2);
}

fn keeps_tenants_apart(index: &dyn VectorIndex) {
    let theirs = Point { tenant: tenant("globex"), ..point(1, &along(1)) };
    index.upsert(&[point(1, &along(2)), theirs]).unwrap();
    assert_eq!(index.count().unwrap(), 2);
    let score = |name| {
        let found = index.search(&along(1), 9, &Filter::of(tenant(name))).unwrap();
        assert_eq!(found.len(), 1);
        found[0].score
    };
    assert!(score("globex") > 0.99 && score("acme") < 0.5);
    index.remove(&tenant("acme"), &[PointId::new(1)]).unwrap();
    assert!(score("globex") > 0.99);
}

fn refuses_what_it_cannot_hold(index: &dyn VectorIndex) {
    let acme = Filter::of(tenant("acme"));
    let good = point(1, &along(1));
    for wrong in [vec![1.0; DIMENSION + 1], vec![1.0], Vec::new()] {
        let refused = index.upsert(&[good.clone(), point(2, &wrong)]);
        assert!(
            matches!(refused, Err(Error::Dimension { expected: DIMENSION, found }) if found == wrong.len())
        );
        assert!(matches!(index.search(&wrong, 1, &acme), Err(Error::Dimension { .. })));
    }
    let mut not_finite = along(1);
    not_finite[2] = f32::NAN;
    for (wrong, at) in [(vec![0.0; DIMENSION], None), (not_finite, Some(2))] {
        let refused = index.upsert(&[good.clone(), point(2, &wrong)]);
        assert!(matches!(refused, Err(Error::Direction { not_finite }) if not_finite == at));
        assert!(matches!(index.search(&wrong, 1, &acme), Err(Error::Direction { .. })));
    }
    assert_eq!(index.count().unwrap(), 0, "something of a refused batch was written");
}

fn verifies(index: &dyn VectorIndex) {
    let mut points = many_points(300, DIMENSION, 3);
    index.upsert(&points).unwrap();
    let verify = |points: &[Point]| index.verify(&mut given(points)).unwrap();
    let whole = Verification { expected: 300, ..Verification::default() };
    assert_eq!(verify(&points), whole);
    assert!(whole.is_whole());

    assert_eq!(verify(&points[1..]), Verification { expected: 299, unexpected: 1, ..whole });
    index.remove(&points[5].tenant, &[points[5].id]).unwrap();
    assert_eq!(verify(&points), Verification { missing: 1, ..whole });
    index.upsert(&[points[5].clone()]).unwrap();
    points[7].vector[0] += 0.01;
    assert_eq!(verify(&points), Verification { different: 1, ..whole });
    index.upsert(&[points[7].clone()]).unwrap();
    points[8].project = Some(project("another"));
    points[9].kind = kind("another");
    let relabelled = verify(&points);
    assert_eq!(relabelled, Verification { different: 2, ..whole });
    assert!(!relabelled.is_whole());
    let unread = index.verify(&mut [Err("torn page".into())].into_iter());
    assert!(matches!(unread, Err(Error::Points { .. })));
}

fn rebuilds(index: &dyn VectorIndex) {
    let (old, new) = (many_points(100, DIMENSION, 4), many_points(60, DIMENSION, 5));
    index.upsert(&old).unwrap();
    let mut torn = given(&new).chain([Err("torn page".into())]);
    assert!(matches!(index.rebuild(&mut torn), Err(Error::Points { .. })));
    let mut crooked = given(&new).chain([Ok(point(1, &[1.0]))]);
    assert!(matches!(index.rebuild(&mut crooked), Err(Error::Dimension { .. })));
    assert!(index.verify(&mut given(&old)).unwrap().is_whole());

    assert_eq!(index.rebuild(&mut given(&new)).unwrap(), new.len());
    assert!(index.verify(&mut given(&new)).unwrap().is_whole());
    let filter = Filter::of(tenant("acme"));
    let found = index.search(&old[0].vector, 10, &filter).unwrap();
    assert_nearest(&found, &by_force(&new, &old[0].vector, &filter), 10, TOLERANCE);
    index.upsert(&old).unwrap();
    assert_eq!(index.count().unwrap(), {
        let mut names: Vec<_> = old.iter().chain(&new).map(|it| (&it.tenant, it.id)).collect();
        names.sort_unstable();
        names.dedup();
        names.len()
    });
}
