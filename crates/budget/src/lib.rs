//! Accounts, virtual keys, prices, reservations and the durable ledger.
#![forbid(unsafe_code)]
