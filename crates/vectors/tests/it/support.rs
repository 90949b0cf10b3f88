//! Points for tests, and the answers that every index must give.

use forebay_vectors::{Filter, Kind, Neighbor, Point, PointId, PointsError, VectorIndex};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use types::{ProjectId, TenantId};

pub(crate) fn tenant(name: &str) -> TenantId {
    TenantId::new(name).unwrap()
}

pub(crate) fn project(name: &str) -> ProjectId {
    ProjectId::new(name).unwrap()
}

pub(crate) fn kind(name: &str) -> Kind {
    Kind::new(name).unwrap()
}

pub(crate) fn point(id: u64, vector: &[f32]) -> Point {
    Point {
        id: PointId::new(id),
        tenant: tenant("acme"),
        project: None,
        kind: kind("testing"),
        vector: vector.to_vec(),
    }
}

/// As the contract takes indexes.
pub(crate) fn boxed(index: impl VectorIndex + 'static) -> Box<dyn VectorIndex> {
    Box::new(index)
}

/// As a rebuild or a verification takes them.
pub(crate) fn given(points: &[Point]) -> impl Iterator<Item = Result<Point, PointsError>> {
    points.iter().cloned().map(Ok)
}

/// `count` points in clusters, of two tenants, four projects or none, and three kinds.
pub(crate) fn many_points(count: u64, dimension: usize, seed: u64) -> Vec<Point> {
    let mut random = StdRng::seed_from_u64(seed);
    let centres: Vec<Vec<f32>> = (0..8).map(|_| vector(&mut random, dimension)).collect();
    (0..count)
        .map(|id| {
            let centre = &centres[random.random_range(0..centres.len())];
            let noise = vector(&mut random, dimension);
            let vector = centre.iter().zip(noise).map(|(c, n)| c + 0.7 * n).collect();
            let number = random.random_range(0..5);
            Point {
                id: PointId::new(id),
                tenant: tenant(if random.random_range(0..5) == 0 { "globex" } else { "acme" }),
                project: (number > 0).then(|| project(&format!("project-{number}"))),
                kind: kind(["testing", "tool_usage", "bug_solution"][random.random_range(0..3)]),
                vector,
            }
        })
        .collect()
}

pub(crate) fn vector(random: &mut StdRng, dimension: usize) -> Vec<f32> {
    (0..dimension).map(|_| random.random_range(-1.0..1.0)).collect()
}

pub(crate) fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    };
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

/// Every point that passes `filter`, nearest first, in f64.
pub(crate) fn by_force(points: &[Point], vector: &[f32], filter: &Filter) -> Vec<(PointId, f64)> {
    let passes = |point: &&Point| {
        let is_in_project = filter.projects().is_empty()
            || point.project.as_ref().is_some_and(|it| filter.projects().contains(it));
        let is_of_kind = filter.kinds().is_empty() || filter.kinds().contains(&point.kind);
        point.tenant == *filter.tenant() && is_in_project && is_of_kind
    };
    let scored = |point: &Point| (point.id, cosine(&point.vector, vector));
    let mut all: Vec<_> = points.iter().filter(passes).map(scored).collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    all
}

/// Whether `found` are the `k` nearest, in order. Neighbours whose scores differ by less than
/// `tolerance` may change places.
#[track_caller]
pub(crate) fn assert_nearest(found: &[Neighbor], all: &[(PointId, f64)], k: usize, tolerance: f64) {
    assert_eq!(found.len(), k.min(all.len()));
    let mut ids: Vec<_> = found.iter().map(|neighbor| neighbor.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), found.len(), "an id twice: {found:?}");
    for (neighbor, (_, expect)) in found.iter().zip(all) {
        let (_, true_score) = all.iter().find(|(id, _)| *id == neighbor.id).expect("passes");
        let score = f64::from(neighbor.score);
        assert!((score - true_score).abs() < tolerance, "{neighbor:?} is {true_score}");
        assert!((score - expect).abs() < tolerance, "{neighbor:?} where {expect} is due");
    }
}

/// The part of the true `k` nearest among `points` that is found, over all `queries`.
#[cfg(any(feature = "hnsw", feature = "qdrant"))]
pub(crate) fn recall(
    index: &dyn VectorIndex,
    (points, queries): (&[Point], &[Point]),
    filter: &Filter,
    k: usize,
) -> f64 {
    let mut hits = 0;
    for query in queries {
        let due = by_force(points, &query.vector, filter);
        let found = index.search(&query.vector, k, filter).unwrap();
        assert_eq!(found.len(), k);
        hits += found.iter().filter(|it| due[..k].iter().any(|(id, _)| *id == it.id)).count();
    }
    f64::from(u32::try_from(hits).unwrap()) / f64::from(u32::try_from(queries.len() * k).unwrap())
}
