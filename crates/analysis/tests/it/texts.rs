//! Texts to compare on.

use std::path::{Path, PathBuf};

/// Files of a registry's checkout that are looked at, at most.
const REGISTRY_MAX: usize = 150;
/// Longer texts are cut here: what they are compared with takes milliseconds for each kilobyte.
const BYTES_MAX: usize = 12_000;

/// Texts of every kind: one for each rule, the repository's own and those of its dependencies.
pub(crate) fn all() -> Vec<String> {
    let mut texts = synthetic();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = markdown_in(&root);
    files.extend(markdown_in(&root.join("docs")));
    let registry = registry();
    let step = std::cmp::max(registry.len() / REGISTRY_MAX, 1);
    files.extend(registry.into_iter().step_by(step).take(REGISTRY_MAX));
    let texts_of_files = files.iter().filter_map(|path| fs_err::read_to_string(path).ok());
    texts.extend(texts_of_files.map(|mut text| {
        text.truncate(text.floor_char_boundary(BYTES_MAX));
        text
    }));
    texts
}

fn synthetic() -> Vec<String> {
    let line = "The cat that sat with the dog is to be seen and heard of, have no doubt.";
    let mut texts: Vec<String> = [
        "One.",
        "...",
        " \n\t",
        "a - b",
        "#\n#\n#",
        "- one\n- two\n\u{2022} three\nfour",
        "wait...\nwhat\u{2026} \nno.",
        "\n\nx\n\n\n\nx\n\ny\n",
        "one two one two one two one two one two one two",
        "ab c x y z q a bc x y z q",
        "ab c d e f ab cd e fg h i j k ab c d e f ab cd e fg h i j k",
        "Lorem ipsum dolor sit amet. More of it here.",
        "Please enable JavaScript to go on. It is needed here.",
        "function f() { return; } is code. It has brackets.",
        "We use cookies on this page. Read the privacy policy now.",
        "Rome was not built in a day[1][edit]. It took a week [citation needed].",
        "She said \"no.\" They said 'yes.' He left!",
        "It costs 3.14 e.g. for you. Don't! I can't, you'll see: we've they're she'd it's O'Neil.",
        "DON'T SHOUT; 'tis rock'n'roll, isn't it? snake_case x86_64 -- hyphen-ated words\u{2014}so.",
        "Caf\u{e9} na\u{ef}ve \u{130}stanbul \u{3a3}\u{3a3} \u{1c5} stra\u{df}e e\u{301}t\u{e9}.",
        "\u{4f60}\u{597d}\u{3002}\u{4e16}\u{754c}\u{ff01}\n\u{4e00}\u{4e8c}\u{4e09}\u{3002}",
        "a\x0bb\x0cc\x1cd\x1de\x1ef\u{85}g\u{2028}h\u{2029}i\r\nj\rk\x1fl\u{a0}m",
        "\u{1f600} emoji \u{1f468}\u{200d}\u{1f469} and \u{ab}quotes\u{bb} \u{201c}too\u{201d}.",
    ]
    .map(str::to_owned)
    .into();
    texts.push(format!("{line}\n").repeat(40));
    texts.push((0..60).map(|n| format!("Line {n} has the number {n} in it.\n")).collect());
    texts.push(format!("{line} {} end.", "x".repeat(1001)));
    texts.push("Statistical uncertainty undermines extraordinarily naive estimators. ".repeat(9));
    texts
}

/// The Markdown files beside each other in `folder`, in the order of their names.
fn markdown_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs_err::read_dir(folder) else { return Vec::new() };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut files: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|end| end == "md")).collect();
    files.sort();
    files
}

/// The Markdown files of the packages that cargo has unpacked, where it has.
pub(crate) fn registry() -> Vec<PathBuf> {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo")));
    let folders = |path: PathBuf| {
        let entries = fs_err::read_dir(path).into_iter().flatten().filter_map(Result::ok);
        entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect::<Vec<_>>()
    };
    let sources = home.map(|home| folders(home.join("registry/src"))).unwrap_or_default();
    let mut packages: Vec<PathBuf> = sources.into_iter().flat_map(folders).collect();
    packages.sort();
    packages.iter().flat_map(|path| markdown_in(path)).collect()
}
