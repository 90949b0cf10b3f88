//! The protocols over HTTP, limits and the local control socket.
#![forbid(unsafe_code)]
