//! The statements of the ledger.

pub(crate) const GET_BOOT: &str = "SELECT value FROM meta WHERE name = 'boot'";
pub(crate) const SET_BOOT: &str = "INSERT INTO meta (name, value) VALUES ('boot', ?1) \
     ON CONFLICT (name) DO UPDATE SET value = excluded.value";

pub(crate) const LARGEST_CHARGE: &str = "SELECT coalesce(max(id), 0) FROM charges";
pub(crate) const LAST_MONTH: &str = "SELECT max(month) FROM windows";
pub(crate) const BALANCES: &str = "SELECT tenant, kind, name, spent FROM windows WHERE month = ?1";
pub(crate) const LIMITS: &str = "SELECT tenant, kind, name, spend_limit FROM limits";

pub(crate) const SET_LIMIT: &str = "INSERT INTO limits (tenant, kind, name, spend_limit) \
     VALUES (?1, ?2, ?3, ?4) \
     ON CONFLICT (tenant, kind, name) DO UPDATE SET spend_limit = excluded.spend_limit";

/// Raises a lease; it is never below what is spent.
pub(crate) const GRANT: &str = "INSERT INTO windows (tenant, kind, name, month, spent, leased) \
     VALUES (?1, ?2, ?3, ?4, 0, ?5) \
     ON CONFLICT (tenant, kind, name, month) DO UPDATE SET leased = max(leased, excluded.leased)";
/// Lowers a lease.
pub(crate) const RETURN: &str = "UPDATE windows SET leased = max(spent, ?5) \
     WHERE tenant = ?1 AND kind = ?2 AND name = ?3 AND month = ?4";
pub(crate) const SPEND: &str = "INSERT INTO windows (tenant, kind, name, month, spent, leased) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?5) ON CONFLICT (tenant, kind, name, month) DO UPDATE SET \
     spent = spent + excluded.spent, leased = max(leased, spent + excluded.spent)";
pub(crate) const LEASE_MORE: &str = "UPDATE windows SET leased = leased + ?5 \
     WHERE tenant = ?1 AND kind = ?2 AND name = ?3 AND month = ?4";
pub(crate) const UNSPEND: &str = "UPDATE windows SET spent = spent - ?5 \
     WHERE tenant = ?1 AND kind = ?2 AND name = ?3 AND month = ?4";

/// Written again after a failure that may have been none, a charge counts once.
pub(crate) const CHARGE_ONCE: &str = "INSERT INTO charges \
     (id, request, at, month, kind, scope, tenant, team, project, developer, key, provider, \
     model, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, reserved, \
     cost, saved, origin) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, \
     ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23) ON CONFLICT (id) DO NOTHING";

pub(crate) const CHARGE_LEASE: &str = "INSERT INTO charges \
     (id, at, month, kind, scope, tenant, team, project, developer, reserved, cost) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10)";

pub(crate) const LEASED: &str = "SELECT leased - spent FROM windows \
     WHERE tenant = ?1 AND kind = ?2 AND name = ?3 AND month = ?4";
pub(crate) const OPEN_LEASES: &str =
    "SELECT tenant, kind, name, month, leased - spent AS free FROM windows WHERE leased > spent";

pub(crate) const UNRECONCILED: &str = "SELECT id, request, at, month, scope, tenant, team, \
     project, developer, provider, model, cost FROM charges INDEXED BY charges_unreconciled \
     WHERE kind = 'unreconciled' ORDER BY id";
pub(crate) const CHARGE: &str = "SELECT id, request, at, month, scope, tenant, team, \
     project, developer, provider, model, cost FROM charges \
     WHERE id = ?1 AND kind = 'unreconciled'";
pub(crate) const RECONCILE: &str =
    "UPDATE charges SET kind = 'reconciled', cost = ?2 WHERE id = ?1";

macro_rules! usage_by {
    ($group:literal, $scope:literal) => {
        concat!(
            "SELECT ",
            $group,
            " AS name, sum(scope IS NULL) AS requests, sum(kind = 'free') AS free, \
             sum(input) AS input, sum(cache_read) AS cache_read, \
             sum(cache_write_5m) AS cache_write_5m, sum(cache_write_1h) AS cache_write_1h, \
             sum(output) AS output, sum(reasoning) AS reasoning, sum(cost) AS cost, \
             sum(saved) AS saved FROM charges INDEXED BY charges_by_month \
             WHERE month = ?1 AND (?2 IS NULL OR tenant = ?2) AND (scope IS NULL OR scope = '",
            $scope,
            "') GROUP BY 1 ORDER BY 1"
        )
    };
}

pub(crate) const BY_DEVELOPER: &str = usage_by!("developer", "developer");
pub(crate) const BY_TEAM: &str = usage_by!("team", "team");
pub(crate) const BY_PROJECT: &str = usage_by!("project", "project");
pub(crate) const BY_MODEL: &str = usage_by!("model", "tenant");
pub(crate) const BY_DAY: &str = usage_by!("CAST(at / 86400000 AS TEXT)", "tenant");
