//! `/v1/knowledge…` and `/v1/classify`: what the tenant of the key knows.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::Request;
use axum::http::request::Parts;
use axum::response::Response;
use orchestrator::{
    AskedLabels, Band, Example, Filter, Intent, ItemId, ItemStatus, Kind, KnowledgeAction, NewItem,
    NewMaterial, Query as Question,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use types::{ProjectId, Timestamp};
use wire::Protocol;

use super::Api;
use super::answer::{Received, receive};
use super::reply::{Refusal, Reply};

/// Items of a list at most.
const LIST_MAX: usize = 1_000;
/// Items of a list where nobody says how many.
const LIST_DEFAULT: usize = 50;
/// Texts of one classification at most.
const TEXTS_MAX: usize = 256;

/// `GET /v1/knowledge`
pub(super) async fn list(State(api): State<Arc<Api>>, request: Request<Body>) -> Response {
    act(&api, request, |head, _| {
        let asked = Query::<ListQuery>::try_from_uri(&head.uri).map_err(malformed)?;
        Ok(asked.0.into())
    })
    .await
}

/// `POST /v1/knowledge`
pub(super) async fn add(State(api): State<Arc<Api>>, request: Request<Body>) -> Response {
    act(&api, request, |_, body| read::<NewItem>(body).map(KnowledgeAction::Add)).await
}

/// `POST /v1/knowledge/search`
pub(super) async fn search(State(api): State<Arc<Api>>, request: Request<Body>) -> Response {
    act(&api, request, |_, body| question(body).map(KnowledgeAction::Search)).await
}

/// `POST /v1/knowledge/ask`
pub(super) async fn ask(State(api): State<Arc<Api>>, request: Request<Body>) -> Response {
    act(&api, request, |_, body| question(body).map(KnowledgeAction::Ask)).await
}

/// `POST /v1/knowledge/learn`
pub(super) async fn learn(State(api): State<Arc<Api>>, request: Request<Body>) -> Response {
    act(&api, request, |_, body| read::<NewMaterial>(body).map(KnowledgeAction::Learn)).await
}

/// `POST /v1/classify`
pub(super) async fn classify(State(api): State<Arc<Api>>, request: Request<Body>) -> Response {
    act(&api, request, |_, body| read::<Texts>(body)?.try_into()).await
}

/// `GET /v1/knowledge/{id}`
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    Path(id): Path<i64>,
    request: Request<Body>,
) -> Response {
    let ids = vec![ItemId::new(id)];
    act(&api, request, |_, _| Ok(KnowledgeAction::Show { ids })).await
}

/// `PATCH /v1/knowledge/{id}`
pub(super) async fn update(
    State(api): State<Arc<Api>>,
    Path(id): Path<i64>,
    request: Request<Body>,
) -> Response {
    act(&api, request, |_, body| Ok(read::<Change>(body)?.of(ItemId::new(id)))).await
}

/// `DELETE /v1/knowledge/{id}`
pub(super) async fn forget(
    State(api): State<Arc<Api>>,
    Path(id): Path<i64>,
    request: Request<Body>,
) -> Response {
    act(&api, request, |_, _| Ok(KnowledgeAction::Forget { id: ItemId::new(id) })).await
}

/// The one path of all of them: who asks, what for, what came of it.
async fn act(
    api: &Api,
    request: Request<Body>,
    read: impl FnOnce(&Parts, &Bytes) -> Result<KnowledgeAction, Refusal>,
) -> Response {
    let request_id = api.request_ids.next();
    let reply = Reply::new(Protocol::OpenAiChat, &request_id);
    let Received { principal, head, body } = match receive(api, &reply, request).await {
        Ok(received) => received,
        Err(refused) => return *refused,
    };
    match read(&head, &body) {
        Ok(action) => match api.gateway.know(principal, action).await {
            Ok(outcome) => reply.document(&outcome.document()),
            Err(error) => reply.failed(&error),
        },
        Err(refusal) => reply.refused(&refusal),
    }
}

fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(malformed)
}

/// What serde says names fields and types, and repeats no more than a value that does not fit.
fn malformed(error: impl std::fmt::Display) -> Refusal {
    Refusal::Malformed { reason: error.to_string() }
}

fn question(body: &Bytes) -> Result<Question, Refusal> {
    let query: Question = read(body)?;
    if query.text.trim().is_empty() {
        return Err(malformed("text is empty"));
    }
    if query.limit > LIST_MAX {
        return Err(malformed(format_args!("limit is at most {LIST_MAX}")));
    }
    Ok(query)
}

/// The query string of a list.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ListQuery {
    project: Option<ProjectId>,
    kind: Option<Kind>,
    intent: Option<Intent>,
    status: Option<ItemStatus>,
    band: Option<Band>,
    /// Milliseconds since 1970.
    as_of: Option<u64>,
    skip: usize,
    limit: Option<usize>,
}

impl From<ListQuery> for KnowledgeAction {
    fn from(asked: ListQuery) -> Self {
        let ListQuery { project, kind, intent, status, band, as_of, skip, limit } = asked;
        let as_of = as_of.map(Timestamp::from_millis);
        let filter = Filter { project, kind, intent, status, band, as_of };
        Self::List { filter, skip, limit: limit.unwrap_or(LIST_DEFAULT).min(LIST_MAX) }
    }
}

/// What an update says.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Change {
    /// New words in the place of the old.
    Content(String),
    /// Whether it holds: now and from now on, or no longer.
    Holds(bool),
}

impl Change {
    fn of(self, id: ItemId) -> KnowledgeAction {
        match self {
            Self::Content(content) => KnowledgeAction::Edit { id, content },
            Self::Holds(true) => KnowledgeAction::Confirm { id },
            Self::Holds(false) => KnowledgeAction::Invalidate { id },
        }
    }
}

/// Texts to classify.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Texts {
    texts: Vec<String>,
    #[serde(default)]
    labels: BuiltIn,
    /// The caller's own labels, by examples.
    examples: Option<Vec<Example>>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum BuiltIn {
    #[default]
    Intents,
    Trajectories,
}

impl TryFrom<Texts> for KnowledgeAction {
    type Error = Refusal;

    fn try_from(asked: Texts) -> Result<Self, Refusal> {
        if !(1..=TEXTS_MAX).contains(&asked.texts.len()) {
            return Err(malformed(format_args!("texts are 1 to {TEXTS_MAX}")));
        }
        let labels = match (asked.examples, asked.labels) {
            (Some(examples), _) => AskedLabels::Examples(examples),
            (None, BuiltIn::Intents) => AskedLabels::Intents,
            (None, BuiltIn::Trajectories) => AskedLabels::Trajectories,
        };
        Ok(Self::Classify { texts: asked.texts, labels })
    }
}
