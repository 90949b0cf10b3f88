//! Which providers can answer for a model, and in which order.

use std::collections::BTreeSet;

use types::{ModelId, ProviderId};
use wire::{Edits, Operation, ProviderProtocol, Request};

use crate::{Error, InferenceSettings, ProviderSettings};

const SERVED_MAX: usize = 50;

/// Where a request may go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The first candidate's name for the model that was asked for: what a stored answer is of.
    pub resolved: ModelId,
    /// Who can answer, in the order in which they are asked; never empty.
    pub candidates: Vec<Candidate>,
}

/// A provider and its model for a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Candidate {
    /// The provider.
    pub provider: ProviderId,
    /// The protocol it speaks.
    pub protocol: ProviderProtocol,
    /// Its name for the model.
    pub model: ModelId,
    /// The most output tokens that the model writes, where that is known: a larger limit, which its
    /// provider would refuse, is lowered to it unless the client asks for this very model in the
    /// provider's own protocol. Default: none.
    pub max_output: Option<u64>,
}

/// A name that requests may use, for the list of models.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServedModel {
    /// The name.
    pub id: ModelId,
    /// The provider that is asked first for it.
    pub provider: ProviderId,
}

impl Route {
    /// The route without those whose protocol has nothing like what is asked for. Whether a chat
    /// can be translated is seen when it is, so none of its candidates is left out.
    pub(crate) fn able(mut self, request: &Request) -> Result<Self, Error> {
        if request.operation() == Operation::Chat {
            return Ok(self);
        }
        let mut refusal = None;
        self.candidates.retain(|candidate| {
            let encoded = request.encode_for(candidate.protocol, &Edits::default());
            encoded.map_err(|error| refusal.get_or_insert(error)).is_ok()
        });
        if let Some(first) = self.candidates.first() {
            self.resolved = first.model.clone();
        } else if let Some(source) = refusal {
            return Err(Error::Untranslatable { source });
        }
        Ok(self)
    }
}

/// The native provider first, then the chain in order, each with its own name for the model.
pub(crate) fn route(settings: &InferenceSettings, asked: &str) -> Result<Route, Error> {
    let unknown = || Error::UnknownModel { asked: bounded(asked), served: served(settings) };
    let model = ModelId::new(asked).map_err(|_| unknown())?;
    let candidates = candidates(settings, &model);
    let resolved = candidates.first().ok_or_else(unknown)?.model.clone();
    Ok(Route { resolved, candidates })
}

fn candidates(settings: &InferenceSettings, model: &ModelId) -> Vec<Candidate> {
    let native = settings.chain.iter().position(|provider| provider.is_native(model));
    let head = native.and_then(|index| settings.chain.get(index));
    let rest = settings.chain.iter().enumerate().filter(|(index, _)| Some(*index) != native);
    head.into_iter()
        .chain(rest.map(|(_, provider)| provider))
        .filter_map(|provider| candidate(provider, model))
        .collect()
}

fn candidate(provider: &ProviderSettings, model: &ModelId) -> Option<Candidate> {
    let model = provider.model_for(model)?;
    let (id, protocol) = (provider.id.clone(), provider.protocol);
    Some(Candidate { provider: id, protocol, model, max_output: None })
}

/// Every name that is spelt out in the settings and has a route, in order of name.
pub(crate) fn models(settings: &InferenceSettings) -> Vec<ServedModel> {
    names(settings)
        .into_iter()
        .filter_map(|id| {
            let route = route(settings, id.as_str()).ok()?;
            let provider = route.candidates.into_iter().next()?.provider;
            Some(ServedModel { id, provider })
        })
        .collect()
}

fn names(settings: &InferenceSettings) -> BTreeSet<ModelId> {
    let natives = settings.chain.iter().flat_map(|provider| &provider.native);
    let spelt = natives.filter_map(|models| match models {
        crate::NativeModels::One(model) => Some(model),
        crate::NativeModels::Prefix(_) | crate::NativeModels::All => None,
    });
    let mapped = settings.chain.iter().flat_map(|provider| provider.models.keys());
    spelt.chain(mapped).cloned().collect()
}

/// What an error lists: names and patterns, at most fifty.
fn served(settings: &InferenceSettings) -> Vec<String> {
    let natives = settings.chain.iter().flat_map(|provider| &provider.native);
    let patterns: BTreeSet<String> = natives.map(ToString::to_string).collect();
    let names = names(settings).into_iter().map(|name| name.to_string());
    let mut served: Vec<String> = patterns.into_iter().chain(names).collect();
    served.sort();
    served.dedup();
    served.truncate(SERVED_MAX);
    served
}

fn bounded(asked: &str) -> String {
    asked.chars().filter(|letter| !letter.is_control()).take(128).collect()
}

#[cfg(test)]
mod tests;
