//! A database seen from outside: what it keeps, what it refuses, what it survives.
#![cfg(test)]

mod support;

mod bounds;
mod damage;
mod failures;
mod group_commit;
mod migration;
mod plans;
mod power_loss;
