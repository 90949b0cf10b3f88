//! Nearest neighbours by cosine: an exact scan, HNSW and Qdrant behind one trait.
//!
//! - No search is without a tenant ([`Filter`]), and a point is named by its tenant and id together,
//!   so none ever touches another tenant's points.
//! - The truth is elsewhere: any index can be rebuilt from it and compared with it.
//! - [`FlatIndex`] is exact. `HnswIndex` (feature `hnsw`) looks at every point as long as there
//!   are few and goes through a graph above that, by itself. `QdrantIndex` (feature `qdrant`) is
//!   for many machines.
//! - Nothing here knows what a vector was made from.
//!
//! ```
//! use forebay_vectors::{Dimension, Filter, FlatIndex, Kind, Point, PointId, VectorIndex};
//! use types::TenantId;
//!
//! let acme = TenantId::new("acme")?;
//! let index = FlatIndex::new(Dimension::new(3)?);
//! let point = |id, vector: [f32; 3]| -> Result<Point, forebay_vectors::Error> {
//!     Ok(Point {
//!         id: PointId::new(id),
//!         tenant: acme.clone(),
//!         project: None,
//!         kind: Kind::new("testing_strategy")?,
//!         vector: vector.to_vec(),
//!     })
//! };
//! index.upsert(&[point(1, [1.0, 0.0, 0.0])?, point(2, [0.0, 2.0, 0.0])?])?;
//! let nearest = index.search(&[0.1, 1.0, 0.0], 1, &Filter::of(acme.clone()))?;
//! assert_eq!(nearest[0].id, PointId::new(2));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod block;
mod code;
mod dimension;
mod direction;
mod error;
mod filter;
mod flat_index;
#[cfg(feature = "hnsw")]
mod graph;
#[cfg(feature = "hnsw")]
mod hnsw_index;
mod index;
mod kernel;
mod kind;
mod labels;
mod neighbor;
mod partition;
mod point;
mod point_id;
#[cfg(feature = "qdrant")]
mod qdrant_collection;
#[cfg(feature = "qdrant")]
mod qdrant_index;
#[cfg(feature = "qdrant")]
mod qdrant_point;
#[cfg(feature = "qdrant")]
mod qdrant_server;
#[cfg(feature = "qdrant")]
mod qdrant_settings;
mod rotation;
mod scan;
mod store;
mod verification;

pub use dimension::Dimension;
pub use error::Error;
pub use filter::Filter;
pub use flat_index::FlatIndex;
#[cfg(feature = "hnsw")]
pub use hnsw_index::HnswIndex;
pub use index::{Points, PointsError, VectorIndex};
pub use kind::Kind;
pub use neighbor::Neighbor;
pub use point::Point;
pub use point_id::PointId;
#[cfg(feature = "qdrant")]
pub use qdrant_index::QdrantIndex;
#[cfg(feature = "qdrant")]
pub use qdrant_settings::QdrantSettings;
pub use verification::Verification;
