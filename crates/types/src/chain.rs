//! An error in one line.

/// An error and its causes, outermost first, in one line.
///
/// A cause whose text its error already ends with is not repeated.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.ends_with(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("could not read the ledger")]
    struct Outer(#[source] io::Error);

    #[test]
    fn names_every_cause_once() {
        let error = Outer(io::Error::other("the disk is gone"));
        assert_eq!(chain(&error), "could not read the ledger: the disk is gone");
        let plain = io::Error::other("the disk is gone");
        assert_eq!(chain(&plain), "the disk is gone");
    }
}
