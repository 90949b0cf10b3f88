//! Where a piece of work stands.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::intent::names;

names!(
    /// Where a piece of work of an agent or a person stands.
    Trajectory, "trajectory state",
    "exploring, implementing, debugging, testing, verifying, documenting, refactoring, on_track, \
     off_track or blocked",
    {
        /// Reads and searches.
        Exploring = "exploring",
        /// Writes the thing itself.
        Implementing = "implementing",
        /// Looks for the cause of a fault.
        Debugging = "debugging",
        /// Writes or runs tests.
        Testing = "testing",
        /// Checks that what was built is what was asked for.
        Verifying = "verifying",
        /// Writes for readers.
        Documenting = "documenting",
        /// Changes the shape of code and not what it does.
        Refactoring = "refactoring",
        /// Goes as planned.
        OnTrack = "on_track",
        /// Does something else than was asked for.
        OffTrack = "off_track",
        /// Cannot go on without something from outside.
        Blocked = "blocked",
    }
);
