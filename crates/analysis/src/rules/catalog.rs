//! The built-in rules, by category.

mod formatting;
mod linguistic;
mod phrases;
mod safety;
mod secrets;
mod semantic;
mod structural;
mod technical;

use crate::rules::rule::Rule;

/// The rule whose findings are ignores that name no rule.
pub(super) const UNKNOWN_IGNORE: &str = "unknown-ignore";

/// All of them, in the order in which they are listed.
pub(super) fn catalog() -> impl Iterator<Item = &'static Rule> {
    [
        structural::RULES,
        linguistic::RULES,
        technical::RULES,
        formatting::RULES,
        semantic::RULES,
        safety::RULES,
        secrets::RULES,
    ]
    .into_iter()
    .flatten()
}
