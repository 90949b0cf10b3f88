//! What can be done with what a team knows, whichever way it is asked for.
//!
//! The command line, the endpoints and the tools of agents are thin: each turns what it is given
//! into a [`KnowledgeAction`] and shows the [`KnowledgeOutcome`].

mod action;
mod carry_out;
mod classify;
mod language_model;
mod outcome;

use std::collections::BTreeSet;

use types::{Principal, TenantId};

pub use action::{AskedLabels, KnowledgeAction, KnowledgeCommand, NewItem, NewMaterial};
pub use outcome::{AddedItem, KnowledgeOutcome};

use crate::{Error, Gateway, KnowledgeError};
use carry_out::Desk;
use language_model::LanguageModel;

impl Gateway {
    /// Does something that whoever owns the data directory asks for. A model that is asked is paid
    /// by the tenant's built-in developer.
    ///
    /// # Errors
    /// As [`Self::know`].
    pub async fn carry_out(&self, command: KnowledgeCommand) -> Result<KnowledgeOutcome, Error> {
        let KnowledgeCommand { tenant, action } = command;
        self.know(Self::owner(tenant, None), action).await
    }

    /// Answers the questions that were asked most before anybody asks them again; loads the model
    /// for it where anything is known at all. Does not wait for it.
    pub fn prewarm_knowledge(&self) {
        let gateway = self.clone();
        drop(self.spawn_blocking(move || {
            if let Err(error) = gateway.prewarm_now() {
                // Whoever asks first waits a little longer and is told the same.
                tracing::warn!(error = types::chain(&error), "could not prewarm knowledge");
            }
        }));
    }

    fn prewarm_now(&self) -> Result<(), KnowledgeError> {
        let parts = self.parts();
        let keys = parts.keys.list().into_iter().map(|key| key.principal.tenant);
        let keyless = parts.settings.keyless.iter().map(|local| local.tenant.clone());
        let tenants: BTreeSet<TenantId> = keys.chain(keyless).collect();
        if parts.knowledge.is_empty(&tenants)? {
            return Ok(());
        }
        let base = parts.knowledge.base()?;
        let weights = &parts.settings.knowledge.weights;
        tenants.iter().try_for_each(|tenant| base.prewarm(tenant, weights))
    }

    /// Does something with what the principal's tenant knows. Where a model is asked, it is asked on
    /// behalf of `principal`, who pays.
    ///
    /// # Errors
    /// [`Error::Knowledge`]; what the gateway says of a model that is asked.
    pub async fn know(
        &self,
        principal: Principal,
        action: KnowledgeAction,
    ) -> Result<KnowledgeOutcome, Error> {
        if self.is_stopping() {
            return Err(Error::GivenUp);
        }
        let gateway = self.clone();
        let runtime = tokio::runtime::Handle::current();
        // Files are read and vectors computed on a thread that may block.
        let work = self.spawn_blocking(move || {
            let parts = gateway.parts();
            let base = parts.knowledge.base()?;
            let settings = &parts.settings.knowledge;
            let model = |id| LanguageModel::new(&gateway, &principal, &runtime, id);
            Desk {
                base: &base,
                tenant: &principal.tenant,
                clock: &parts.clock,
                weights: &settings.weights,
                answers: settings.answer_model.as_ref().map(model),
                extracts: settings.extraction_model.as_ref().map(model),
                classifies: settings.classification_model.as_ref().map(model),
                confidence_min: settings.classification_confidence_min,
            }
            .carry_out(action)
        });
        // It fails only where the work panicked or the runtime ends.
        work.await.unwrap_or(Err(Error::GivenUp))
    }
}
