//! Keeping an answer for whoever asks the same again.

use std::sync::Arc;

use bytes::Bytes;
use cache::{AnswerFacts, Ending, Entry, Form};
use types::Microdollars;
use wire::Finish;

use super::admit::Call;
use super::missed::Missed;
use super::recording::Recording;
use crate::Parts;

/// Stores the answer if it is one that may be stored.
pub(super) fn store(
    parts: &Parts,
    call: &Call,
    missed: &Missed,
    recording: Recording,
    cost: Microdollars,
) {
    let Some(key) = missed.key else { return };
    if missed.no_store || !parts.settings.cache_enabled {
        return;
    }
    if let Err(refusal) = parts.admission.answer(&facts(&recording)) {
        tracing::debug!(request_id = %call.request_id, ?refusal, "answer not stored");
        return;
    }
    // Who asks the same without a stream gets what it adds up to.
    if recording.form == Form::Stream
        && let Err(error) = wire::fold(call.request.protocol(), &recording.frames)
    {
        tracing::debug!(request_id = %call.request_id, %error, "answer not stored");
        return;
    }
    // Frames are cut from larger buffers of the network, which a stored slice would keep alive.
    let frames = recording.frames.iter().map(|frame| Bytes::copy_from_slice(frame)).collect();
    let entry = Entry {
        form: recording.form,
        frames,
        provider: recording.source.provider,
        model: recording.source.model,
        usage: recording.summary.usage.unwrap_or_default(),
        cost,
        origin: recording.source.origin,
        stored_at: parts.clock.now(),
    };
    parts.cache.put(key, Arc::new(entry));
}

fn facts(recording: &Recording) -> AnswerFacts {
    let summary = &recording.summary;
    let bytes = recording.frames.iter().map(|frame| frame.len() as u64).sum();
    AnswerFacts {
        complete: summary.complete,
        ending: match &summary.finish {
            Some(Finish::Stop | Finish::StopSequence) => Ending::Normal,
            Some(Finish::ToolCalls) => Ending::ToolCalls,
            Some(Finish::Length) => Ending::Length,
            Some(Finish::ContentFilter) => Ending::ContentFilter,
            Some(Finish::Other(_)) | None => Ending::Unknown,
        },
        has_tool_calls: summary.has_tool_calls,
        has_content: summary.has_content,
        bytes,
    }
}
