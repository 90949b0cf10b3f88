//! Why a request has no answer.

use std::sync::Arc;
use std::time::Duration;

use cache::CacheStatus;
use inference::FailureKind;
use types::{Class, ModelId};
use wire::{ReplyKind, UpstreamErrorKind};

use crate::KnowledgeError;

/// A request could not be answered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The request is not one that the protocol allows.
    #[error(transparent)]
    Request(#[from] wire::Error),
    /// No key, a wrong one, or no money.
    #[error(transparent)]
    Budget(#[from] budget::Error),
    /// No provider could answer.
    #[error(transparent)]
    Inference(#[from] inference::Error),
    /// The document could not be analysed.
    #[error(transparent)]
    Analysis(#[from] ::analysis::Error),
    /// Something could not be learned, found or kept.
    #[error(transparent)]
    Knowledge(#[from] KnowledgeError),
    /// The body holds no document.
    #[error("the body holds no document: {reason}")]
    Document {
        /// What would be right.
        reason: &'static str,
    },
    /// A request cannot be answered as part of a batch.
    #[error("{reason}")]
    Batch {
        /// What would be right.
        reason: &'static str,
    },
    /// The model of this machine could not be used.
    #[error(transparent)]
    TextVectors(#[from] crate::TextVectorsError),
    /// The model of this machine is asked for and there is none.
    #[error("{model} is not installed here: run `forebay models pull` where the gateway runs")]
    NoLocalModel {
        /// The model that was asked for.
        model: ModelId,
    },
    /// The model of this machine gives vectors of another length.
    #[error("dimensions is {asked}, but {model} gives {dimensions}: leave dimensions out")]
    Dimensions {
        /// The model.
        model: ModelId,
        /// What was asked for.
        asked: u64,
        /// What it gives.
        dimensions: usize,
    },
    /// The key may not use this model.
    #[error("this key may not use the model {model}: use one it may, or ask whoever issued it")]
    ModelNotAllowed {
        /// The model that was asked for.
        model: ModelId,
    },
    /// The most that the answer can cost is more than can be counted.
    #[error("the worst case of this request costs more than can be counted: lower max_tokens or n")]
    Uncountable,
    /// The client wants a stored answer only and there is none.
    #[error("there is no stored answer and the request says only-if-cached")]
    NotStored,
    /// The task that was fetching the answer ended without one, or the gateway is stopping.
    #[error("the gateway gave this request up: send it again")]
    GivenUp,
    /// The request that this one shared an answer with has none.
    #[error(transparent)]
    Shared(Arc<Error>),
}

impl Error {
    /// What the failure asks of whoever sees it.
    pub fn class(&self) -> Class {
        match self {
            Self::Request(error) => error.class(),
            Self::Budget(error) => error.class(),
            Self::Inference(error) => error.class(),
            Self::Analysis(error) => error.class(),
            Self::Knowledge(error) => error.class(),
            Self::TextVectors(error) => error.class(),
            Self::Document { .. }
            | Self::Batch { .. }
            | Self::NoLocalModel { .. }
            | Self::Dimensions { .. }
            | Self::ModelNotAllowed { .. }
            | Self::Uncountable
            | Self::NotStored => Class::Caller,
            Self::GivenUp => Class::Busy,
            Self::Shared(error) => error.class(),
        }
    }

    /// The kind of error that the client is answered with.
    pub fn reply_kind(&self) -> ReplyKind {
        match self {
            Self::Request(wire::Error::NotStored { .. }) => ReplyKind::NotStored,
            Self::Request(error) => match error.class() {
                Class::Caller => ReplyKind::InvalidRequest,
                Class::Busy | Class::Upstream | Class::Fault => ReplyKind::Upstream,
            },
            Self::Budget(error) => budget_kind(error),
            Self::Inference(error) => inference_kind(error),
            Self::Knowledge(error) => knowledge_kind(error),
            Self::Analysis(::analysis::Error::TooLarge { .. }) => ReplyKind::TooLarge,
            Self::Analysis(_)
            | Self::Document { .. }
            | Self::Batch { .. }
            | Self::Dimensions { .. } => ReplyKind::InvalidRequest,
            Self::TextVectors(error) => text_vectors_kind(error),
            Self::NoLocalModel { .. } => ReplyKind::UnknownModel,
            Self::ModelNotAllowed { .. } => ReplyKind::Permission,
            Self::Uncountable => ReplyKind::InvalidRequest,
            Self::NotStored => ReplyKind::UpstreamTimeout,
            Self::GivenUp => ReplyKind::Overloaded,
            Self::Shared(error) => error.reply_kind(),
        }
    }

    /// How long to wait before asking again, where that may help.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Budget(
                budget::Error::Reserved { retry_after, .. }
                | budget::Error::RateLimited { retry_after, .. },
            ) => Some(*retry_after),
            Self::Inference(error) => error.retry_after(),
            Self::Shared(error) => error.retry_after(),
            Self::Request(_)
            | Self::Budget(_)
            | Self::Analysis(_)
            | Self::Knowledge(_)
            | Self::Document { .. }
            | Self::Batch { .. }
            | Self::TextVectors(_)
            | Self::NoLocalModel { .. }
            | Self::Dimensions { .. }
            | Self::ModelNotAllowed { .. }
            | Self::Uncountable
            | Self::NotStored
            | Self::GivenUp => None,
        }
    }

    /// Whether asking again cannot help, although the kind of error suggests it.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Budget(budget::Error::Exhausted { .. }) | Self::NotStored => true,
            Self::Shared(error) => error.is_final(),
            Self::Request(_)
            | Self::Budget(_)
            | Self::Inference(_)
            | Self::Analysis(_)
            | Self::Knowledge(_)
            | Self::Document { .. }
            | Self::Batch { .. }
            | Self::TextVectors(_)
            | Self::NoLocalModel { .. }
            | Self::Dimensions { .. }
            | Self::ModelNotAllowed { .. }
            | Self::Uncountable
            | Self::GivenUp => false,
        }
    }

    /// Whether the same request may have an answer later, because something is full or in use now.
    pub(crate) fn is_passing(&self) -> bool {
        if let Self::Shared(error) = self {
            return error.is_passing();
        }
        // What was given up once may be so each time.
        !matches!(self, Self::GivenUp)
            && matches!(
                self.reply_kind(),
                ReplyKind::RateLimited | ReplyKind::BudgetReserved | ReplyKind::Overloaded
            )
    }

    /// What the cache did, where that is why there is no answer.
    pub fn cache_status(&self) -> Option<CacheStatus> {
        matches!(self, Self::NotStored).then_some(CacheStatus::NotCached)
    }

    /// What the client is told: everything about its own request and about providers, nothing of
    /// this machine.
    pub fn told(&self) -> String {
        match self.class() {
            Class::Caller | Class::Busy | Class::Upstream => self.to_string(),
            Class::Fault => {
                "the gateway failed; its log has the reason under this request's id".to_owned()
            }
        }
    }

    /// What a log may hold: no words of a provider, which could repeat a prompt.
    pub fn logged(&self) -> String {
        match self {
            Self::Inference(error) => match error.failure() {
                Some(failure) => format!("a provider {}", failure.kind),
                None => "no provider could be asked".to_owned(),
            },
            Self::Request(wire::Error::Upstream(error)) => format!("a provider: {:?}", error.kind),
            Self::Shared(error) => error.logged(),
            Self::Request(_)
            | Self::Budget(_)
            | Self::Analysis(_)
            | Self::Knowledge(_)
            | Self::Document { .. }
            | Self::Batch { .. }
            | Self::TextVectors(_)
            | Self::NoLocalModel { .. }
            | Self::Dimensions { .. }
            | Self::ModelNotAllowed { .. }
            | Self::Uncountable
            | Self::NotStored
            | Self::GivenUp => types::chain(self),
        }
    }
}

fn budget_kind(error: &budget::Error) -> ReplyKind {
    match (error, error.class()) {
        (budget::Error::Exhausted { .. }, _) => ReplyKind::BudgetExhausted,
        (budget::Error::Reserved { .. }, _) => ReplyKind::BudgetReserved,
        (budget::Error::RateLimited { .. }, _) => ReplyKind::RateLimited,
        (budget::Error::Unauthorized, _) => ReplyKind::Authentication,
        (_, Class::Caller) => ReplyKind::InvalidRequest,
        // The ledger cannot be written now, as while the disk is full.
        (_, Class::Busy) => ReplyKind::Overloaded,
        (_, Class::Upstream | Class::Fault) => ReplyKind::Internal,
    }
}

fn knowledge_kind(error: &KnowledgeError) -> ReplyKind {
    match error.class() {
        Class::Caller if error.is_missing() => ReplyKind::NotFound,
        Class::Caller => ReplyKind::InvalidRequest,
        Class::Busy => ReplyKind::Overloaded,
        Class::Upstream => ReplyKind::Upstream,
        Class::Fault => ReplyKind::Internal,
    }
}

fn text_vectors_kind(error: &crate::TextVectorsError) -> ReplyKind {
    match error.class() {
        Class::Caller => ReplyKind::InvalidRequest,
        Class::Busy => ReplyKind::Overloaded,
        Class::Upstream | Class::Fault => ReplyKind::Internal,
    }
}

fn inference_kind(error: &inference::Error) -> ReplyKind {
    match (error, error.failure()) {
        (inference::Error::UnknownModel { .. }, _) => ReplyKind::UnknownModel,
        (inference::Error::Untranslatable { .. }, _) => ReplyKind::InvalidRequest,
        (_, Some(failure)) => failure_kind(failure.kind),
        // Nobody was asked, because everybody is resting or busy.
        (_, None) => ReplyKind::Overloaded,
    }
}

fn failure_kind(kind: FailureKind) -> ReplyKind {
    match kind {
        FailureKind::Timeout(_) => ReplyKind::UpstreamTimeout,
        FailureKind::Connect
        | FailureKind::Broken
        | FailureKind::Truncated
        | FailureKind::Rubbish => ReplyKind::Upstream,
        FailureKind::Upstream(kind) => match kind {
            UpstreamErrorKind::RateLimited => ReplyKind::RateLimited,
            UpstreamErrorKind::NotFound => ReplyKind::NotFound,
            UpstreamErrorKind::Forbidden => ReplyKind::Permission,
            UpstreamErrorKind::InvalidRequest | UpstreamErrorKind::Unsupported => {
                ReplyKind::InvalidRequest
            }
            UpstreamErrorKind::ContextLength => ReplyKind::ContextLength,
            UpstreamErrorKind::TooLarge => ReplyKind::TooLarge,
            UpstreamErrorKind::Overloaded => ReplyKind::Overloaded,
            UpstreamErrorKind::Timeout => ReplyKind::UpstreamTimeout,
            // The gateway's account at the provider is not the client's to mend.
            UpstreamErrorKind::OutOfMoney
            | UpstreamErrorKind::Authentication
            | UpstreamErrorKind::Unable
            | UpstreamErrorKind::Server => ReplyKind::Upstream,
        },
    }
}
