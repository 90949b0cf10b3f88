use proptest::prelude::*;

use super::*;

const AB: &str = "ab";

#[track_caller]
fn check_first(text: &str, expected: usize) {
    assert_eq!(window_end(text), expected);
}

#[test]
fn ends_where_it_says() {
    let filled = |length: usize, end: &str| {
        format!("{}{end}{}", "x".repeat(length), AB.repeat(WINDOW_BYTES))
    };
    check_first("", 0);
    check_first("one\ntwo", 7);
    check_first(&filled(100, "\n"), 101);
    check_first(&filled(100, "\r"), 101);
    check_first(&filled(100, "\r\n"), 102);
    check_first(&filled(100, " "), 101);
    check_first(&filled(100, "\u{3000}"), 103);
    check_first(&filled(100, "\n y"), 101);
    check_first(&filled(0, ""), WINDOW_BYTES);
    check_first(&filled(WINDOW_BYTES - 1, "\n"), WINDOW_BYTES);
    check_first(&filled(WINDOW_BYTES - 1, "\r\n"), WINDOW_BYTES - 1);
    check_first(&filled(WINDOW_BYTES - 1, "\r"), WINDOW_BYTES - 1);
    check_first(&filled(WINDOW_BYTES - 1, "é"), WINDOW_BYTES - 1);
}

proptest! {
    #![proptest_config(crate::testing::cases(32))]
    #[test]
    fn covers_the_text_without_parting_line_ends(
        parts in prop::collection::vec(("[aé \r\n]{0,9}", 0_usize..6_000), 1..9),
    ) {
        let text = parts.iter().map(|(part, times)| part.repeat(*times)).collect::<String>();
        let mut end = 0;
        for (start, window) in windows(&text) {
            prop_assert_eq!(start, end);
            prop_assert!((1..=WINDOW_BYTES).contains(&window.len()));
            end += window.len();
            prop_assert!(!(window.ends_with('\r') && text[end..].starts_with('\n')));
        }
        prop_assert_eq!(end, text.len());
    }

    #[test]
    fn places_agree_with_the_line_index(text in "[aé \r\n]{0,40}", cut in 0_usize..40) {
        let cut = text.floor_char_boundary(cut);
        let is_parted = text[..cut].ends_with('\r') && text[cut..].starts_with('\n');
        if !is_parted {
            let start = Position { line: 1, column: 1 };
            let expected = crate::LineIndex::new(&text).position(&text, cut);
            prop_assert_eq!(position_after(start, &text[..cut]), expected);
        }
    }
}
