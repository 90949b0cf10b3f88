//! Inference against the simulator: real sockets, real time-outs, scripted faults.

mod addresses;
mod breaker;
mod budget;
mod bytes;
mod cancel;
mod matrix;
mod secrets;
mod streams;
mod world;
