use proptest::prelude::*;

use super::*;

fn read(fragments: &[&str]) -> String {
    let mut input = CustomInput::default();
    let mut read: String = fragments.iter().map(|fragment| input.push(fragment)).collect();
    read.push_str(&input.finish());
    read
}

proptest! {
    #[test]
    fn any_input_is_read_wherever_its_arguments_are_split(text: String, ascii: bool, at: usize) {
        let mut written = arguments(&text).to_string();
        if ascii {
            let escaped = |character: char| {
                let units = character.encode_utf16(&mut [0; 2]).to_vec();
                units.iter().map(|unit| format!("\\u{unit:04X}")).collect::<String>()
            };
            let body: String = text.chars().map(escaped).collect();
            written = format!(" {{ \"input\"\n: \"{body}\" }}");
        }
        let at = written.floor_char_boundary(at % (written.len() + 1));
        prop_assert_eq!(read(&[&written[..at], &written[at..]]), text.clone());
        let single: Vec<String> = written.chars().map(String::from).collect();
        prop_assert_eq!(read(&single.iter().map(String::as_str).collect::<Vec<_>>()), text);
    }
}

#[test]
fn the_input_is_given_as_it_comes() {
    let mut input = CustomInput::default();
    let fragments = ["{\"in", "put\": \"*** Be", "gin\\", "n+\\ud83d", "\\ude00 ", "x\"", "}"];
    let given = fragments.map(|fragment| input.push(fragment));
    assert_eq!(given, ["", "*** Be", "gin", "\n+", "😀 ", "x", ""]);
    assert_eq!(input.finish(), "");
}

#[test]
fn an_input_that_is_cut_or_badly_escaped_is_given_as_far_as_it_is_one() {
    assert_eq!(read(&["{\"input\": \"*** Begin\\"]), "*** Begin");
    assert_eq!(read(&["{\"input\":\"a\\u00"]), "a");
    assert_eq!(read(&["{\"input\":\"\\ud83dx\\ud83d\\n\\ud83d"]), "\u{fffd}x\u{fffd}\n\u{fffd}");
    assert_eq!(read(&["{\"input\":\"a\nb\\d+\\uzz\u{e9}c\"}"]), "a\nb\\d+\\uzz\u{e9}c");
    assert_eq!(read(&["{\"input\":\"a\",\"input\":\"b\"}"]), "a");
}

#[test]
fn arguments_of_another_form_are_the_model_s_own_words() {
    assert_eq!(read(&["{\"reason\":\"r\",", "\"input\":\"a\\n\"}"]), "a\n");
    for text in
        ["", "{}", "*** Begin Patch\n", "{\"patch\":\"a\"}", "{\"input\":7}", "\"a\"", "{\"in"]
    {
        assert_eq!(read(&[text]), text);
    }
}
