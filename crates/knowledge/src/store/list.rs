//! Lists and counts of items.

use std::collections::BTreeMap;

use rusqlite::{Connection, ToSql};
use types::{ProjectId, TenantId};

use super::{Store, rows};
use crate::schema::queries;
use crate::{Error, Filter, Item, ItemId};

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Confirmed last first.
    #[default]
    Newest,
    /// Confirmed longest ago first.
    Oldest,
    /// Stored last first.
    Created,
    /// Most given out first.
    MostUsed,
    /// Given out last first; without those that never were.
    LastUsed,
    /// Least sure first.
    LeastSure,
    /// Ending first; without those whose end is not known.
    Ending,
}

/// A part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many are left out before it.
    pub skip: usize,
    /// The most that it holds.
    pub limit: usize,
}

/// How many items a tenant has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All of them.
    pub items: u64,
    /// By status.
    pub by_status: BTreeMap<String, u64>,
    /// By kind.
    pub by_kind: BTreeMap<String, u64>,
    /// By project; the empty name stands for none.
    pub by_project: BTreeMap<String, u64>,
}

impl Store {
    /// The items that the filter admits.
    pub fn list(
        &self,
        tenant: &TenantId,
        filter: &Filter,
        order: Order,
        page: Page,
    ) -> Result<Vec<Item>, Error> {
        let now = self.clock.now();
        self.read("list", |connection| {
            let (query, parameters) = plan(tenant, filter, order);
            let mut statement = connection.prepare_cached(query)?;
            let parameters: Vec<&dyn ToSql> =
                parameters.iter().map(|value| value as &dyn ToSql).collect();
            let rows = statement.query_map(parameters.as_slice(), rows::read_item)?;
            rows.filter(|item| item.as_ref().map_or(true, |item| filter.admits(item, now)))
                .skip(page.skip)
                .take(page.limit)
                .collect()
        })
    }

    /// At most `limit` items after `after`, ascending, whatever their status: to walk all of them.
    pub fn walk(
        &self,
        tenant: &TenantId,
        after: Option<ItemId>,
        limit: usize,
    ) -> Result<Vec<Item>, Error> {
        self.read("list", |connection| walk(connection, tenant, after, limit))
    }

    /// How many items there are.
    pub fn counts(&self, tenant: &TenantId) -> Result<Counts, Error> {
        self.read("count", |connection| {
            let count = |query| {
                let mut statement = connection.prepare_cached(query)?;
                let rows = statement.query_map([tenant.as_str()], |row| {
                    let name: Option<String> = row.get(0)?;
                    let count: i64 = row.get(1)?;
                    Ok((name.unwrap_or_default(), u64::try_from(count).unwrap_or(0)))
                })?;
                rows.collect::<rusqlite::Result<BTreeMap<_, _>>>()
            };
            let by_status = count(queries::COUNT_STATUS)?;
            Ok(Counts {
                items: by_status.values().sum(),
                by_status,
                by_kind: count(queries::COUNT_KIND)?,
                by_project: count(queries::COUNT_PROJECT)?,
            })
        })
    }
}

/// At most `limit` items after `after`, ascending.
pub(super) fn walk(
    connection: &Connection,
    tenant: &TenantId,
    after: Option<ItemId>,
    limit: usize,
) -> rusqlite::Result<Vec<Item>> {
    let after = after.map_or(i64::MIN, ItemId::get);
    let mut statement = connection.prepare_cached(queries::WALK)?;
    let parameters = (tenant.as_str(), after, rows::limit(limit));
    let rows = statement.query_map(parameters, rows::read_item)?;
    rows.collect()
}

/// The query whose index narrows most, and its parameters. What it does not ask for, the filter
/// looks at row by row.
fn plan(tenant: &TenantId, filter: &Filter, order: Order) -> (&'static str, Vec<String>) {
    let tenant = tenant.as_str().to_owned();
    let query = match order {
        Order::Newest => {
            let project = filter.project.as_ref().map(ProjectId::to_string);
            let kind = filter.kind.as_ref().map(ToString::to_string);
            return match (project, kind, filter.intent, filter.status) {
                (Some(project), Some(kind), ..) => {
                    (queries::LIST_PROJECT_KIND, vec![tenant, project, kind])
                }
                (Some(project), ..) => (queries::LIST_PROJECT, vec![tenant, project]),
                (_, Some(kind), ..) => (queries::LIST_KIND, vec![tenant, kind]),
                (_, _, Some(intent), _) => (queries::LIST_INTENT, vec![tenant, intent.to_string()]),
                (_, _, _, Some(status)) => (queries::LIST_STATUS, vec![tenant, status.to_string()]),
                _ => (queries::LIST_NEWEST, vec![tenant]),
            };
        }
        Order::Oldest => queries::LIST_OLDEST,
        Order::Created => queries::LIST_CREATED,
        Order::MostUsed => queries::LIST_MOST_USED,
        Order::LastUsed => queries::LIST_LAST_USED,
        Order::LeastSure => queries::LIST_LEAST_SURE,
        Order::Ending => queries::LIST_ENDING,
    };
    (query, vec![tenant])
}
