//! The vectors' truth, from which any index can be made anew.

use types::{ModelId, ProjectId, TenantId};

use super::{Store, rows};
use crate::schema::queries;
use crate::{Embedding, Error, Item, ItemId, Kind};

/// A stored vector and what an index filters by.
#[derive(Clone, Debug, PartialEq)]
pub struct VectorRow {
    /// The item.
    pub id: ItemId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Its project.
    pub project: Option<ProjectId>,
    /// Its kind.
    pub kind: Kind,
    /// Its vector.
    pub embedding: Embedding,
}

impl Store {
    /// At most `limit` vectors of `model` after `after`, ascending, of all tenants: to make an index
    /// anew or to check one.
    pub fn vectors(
        &self,
        model: &ModelId,
        after: Option<ItemId>,
        limit: usize,
    ) -> Result<Vec<VectorRow>, Error> {
        let found = self.read("read vectors", |connection| {
            let after = after.map_or(i64::MIN, ItemId::get);
            let mut statement = connection.prepare_cached(queries::WALK_VECTORS)?;
            let parameters = (model.as_str(), after, rows::limit(limit));
            let rows = statement.query_map(parameters, |row| {
                let texts: (String, Option<String>, String) =
                    (row.get(2)?, row.get(3)?, row.get(4)?);
                Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?, texts))
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        })?;
        type Found = (i64, Vec<u8>, (String, Option<String>, String));
        let row = |(id, bytes, (tenant, project, kind)): Found| {
            let wrong = |_| Error::Value { what: "a stored id", rule: "an id" };
            Ok(VectorRow {
                id: ItemId::new(id),
                tenant: TenantId::new(&tenant).map_err(wrong)?,
                project: project
                    .map(|project| ProjectId::new(&project))
                    .transpose()
                    .map_err(wrong)?,
                kind: kind.parse()?,
                embedding: Embedding::from_bytes(model.clone(), &bytes)?,
            })
        };
        found.into_iter().map(row).collect()
    }

    /// At most `limit` items after `after` that have no vector of `model`, ascending.
    pub fn without_vector(
        &self,
        tenant: &TenantId,
        model: &ModelId,
        after: Option<ItemId>,
        limit: usize,
    ) -> Result<Vec<Item>, Error> {
        self.read("list", |connection| {
            let after = after.map_or(i64::MIN, ItemId::get);
            let mut statement = connection.prepare_cached(queries::WALK_WITHOUT_VECTOR)?;
            let parameters = (tenant.as_str(), after, model.as_str(), rows::limit(limit));
            let rows = statement.query_map(parameters, rows::read_item)?;
            rows.collect()
        })
    }

    /// Stores vectors of items; those of another tenant's or of no item are left out.
    pub fn put_vectors(
        &self,
        tenant: &TenantId,
        vectors: Vec<(ItemId, Embedding)>,
    ) -> Result<(), Error> {
        let owner = tenant.clone();
        let touched = self.write("store vectors", move |connection| {
            let mut touched = Vec::with_capacity(vectors.len());
            for (id, embedding) in vectors {
                if let Some(item) = rows::item(connection, &owner, id)? {
                    rows::put_vector(connection, id, &embedding)?;
                    touched.push((item, embedding));
                }
            }
            Ok(touched)
        })?;
        let touched: Vec<_> =
            touched.iter().map(|(item, embedding)| (item, Some(embedding))).collect();
        self.cache.touch(tenant, &touched);
        Ok(())
    }
}
