//! Documents by the folder and by the million: reading them, analysing them in parallel, and
//! reporting.
#![forbid(unsafe_code)]
