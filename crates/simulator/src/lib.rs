//! A model provider for tests, demonstrations and load, with scripted faults.
#![forbid(unsafe_code)]
