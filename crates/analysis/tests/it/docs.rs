//! The page about analysis says what the code does.

use std::fmt::Write as _;
use std::path::Path;

use forebay_analysis::{Profile, RuleSet};

const PAGE: &str = "docs/analysis.md";
const BEGIN: &str = "<!-- rules -->\n";
const END: &str = "<!-- /rules -->\n";

/// `UPDATE_EXPECT=1` writes the table anew.
#[test]
fn the_table_of_rules_is_that_of_the_library() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(PAGE);
    let page = fs_err::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (found, after) = rest.split_once(END).unwrap();
    let table = table();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs_err::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
    } else {
        assert_eq!(found, table, "run the test with UPDATE_EXPECT=1");
    }
}

#[test]
fn the_table_of_profiles_is_that_of_the_library() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(PAGE);
    let page = fs_err::read_to_string(page).unwrap();
    for profile in Profile::ALL {
        let weights = serde_json::to_value(profile.weights()).unwrap();
        let order = ["structure", "completeness", "clarity", "consistency"];
        let order = order.iter().chain(&["integrity", "safety", "uniqueness", "retrievability"]);
        let mut row = format!("| `{}` |", profile.name());
        for name in order {
            write!(row, " {} |", weights[name].as_f64().unwrap()).unwrap();
        }
        assert!(page.contains(&row), "{row}");
    }
}

fn table() -> String {
    let mut table = String::from("| rule | category | severity | finds | suggests |\n");
    table.push_str("|---|---|---|---|---|\n");
    for rule in RuleSet::builtin().unwrap().infos() {
        let [category, severity] =
            [serde_json::to_value(rule.category), serde_json::to_value(rule.severity)]
                .map(|name| name.unwrap().as_str().unwrap().to_owned());
        let [finds, suggests] =
            [&rule.description, &rule.suggestion].map(|text| text.replace('|', "\\|"));
        writeln!(table, "| `{}` | {category} | {severity} | {finds} | {suggests} |", rule.id)
            .unwrap();
    }
    table
}
