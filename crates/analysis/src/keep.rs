//! Keeping some of a list.

/// Keeps the items that `is_kept` says yes to, given their places, in their order.
///
/// Unlike [`Vec::retain`] it has no branch, because nobody can foresee which ones of many are kept:
/// one that is not is overwritten by the next one.
#[inline]
pub(crate) fn keep<T: Copy>(items: &mut Vec<T>, is_kept: impl Fn(usize, T) -> bool) {
    let mut kept = 0;
    for place in 0..items.len() {
        let item = items[place];
        items[kept] = item;
        kept += usize::from(is_kept(place, item));
    }
    items.truncate(kept);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn keeps_what_retain_does(flags in prop::collection::vec(any::<bool>(), 0..40)) {
            let mut items: Vec<_> = (0..).zip(flags.iter().copied()).collect();
            let mut expected = items.clone();
            expected.retain(|(_, flag)| *flag);
            keep(&mut items, |place, item| flags[place] && item.1);
            prop_assert_eq!(items, expected);
        }
    }
}
