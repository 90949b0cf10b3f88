use std::io::Write as _;

use super::*;

fn listed(inputs: &Inputs, root: &Path) -> Vec<String> {
    let root = format!("{}/", root.display());
    inputs
        .tasks()
        .map(|task| format!("{} {:?}", task.origin, task.format).replace(&root, ""))
        .collect()
}

#[test]
fn folders_give_documents_in_order_without_what_is_ignored() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs_err::create_dir_all(root.join("b/deep")).unwrap();
    for name in ["z.md", "a.RST", "b/deep/x.html", "b/skip.md", "c.rs", ".hidden.md", "n.txt.gz"] {
        fs_err::write(root.join(name), "words").unwrap();
    }
    fs_err::write(root.join("b/.gitignore"), "skip.md\n").unwrap();
    let inputs = Inputs::new([root]);
    let expected = ["a.RST Rst", "b/deep/x.html Html", "n.txt.gz Plain", "z.md Markdown"];
    assert_eq!(listed(&inputs, root), expected);
    assert_eq!(inputs.count_files(), 4);
    let named = Inputs::new([root.join("c.rs"), root.join("b/skip.md")]).with_format(Format::Plain);
    assert_eq!(listed(&named, root), ["c.rs Plain", "b/skip.md Plain"]);
}

/// What each row became: its number, id and text or kind of error.
fn rows(bytes: &[u8], bytes_max: u64) -> Vec<(u64, Option<String>, String)> {
    let rows = Rows::new(bytes, Origin::default(), Format::Plain, bytes_max);
    rows.map(|task| {
        let content = match task.content {
            Content::Bytes(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Content::Failed(error) => format!("{}!", error.kind()),
            other @ (Content::File(_) | Content::Stream(_)) => format!("{other:?}"),
        };
        (task.origin.row.unwrap(), task.origin.id, content)
    })
    .collect()
}

#[track_caller]
fn check_row(line: &str, id: Option<&str>, text: &str) {
    let expected = vec![(1, id.map(str::to_owned), text.to_owned())];
    assert_eq!(rows(line.as_bytes(), 1_000), expected);
}

#[test]
fn rows_have_their_text_and_id_in_the_usual_fields() {
    check_row(r#"{"id":"a","text":"hello"}"#, Some("a"), "hello");
    check_row(r#"{"_id":7,"raw_content":"a\nb"}"#, Some("7"), "a\nb");
    check_row(r#"{"url":"u","document":"d","other":[1]}"#, Some("u"), "d");
    check_row(r#"{"content":{"no":1},"body":"b"}"#, None, "b");
    check_row(r#"{"content":"second","text":"first"}"#, None, "first");
    check_row(r#"{"text":7}"#, None, "row!");
    check_row("[1]", None, "row!");
    check_row("nonsense", None, "row!");
    check_row("\u{feff}{\"text\":\"\\ud800x\"}", None, "\u{fffd}\u{fffd}\u{fffd}x");
}

#[test]
fn a_row_that_is_too_long_is_skipped_and_the_next_one_read() {
    let long = "x".repeat(2 << 20);
    let corpus = format!("{{\"text\":\"a\"}}\n\n{{\"text\":\"{long}\"}}\n{{\"text\":\"b\"}}");
    let expected =
        [(1, None, "a".to_owned()), (3, None, "too_large!".to_owned()), (4, None, "b".to_owned())];
    assert_eq!(rows(corpus.as_bytes(), 10), expected);
}

#[test]
fn corpora_may_be_compressed_or_come_from_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = b"{\"text\":\"a\"}\n{\"text\":\"b\"}\n";
    let path = folder.path().join("c.jsonl.gz");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(corpus).unwrap();
    fs_err::write(&path, packed.finish().unwrap()).unwrap();
    let path = folder.path().join("d.ndjson.zst");
    fs_err::write(&path, zstd::encode_all(corpus.as_slice(), 1).unwrap()).unwrap();
    let inputs = Inputs::new([folder.path()]);
    let expected = [
        "c.jsonl.gz:1 Plain",
        "c.jsonl.gz:2 Plain",
        "d.ndjson.zst:1 Plain",
        "d.ndjson.zst:2 Plain",
    ];
    assert_eq!(listed(&inputs, folder.path()), expected);

    let standard = Inputs::new(["-"])
        .with_rows(true)
        .with_format(Format::Markdown)
        .with_standard_input(move || Box::new(&corpus[..]));
    assert_eq!(listed(&standard, folder.path()), ["stdin:1 Markdown", "stdin:2 Markdown"]);
}

#[test]
fn a_corpus_that_ends_in_the_middle_of_a_block_says_so() {
    let mut packed = zstd::encode_all(&b"{\"text\":\"a\"}\n".repeat(100_000)[..], 1).unwrap();
    packed.truncate(packed.len() / 2);
    let reader = zstd::Decoder::new(packed.as_slice()).unwrap();
    let last = Rows::new(reader, Origin::default(), Format::Plain, 100).last().unwrap();
    assert!(matches!(last.content, Content::Failed(Error::Read { .. })), "{last:?}");
}
