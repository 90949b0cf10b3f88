//! Whom a request charges.

use std::sync::Arc;

use types::Principal;

use crate::AccountId;

/// Every account that a request of one principal charges: developer, project, team, tenant.
#[derive(Clone, Debug)]
pub struct AccountPath(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    principal: Principal,
    accounts: Vec<AccountId>,
}

impl AccountPath {
    /// The accounts of `principal`, the nearest first.
    pub fn of(principal: &Principal) -> Self {
        let tenant = &principal.tenant;
        let project = principal.project.as_ref().map(|name| AccountId::project(tenant, name));
        let team = principal.team.as_ref().map(|name| AccountId::team(tenant, name));
        let mut accounts = vec![AccountId::developer(tenant, &principal.developer)];
        accounts.extend(project);
        accounts.extend(team);
        accounts.push(AccountId::tenant(tenant));
        Self(Arc::new(Parts { principal: principal.clone(), accounts }))
    }

    /// On whose behalf.
    pub fn principal(&self) -> &Principal {
        &self.0.principal
    }

    /// The accounts, the nearest first.
    pub fn accounts(&self) -> &[AccountId] {
        &self.0.accounts
    }
}
