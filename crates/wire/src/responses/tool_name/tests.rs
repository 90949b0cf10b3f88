use super::*;

fn flat(namespace: &str, name: &str) -> String {
    let namespace = Some(namespace.to_owned());
    ToolName { namespace, name: name.to_owned(), is_custom: false }.flat()
}

#[test]
fn a_name_is_behind_its_namespace() {
    let alone = ToolName { namespace: None, name: "a.b".to_owned(), is_custom: true };
    assert_eq!(alone.flat(), "a.b");
    assert_eq!(flat("mcp__tracker", "search"), "mcp__tracker__search");
    assert_eq!(flat("mcp__tracker__", "search"), "mcp__tracker__search");
}

#[test]
fn what_not_every_provider_takes_is_shortened() {
    let longest = "n".repeat(MAX_NAME_BYTES - "mcp__".len());
    assert_eq!(flat("mcp", &longest), format!("mcp__{longest}"));
    let names = [
        flat("mcp", &format!("{longest}n")),
        flat("mcp", &format!("{longest}nn")),
        flat("mcq", &format!("{longest}n")),
        flat("mcp", "über.prüfen"),
        flat("mcp", "uber.prufen"),
        flat("1password", "read"),
        flat("-", ""),
        flat("日本", &"語".repeat(40)),
    ];
    for name in &names {
        assert!(is_taken_everywhere(name), "{name}");
        assert_eq!(names.iter().filter(|other| *other == name).count(), 1, "{name}");
    }
    assert_eq!(names[5], "_7114ba1e_1password__read");
}
