//! What a model is asked to do.

/// What a request asks of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Go on with a conversation.
    Chat,
    /// Turn texts into vectors: `POST /v1/embeddings`, which only OpenAI's protocol has.
    Embeddings,
}
