//! The index that the configuration asks for.

use vectors::{Dimension, VectorIndex};

use crate::config::VectorPlace;

/// An index over vectors of `dimension`, at the place that the configuration names.
pub(super) fn index(
    place: &VectorPlace,
    dimension: Dimension,
) -> Result<Box<dyn VectorIndex>, vectors::Error> {
    Ok(match place {
        #[cfg(feature = "hnsw")]
        VectorPlace::Here => Box::new(vectors::HnswIndex::new(dimension)),
        #[cfg(not(feature = "hnsw"))]
        VectorPlace::Here => Box::new(vectors::FlatIndex::new(dimension)),
        #[cfg(feature = "qdrant")]
        VectorPlace::Qdrant { url, key, name } => {
            let settings = vectors::QdrantSettings::new(url, name);
            let settings = match key {
                Some(key) => settings.with_key(key.clone()),
                None => settings,
            };
            let index = vectors::QdrantIndex::new(&settings, dimension)?;
            index.create()?;
            Box::new(index)
        }
    })
}
