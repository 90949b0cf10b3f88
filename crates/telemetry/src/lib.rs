//! Metric names, log set-up and the Prometheus exporter.
#![forbid(unsafe_code)]
