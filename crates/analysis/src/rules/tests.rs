mod examples;
mod expand;

pub(super) use self::expand::Expander;
