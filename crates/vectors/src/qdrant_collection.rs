//! The collections behind an index's name.

use qdrant_client::qdrant::vectors_config::Config;
use qdrant_client::qdrant::{
    CreateAliasBuilder, CreateCollectionBuilder, CreateFieldIndexCollectionBuilder, Distance,
    FieldType, HnswConfigDiffBuilder, KeywordIndexParamsBuilder, ScalarQuantizationBuilder,
    VectorParamsBuilder,
};

use crate::qdrant_point::{KIND, PROJECT, TENANT};
use crate::qdrant_server::Server;
use crate::{Dimension, Error};

const LINKS: u64 = 16;
const BUILD_WIDTH: u64 = 100;
/// Up to so many KB of vectors that pass a filter, 66,000 of 384 dimensions, are looked at one by one.
/// In the graph of all points those that pass need not be linked to each other, so that some are never
/// come to.
const SCANNED_KB: u64 = 100_000;
/// The part of components that int8 codes reproduce; the others are cut off.
const QUANTILE: f32 = 0.99;

/// The collection that the index's name stands for, if there is one.
pub(crate) fn current(server: &Server) -> Result<Option<String>, Error> {
    let listed = server.ask("list aliases", |client| async move { client.list_aliases().await })?;
    let alias = listed.aliases.into_iter().find(|alias| alias.alias_name == server.name());
    Ok(alias.map(|alias| alias.collection_name))
}

/// Makes an empty collection numbered one after `old` and returns its name. One that an interrupted
/// rebuild left there is deleted.
pub(crate) fn create_next(
    server: &Server,
    old: Option<&str>,
    dimension: Dimension,
) -> Result<String, Error> {
    let number = old
        .and_then(|old| old.strip_prefix(server.name())?.strip_prefix('-')?.parse::<u64>().ok())
        .map_or(1, |number| number.saturating_add(1));
    let name = format!("{}-{number}", server.name());
    delete(server, &name)?;
    let request = CreateCollectionBuilder::new(&name)
        .vectors_config(
            VectorParamsBuilder::new(dimension.get() as u64, Distance::Cosine).on_disk(true),
        )
        .hnsw_config(
            HnswConfigDiffBuilder::default()
                .m(LINKS)
                .ef_construct(BUILD_WIDTH)
                .full_scan_threshold(SCANNED_KB),
        )
        .quantization_config(
            ScalarQuantizationBuilder::default().quantile(QUANTILE).always_ram(true),
        );
    server.ask("create a collection", |client| async move {
        client.create_collection(request).await.map(drop)
    })?;
    for field in [TENANT, PROJECT, KIND] {
        let request = CreateFieldIndexCollectionBuilder::new(&name, field, FieldType::Keyword)
            .field_index_params(KeywordIndexParamsBuilder::default().is_tenant(field == TENANT))
            .wait(true);
        server.ask("index a field", |client| async move {
            client.create_field_index(request).await.map(drop)
        })?;
    }
    Ok(name)
}

/// Whether the collection has the right dimensions.
pub(crate) fn check(server: &Server, name: &str, dimension: Dimension) -> Result<(), Error> {
    let asked = name.to_owned();
    let described = server.ask("describe a collection", |client| async move {
        client.collection_info(asked).await
    })?;
    let size = described
        .result
        .and_then(|info| info.config?.params?.vectors_config?.config)
        .and_then(|config| match config {
            Config::Params(parameters) => usize::try_from(parameters.size).ok(),
            Config::ParamsMap(_) => None,
        })
        .ok_or_else(|| unexpected("describe a collection", NoVectors))?;
    if size == dimension.get() {
        Ok(())
    } else {
        Err(Error::Dimension { expected: dimension.get(), found: size })
    }
}

/// Makes the index's name stand for `collection`, at once for all clients.
pub(crate) fn point_alias_to(server: &Server, collection: &str) -> Result<(), Error> {
    let request = CreateAliasBuilder::new(collection, server.name());
    server
        .ask("move the alias", |client| async move { client.create_alias(request).await.map(drop) })
}

/// Deletes `collection` and its aliases; one that is not there is passed over.
pub(crate) fn delete(server: &Server, collection: &str) -> Result<(), Error> {
    let request = collection.to_owned();
    server.ask("delete a collection", |client| async move {
        client.delete_collection(request).await.map(drop)
    })
}

/// An answer that no server of this protocol should give.
pub(crate) fn unexpected(
    operation: &'static str,
    source: impl std::error::Error + Send + Sync + 'static,
) -> Error {
    Error::Backend { operation, source: Box::new(source) }
}

/// The collection is not one of ours.
#[derive(Debug, thiserror::Error)]
#[error("the collection does not hold one vector for each point")]
struct NoVectors;
