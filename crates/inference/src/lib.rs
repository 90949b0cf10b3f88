//! Providers, routing, circuit breakers, retries and fail-over.
#![forbid(unsafe_code)]
