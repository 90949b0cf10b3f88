use super::*;

/// What is used after each of these looks at a file that held `before` at the start.
fn used(before: &str, looks: &[Option<&str>]) -> Vec<Option<String>> {
    let mut seen = Seen::default();
    seen.used(before.as_bytes().to_vec());
    let look = |content: &Option<&str>| {
        let content = content.map(|content| content.as_bytes().to_vec());
        seen.look(content).map(|used| String::from_utf8(used).unwrap())
    };
    looks.iter().map(look).collect()
}

#[test]
fn a_new_file_is_used_once_two_looks_agree() {
    let new = Some("new".to_owned());
    assert_eq!(used("old", &[Some("new"), Some("new"), Some("new")]), [None, new, None]);
    assert_eq!(used("old", &[Some("old"), Some("old")]), [None, None]);
}

#[test]
fn a_file_that_is_being_written_is_not_used() {
    let looks = [Some(""), Some("ne"), Some("new"), Some("old"), Some("old")];
    assert_eq!(used("old", &looks), [None, None, None, None, None]);
    let looks = [Some(""), None, None, Some("new"), Some("new")];
    assert_eq!(used("old", &looks), [None, None, None, None, Some("new".to_owned())]);
}

#[test]
fn an_empty_file_is_refused_and_one_of_comments_is_not() {
    let path = Path::new("config.toml");
    for empty in ["", " \n\t\n"] {
        let refusal = parsed(path, empty.as_bytes().to_vec()).unwrap_err().to_string();
        assert!(refusal.contains("config.toml is empty"), "{refusal}");
    }
    parsed(path, b"# the defaults\n".to_vec()).expect("comments state every default");
}
