//! The configuration file: where it is found, and what is said of a wrong one.

use serde_json::Value;

use crate::place::{Place, assert_holds, end_of, parse};

/// What `config check --json` tells with these variables in the environment as well.
async fn checked(place: &Place, variables: &[(&str, &str)], arguments: &[&str]) -> Value {
    let mut command = place.command(&[&["config", "check", "--json"], arguments].concat());
    command.envs(variables.iter().copied());
    let ran = end_of(command).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    parse(&ran.out)
}

/// A file in the home directory, as it is named from anywhere.
fn write(place: &Place, file: &str, text: &str) -> String {
    let path = place.home(file);
    fs_err::create_dir_all(path.parent().unwrap()).unwrap();
    fs_err::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_is_a_good_configuration_that_changes_nothing() {
    let place = Place::new();
    let mut without = place.json(&["config", "check"]).await;
    assert_eq!(without["file"], Value::Null);
    let example = place.good(&["config", "example"]).await;
    assert_holds(&example, &["# [server]", "# listen = \"127.0.0.1:4180\"", "# [[prices]]"]);
    let path = write(&place, ".config/forebay/config.toml", &example);
    let with = place.json(&["config", "check"]).await;
    without["file"] = path.clone().into();
    assert_eq!(with, without);
    let text = place.good(&["config", "check"]).await;
    assert_holds(&text, &[&format!("{path} is good"), "127.0.0.1:4180", "GROQ_API_KEY"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_is_the_one_that_is_named_nearest() {
    let place = Place::new();
    let [argument, variable, xdg, home] = ["a.toml", "b.toml", "xdg/forebay/config.toml", ""]
        .map(|file| if file.is_empty() { ".config/forebay/config.toml" } else { file })
        .map(|file| write(&place, file, &format!("# {file}")));
    let xdg_home = place.home("xdg").to_str().unwrap().to_owned();
    let mut variables = vec![("FOREBAY_CONFIG", variable.as_str()), ("XDG_CONFIG_HOME", &xdg_home)];
    let file = |checked: Value| checked["file"].as_str().unwrap().to_owned();
    let arguments = ["--config", argument.as_str()];
    assert_eq!(file(checked(&place, &variables, &arguments).await), argument);
    assert_eq!(file(checked(&place, &variables, &[]).await), variable);
    variables.remove(0);
    assert_eq!(file(checked(&place, &variables, &[]).await), xdg);
    assert_eq!(file(checked(&place, &[], &[]).await), home);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_data_directory_is_the_one_that_is_named_nearest() {
    let place = Place::new();
    let file = write(&place, "c.toml", "[data]\ndirectory = \"/from/file\"");
    let variables = [("FOREBAY_DATA", "/from/variable"), ("XDG_DATA_HOME", "/from/xdg")];
    let directory = |checked: Value| checked["data_directory"].as_str().unwrap().to_owned();
    let (config, data) = (["--config", file.as_str()], ["--data", "from/argument"]);
    let both = [config, data].concat();
    let relative = place.home("from/argument").canonicalize();
    assert!(relative.is_err(), "a check has made the directory");
    let expected = place.home("from/argument").to_str().unwrap().to_owned();
    assert_eq!(directory(checked(&place, &variables, &both).await), expected);
    assert_eq!(directory(checked(&place, &variables, &config).await), "/from/variable");
    assert_eq!(directory(checked(&place, &variables[1..], &config).await), "/from/file");
    assert_eq!(directory(checked(&place, &variables[1..], &[]).await), "/from/xdg/forebay");
    let default = place.data().to_str().unwrap().to_owned();
    assert_eq!(directory(checked(&place, &[], &[]).await), default);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_is_named_with_data_is_the_one_that_is_used() {
    let place = Place::new();
    place.good(&["keys", "create", "--developer", "ada", "--data", "elsewhere"]).await;
    assert!(place.home("elsewhere/ledger.db").exists());
    assert!(!place.data().exists());
    let listed = place.json(&["keys", "list", "--data", "elsewhere"]).await;
    assert_eq!(listed["keys"][0]["principal"]["developer"], "ada");
}

/// A wrong configuration, and what the error must name: the option, and what would be right.
const WRONG: [(&str, &[&str]); 18] = [
    ("[server]\nlisten_on = '127.0.0.1:1'", &["listen_on", "line 2", "forebay config example"]),
    ("[sever]\nlisten = '127.0.0.1:1'", &["sever", "`server`"]),
    ("[server\nlisten = '127.0.0.1:1'", &["line 1", "forebay config example"]),
    ("[server]\nlisten = 4180", &["listen = 4180", "expected socket address"]),
    ("[server]\nlisten = 'localhost'", &["listen = 'localhost'", "socket address"]),
    ("[server]\nconnections_max = 'many'", &["connections_max", "expected usize"]),
    ("[server]\nconnections_max = 0", &["server.connections_max", "at least 1"]),
    ("[budget]\ndeveloper_limit_usd = '8,33'", &["budget.developer_limit_usd", "8.33"]),
    ("[budget]\nlease_usd = '0'", &["budget.lease_usd", "at least 1"]),
    ("[providers.local]\nbase_url = 'nowhere'", &["providers.local.base_url", "http"]),
    (
        "[providers.local]\nbase_url = 'http://models.example/v1'",
        &["local", "base_url", "https", "allow_plain_http"],
    ),
    (
        "[providers.local]\nbase_url = 'https://10.0.0.1/v1'",
        &["local", "base_url", "allow_private_addresses"],
    ),
    (
        "chain = ['new']\n[providers.new]\nbase_url = 'https://models.example/v1'",
        &["providers.new.protocol", "must be openai-chat, openai-responses"],
    ),
    ("chain = ['grok']", &["chain", "grok", "no section"]),
    ("[log]\nlevel = 'loud=very'", &["log", "loud=very", "error, warn, info, debug"]),
    ("[[prices]]\nprovider = 'local'\nmodel = 'm'\ninput_usd = '1'", &["output_usd"]),
    (
        "[knowledge]\nqdrant_url = 'http://localhost:6334'\nqdrant_index = 'ours-2'",
        &["knowledge.qdrant_index", "without - and a number at the end"],
    ),
    (
        "[knowledge]\nqdrant_url = 'http://localhost:6334'\nqdrant_index = 'of/ours'",
        &["knowledge.qdrant_index", "letters, digits"],
    ),
];

/// What `config check` finds is what `serve` refuses.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_configuration_is_told_with_the_option_and_what_to_do() {
    for (text, parts) in WRONG {
        let place = Place::new();
        write(&place, ".config/forebay/config.toml", text);
        for arguments in [["config", "check"].as_slice(), &["serve"]] {
            let refusal = place.refused(arguments).await;
            assert_holds(&refusal, parts);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_named_must_exist() {
    let place = Place::new();
    let refusal = place.refused(&["config", "check", "--config", "nowhere.toml"]).await;
    assert_holds(&refusal, &["could not read the configuration", "nowhere.toml"]);
}
