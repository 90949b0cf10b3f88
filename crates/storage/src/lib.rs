//! The only door to SQLite: one writer thread with group commit and a pool of readers.
#![forbid(unsafe_code)]
