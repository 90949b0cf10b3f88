//! Exact answer cache: key, tiers, admission, single-flight.
#![forbid(unsafe_code)]
