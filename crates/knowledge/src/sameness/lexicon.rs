//! Words that stand for each other, and words that say the opposite.

/// Groups of words, as stems, that may take each other's place in a sentence about software.
const SYNONYMS: &[&[&str]] = &[
    &["make", "creat", "build", "generat", "produc"],
    &["delet", "remov", "drop", "eras", "discard"],
    &["check", "verif", "validat", "look"],
    &["use", "rely", "employ"],
    &["begin", "start", "launch", "startup"],
    &["end", "finish", "stop"],
    &["get", "fetch", "read", "load", "retriev", "take", "receiv"],
    &["send", "emit", "publish"],
    &["keep", "store", "sav", "kept", "retain", "persist", "live", "hold", "stay", "remain"],
    &["ask", "poll", "query", "request"],
    &["chang", "modif", "edit", "alter"],
    &["copi", "replicat"],
    &["order", "sort"],
    &["show", "display"],
    &["fix", "repair", "solv", "mend"],
    &["bug", "fault", "defect"],
    &["folder", "directory"],
    &["user", "customer"],
    &["fail", "error", "failur"],
    &["need", "requir", "must"],
    &["each", "every", "all"],
    &["kind", "type"],
    &["quick", "fast"],
    &["decid", "chos", "choos", "agre"],
    &["caus", "reason", "because"],
    &["config", "configuration", "setting"],
    &["doc", "documentation"],
    &["db", "database"],
    &["second", "another", "other"],
    &["call", "name"],
    &["job", "task"],
    &["latency", "delay"],
    &["memory", "ram"],
    &["go", "run", "execut"],
    &["push", "upload"],
    &["refresh", "renew", "reload"],
    &["clos", "end"],
    &["trunk", "mainline"],
    &["phone", "mobile"],
    &["function", "method"],
    &["node", "machine", "host"],
];

/// Pairs of opposites, as stems: what is on one side says the contrary of what is on the other. The
/// second side counts as a negation of the first.
const OPPOSITES: &[(&[&str], &[&str])] = &[
    (&["enabl", "activat"], &["disabl", "deactivat", "off"]),
    (
        &["accept", "allow", "permit"],
        &["reject", "refus", "forbid", "forbidden", "deny", "deni", "prohibit", "ban"],
    ),
    (&["synchronous", "sync"], &["asynchronous", "async"]),
    (&["public"], &["private"]),
    (&["increas", "rais", "grow"], &["decreas", "lower", "reduc", "shrink"]),
    (&["faster", "quicker"], &["slower"]),
    (&["fast"], &["slow"]),
    (&["eager"], &["lazi", "lazy"]),
    (&["succeed", "pass", "success"], &["fail", "break"]),
    (&["sensitiv"], &["insensitiv"]),
    (&["largest", "biggest"], &["smallest"]),
    (&["large", "big"], &["small"]),
    (&["maximum", "max", "most"], &["minimum", "min", "least"]),
    (&["ascending"], &["descending"]),
    (&["mandatory", "required", "compulsory"], &["optional"]),
    (&["support"], &["unsupport"]),
    (&["strict"], &["lenient", "loose"]),
    (&["before"], &["after"]),
    (&["stateless"], &["stateful"]),
    (&["include"], &["exclude"]),
    (&["first"], &["last"]),
    (&["open"], &["close"]),
    (&["mutable"], &["immutable"]),
    (&["show"], &["hide"]),
    (&["local"], &["global", "remote"]),
    (&["hand", "manual"], &["automatic", "automat"]),
    (&["safe"], &["unsafe"]),
    (&["valid"], &["invalid"]),
    (&["internal"], &["external"]),
    (&["encrypt"], &["unencrypt", "plaintext"]),
    (&["start"], &["stop"]),
    (&["always"], &["never"]),
    (&["upgrad"], &["downgrad"]),
    (&["online"], &["offline"]),
    (&["work", "function"], &["broken"]),
    (&["add"], &["remov", "delet"]),
    (&["lock"], &["unlock"]),
    (&["simpl", "easi"], &["complex", "hard"]),
    (&["memory"], &["disk"]),
    (&["left"], &["right"]),
    (&["primary"], &["secondary"]),
    (&["inside"], &["outside"]),
    (&["early", "earlier"], &["late", "later"]),
    (&["push"], &["pull"]),
    (&["permanent"], &["temporary"]),
    (&["visible"], &["hidden", "invisible"]),
    (&["direct"], &["indirect"]),
    (&["static"], &["dynamic"]),
    (&["relative"], &["absolute"]),
    (&["parallel", "concurrent"], &["sequential", "serial"]),
    (&["blocking"], &["non-blocking", "nonblocking"]),
    (&["keep", "kept", "retain"], &["delet", "drop", "discard"]),
    (&["respect", "honour", "honor"], &["ignor"]),
    (&["recommended"], &["deprecated", "discouraged"]),
    (&["empty"], &["full"]),
    (&["short", "shorter"], &["long", "longer"]),
    (&["high", "higher"], &["low"]),
    (&["new", "newer", "newest"], &["old", "older", "oldest"]),
    (&["top"], &["bottom"]),
    (&["cheap", "cheaper"], &["expensive"]),
    (&["inclusive"], &["exclusive"]),
    (&["upper", "uppercase"], &["lowercase"]),
    (&["writable", "read-write"], &["read-only", "readonly"]),
    (&["ordered"], &["unordered"]),
    (&["signed"], &["unsigned"]),
    (&["known"], &["unknown"]),
    (&["possible"], &["impossible"]),
    (&["activity", "active"], &["inactivity", "inactive"]),
    (&["trusted"], &["untrusted"]),
    (&["used"], &["unused"]),
];

/// Opposites whose sides often stand in one and the same statement: they count only where the
/// rest of both texts is nearly word for word the same.
const WEAK_OPPOSITES: [&str; 32] = [
    "before",
    "first",
    "open",
    "start",
    "add",
    "memory",
    "fast",
    "large",
    "hand",
    "show",
    "increas",
    "lock",
    "left",
    "primary",
    "inside",
    "early",
    "push",
    "permanent",
    "direct",
    "static",
    "relative",
    "parallel",
    "keep",
    "empty",
    "short",
    "high",
    "new",
    "top",
    "cheap",
    "upper",
    "signed",
    "used",
];

/// An axis of meaning, which side of it a word is on, and whether it is a weak one.
pub(super) fn side(stem: &str) -> Option<(usize, bool, bool)> {
    OPPOSITES.iter().enumerate().find_map(|(axis, (one, other))| {
        let is_weak = one.first().is_some_and(|first| WEAK_OPPOSITES.contains(first));
        if one.contains(&stem) {
            Some((axis, true, is_weak))
        } else if other.contains(&stem) {
            Some((axis, false, is_weak))
        } else {
            None
        }
    })
}

/// Products, formats and methods of which a statement names one and not another.
const NAMES: &[&str] = &[
    "ansible",
    "argon2id",
    "aws",
    "azure",
    "bash",
    "bcrypt",
    "bitbucket",
    "bun",
    "cassandra",
    "chrome",
    "clickhouse",
    "cypress",
    "datadog",
    "deno",
    "django",
    "docker",
    "duckdb",
    "dynamodb",
    "elasticsearch",
    "elm",
    "express",
    "firefox",
    "flask",
    "flutter",
    "gcp",
    "git",
    "github",
    "gitlab",
    "go",
    "gradle",
    "grafana",
    "graphql",
    "grpc",
    "haskell",
    "helm",
    "hmac",
    "http2",
    "http3",
    "java",
    "javascript",
    "jenkins",
    "jest",
    "json",
    "kafka",
    "kotlin",
    "kubernetes",
    "lambda",
    "linux",
    "loki",
    "macos",
    "mariadb",
    "maven",
    "memcached",
    "mongodb",
    "msgpack",
    "mysql",
    "nats",
    "nginx",
    "node",
    "nomad",
    "npm",
    "opentelemetry",
    "oracle",
    "pbkdf2",
    "php",
    "playwright",
    "pnpm",
    "podman",
    "postgres",
    "postgresql",
    "prometheus",
    "protobuf",
    "pulsar",
    "pulumi",
    "puppet",
    "pytest",
    "python",
    "rabbitmq",
    "rails",
    "react",
    "redis",
    "rollbar",
    "ruby",
    "rust",
    "s3",
    "safari",
    "scala",
    "scrypt",
    "sentry",
    "sha1",
    "sha256",
    "sqlite",
    "sqs",
    "svelte",
    "swift",
    "terraform",
    "toml",
    "traefik",
    "typescript",
    "ubuntu",
    "valkey",
    "vite",
    "vue",
    "webpack",
    "windows",
    "xml",
    "yaml",
    "yarn",
    "zig",
    "zstd",
];

/// Whether the word, in lower case, is a name however it is spelled.
pub(super) fn is_known_name(word: &str) -> bool {
    NAMES.binary_search(&word).is_ok()
}

/// Whether two stems may stand for each other.
pub(super) fn are_alike(one: &str, other: &str) -> bool {
    one == other
        || shared_beginning(one, other)
        || SYNONYMS.iter().any(|group| group.contains(&one) && group.contains(&other))
}

/// Whether the longer stem goes on where the shorter one, of five letters or more, ends.
fn shared_beginning(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    short.len() >= 5 && long.starts_with(short)
}

/// A word without its commonest endings. Forms of a word share a stem; the stem need not be a word.
pub(super) fn stem(word: &str) -> String {
    const ENDINGS: [&str; 12] =
        ["ations", "ation", "ingly", "ities", "ings", "ing", "edly", "ed", "es", "ly", "e", "s"];
    // Side words of opposites must not lose what tells them apart.
    let is_fixed = side(word).is_some() || matches!(word, "this" | "does" | "was" | "has" | "its");
    if is_fixed || !word.is_ascii() || word.ends_with("ss") {
        return word.to_owned();
    }
    if let Some(rest) = word.strip_suffix("ies") {
        return if rest.len() >= 3 { format!("{rest}y") } else { word.to_owned() };
    }
    for ending in ENDINGS {
        if let Some(rest) = word.strip_suffix(ending)
            && rest.len() >= 3
        {
            return undouble(rest).to_owned();
        }
    }
    word.to_owned()
}

/// "dropp" as "drop": a doubled last consonant is part of the ending.
fn undouble(stem: &str) -> &str {
    let bytes = stem.as_bytes();
    match bytes {
        [.., one, other] if one == other && bytes.len() > 3 && !b"lsaeiou".contains(other) => {
            stem.get(..stem.len() - 1).unwrap_or(stem)
        }
        _ => stem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_can_be_searched() {
        assert!(NAMES.is_sorted());
    }

    #[test]
    fn forms_of_a_word_share_a_stem() {
        for forms in
            [["copies", "copy"], ["dropped", "drops"], ["retries", "retry"], ["caches", "cached"]]
        {
            assert_eq!(stem(forms[0]), stem(forms[1]), "{forms:?}");
        }
    }
}
