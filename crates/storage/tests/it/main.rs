//! A database seen from outside: what it keeps, what it refuses, what it survives.
#![cfg(test)]

mod support;

mod group_commit;
