//! The crate alone: the nearest of a few points, filtered, replaced, checked against the truth.
//!
//! `cargo run -p forebay-vectors --example nearest`

use std::io::Write;

use forebay_vectors::{Dimension, Filter, FlatIndex, Kind, Point, PointId, VectorIndex};
use types::{ProjectId, TenantId};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let acme = TenantId::new("acme")?;
    let point = |id, project, vector: [f32; 3]| -> Result<Point, Box<dyn std::error::Error>> {
        Ok(Point {
            id: PointId::new(id),
            tenant: acme.clone(),
            project: Some(ProjectId::new(project)?),
            kind: Kind::new("bug_solution")?,
            vector: vector.to_vec(),
        })
    };
    let truth = [
        point(1, "gateway", [1.0, 0.2, 0.0])?,
        point(2, "gateway", [0.1, 1.0, 0.0])?,
        point(3, "website", [0.9, 0.1, 0.1])?,
    ];
    let index = FlatIndex::new(Dimension::new(3)?);
    index.upsert(&truth)?;

    let mut out = std::io::stdout();
    let everywhere = Filter::of(acme.clone());
    let gateway = everywhere.clone().with_projects([ProjectId::new("gateway")?]);
    for (name, filter) in [("everywhere", &everywhere), ("gateway", &gateway)] {
        writeln!(out, "{name}: {:?}", index.search(&[1.0, 0.0, 0.0], 2, filter)?)?;
    }

    index.remove(&acme, &[PointId::new(2)])?;
    let points = || truth.iter().cloned().map(Ok);
    writeln!(out, "one removed: {:?}", index.verify(&mut points())?)?;
    index.rebuild(&mut points())?;
    writeln!(out, "rebuilt: {:?}", index.verify(&mut points())?)?;
    Ok(())
}
