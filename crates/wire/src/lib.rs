//! The protocols of language models: codecs, SSE framing, splices and translation.
#![forbid(unsafe_code)]
