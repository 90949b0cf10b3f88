use super::*;

const RAW: &str = "#[derive(Debug, Deserialize)] struct RawServer { listen: String }";
const RAW_FILE: &str = "crates/o/src/config/raw.rs";

/// Checks files given as path and text against the violations expected.
#[track_caller]
fn check_files(files: &[(&str, &str)], expect: &[&str]) {
    let sources: Vec<_> = files
        .iter()
        .map(|(path, text)| Source::parse(Path::new(path), (*text).to_owned()).unwrap())
        .collect();
    let found: Vec<_> = check(&sources).iter().map(ToString::to_string).collect();
    assert_eq!(found, expect);
}

/// Whether `text`, somewhere in the product, counts as a reader of the raw option `listen`.
#[track_caller]
fn check_reader(text: &str, reads: bool) {
    let unread = format!("{RAW_FILE}: option listen of RawServer has no reader");
    let expect: &[&str] = if reads { &[] } else { &[&unread] };
    check_files(&[(RAW_FILE, RAW), ("crates/s/src/a.rs", text)], expect);
}

#[test]
fn an_option_that_nobody_reads_is_found() {
    check_reader("", false);
    check_reader("fn f(raw: RawServer) -> String { raw.listen }", true);
    check_reader("fn f(RawServer { listen }: RawServer) -> String { listen }", true);
    check_reader("fn f(raw: RawServer) { bind(&raw.listen).unwrap() }", true);
}

#[test]
fn what_only_looks_like_reading_does_not_count() {
    check_reader("fn f() -> RawServer { RawServer { listen: a() } }", false);
    check_reader("fn f(raw: &mut RawServer) { raw.listen = a(); }", false);
    check_reader("fn f(raw: &mut RawServer) { raw.listen = raw.listen.clone(); }", true);
    check_reader("fn f(RawServer { listen: _ }: RawServer) {}", false);
    check_reader("fn f(socket: Socket) { socket.listen(); }", false);
    check_reader("fn listen() { let listen = 1; }", false);
}

#[test]
fn macros_are_looked_into() {
    check_reader("fn f(raw: RawServer) { println!(\"{}\", raw.listen); }", true);
    check_reader("fn f(raw: RawServer) { json!({ \"a\": [raw.listen] }); }", true);
    check_reader("fn f(socket: Socket) { println!(\"{}\", socket.listen()); }", false);
    check_reader("fn f(listen: u8) { println!(\"{}\", listen); }", false);
}

#[test]
fn tests_are_no_readers() {
    let read = "fn f(raw: RawServer) -> String { raw.listen }";
    check_reader(&format!("#[cfg(test)] mod tests {{ {read} }}"), false);
    check_reader(&format!("#[test] {read}"), false);
    check_reader(&format!("#[cfg(test)] impl A {{ {read} }}"), false);
    let unread = format!("{RAW_FILE}: option listen of RawServer has no reader");
    check_files(&[(RAW_FILE, RAW), ("crates/s/tests/it/a.rs", read)], &[&unread]);
}

#[test]
fn a_validated_option_is_read_outside_of_the_configuration() {
    let config = "pub struct Config { pub server: Vec<Server> }\
        #[derive(Deserialize)] pub struct Server { pub listen: SocketAddr }\
        pub struct Environment { pub home: PathBuf }\
        fn f(config: &Config) -> bool { config.server[0].listen.is_ipv4() }";
    let path = "crates/o/src/config.rs";
    let server = "crates/o/src/config.rs: option server of Config has no reader";
    let listen = "crates/o/src/config.rs: option listen of Server has no reader";
    check_files(&[(path, config)], &[server, listen]);
    let reader = "fn f(config: &Config) { config.server.iter().for_each(|s| bind(s.listen)) }";
    check_files(&[(path, config), ("crates/o/src/config/convert.rs", reader)], &[server, listen]);
    check_files(&[(path, config), ("crates/o/src/wiring.rs", reader)], &[]);
    let half = "fn f(config: &Config) { start(&config.server) }";
    check_files(&[(path, config), ("crates/o/src/wiring.rs", half)], &[listen]);
}

#[test]
fn settings_are_read_in_their_own_crate() {
    let settings = "pub struct CacheSettings { pub entries: usize }";
    let path = "crates/cache/src/settings.rs";
    let unread = "crates/cache/src/settings.rs: option entries of CacheSettings has no reader";
    let reader = "fn f(settings: &CacheSettings) -> usize { settings.entries }";
    check_files(&[(path, settings), ("crates/o/src/wiring.rs", reader)], &[unread]);
    check_files(&[(path, settings), ("crates/cache/src/memory.rs", reader)], &[]);
    check_files(&[("crates/o/src/a.rs", "pub struct Other { pub entries: usize }")], &[]);
}
