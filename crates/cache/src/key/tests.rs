use std::collections::{HashMap, HashSet};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{TestRng, TestRunner};
use serde_json::json;

use super::*;
use crate::testing::cases;

const EXCLUDED: &[&str] = &["stream", "stream_options", "model"];

fn key_of(tenant: &str, endpoint: &str, model: &str, fields: &Value) -> Key {
    key(&KeyParts {
        tenant: &TenantId::new(tenant).unwrap(),
        endpoint,
        model: &ModelId::new(model).unwrap(),
        fields: fields.as_object().unwrap(),
        excluded: EXCLUDED,
    })
}

fn key_of_fields(fields: &Value) -> Key {
    key_of("acme", "/v1/chat/completions", "gpt-5-mini", fields)
}

#[test]
fn the_form_is_the_documented_one() {
    let fields = json!({
        "stream": true,
        "b": [7, -7, 0.5, "x", true, false],
        "a": {"stream": null},
        "": "",
    });
    let length = |count: u8| [count, 0, 0, 0, 0, 0, 0, 0];
    let mut form = Vec::new();
    let mut write = |parts: &[&[u8]]| parts.iter().for_each(|part| form.extend_from_slice(part));
    write(&[b"forebay cache key, form 1"]);
    write(&[b"s", &length(1), b"t", b"s", &length(2), b"/e", b"s", &length(1), b"m"]);
    write(&[b"o", &length(3)]);
    write(&[b"s", &length(0), b"s", &length(0)]);
    write(&[b"s", &length(1), b"a", b"o", &length(1), b"s", &length(6), b"streamn"]);
    write(&[b"s", &length(1), b"b", b"a", &length(6)]);
    write(&[b"u", &length(7), b"i", &[0xf9, 255, 255, 255, 255, 255, 255, 255]]);
    write(&[b"d", &[0, 0, 0, 0, 0, 0, 0xe0, 0x3f], b"s", &length(1), b"xtf"]);
    assert_eq!(key_of("t", "/e", "m", &fields).as_bytes(), blake3::hash(&form).as_bytes());
}

/// A change of these keys makes every stored row unfindable: change the number in `FORM` with it.
#[test]
fn keys_are_the_ones_that_stored_rows_have() {
    #[track_caller]
    fn check(fields: &Value, expected: &str) {
        assert_eq!(key_of_fields(fields).to_string(), expected);
    }
    check(&json!({}), "0a565f279c064d853d359ad394fb08d1f324a06405daa2fa8244f68236d57b37");
    check(
        &json!({"messages": [{"role": "user", "content": "What is 2 + 2?"}], "temperature": 0}),
        "f2db1de64b89caac5695ccad29fd1d7256477e7134f8b47457caa881bd9eff94",
    );
    check(
        &json!({"max_tokens": 18_446_744_073_709_551_615_u64, "seed": -9, "top_p": 0.1,
                "system": "naïve ☃", "metadata": null, "tools": [], "unknown": {"b": 1, "a": 2}}),
        "f8aa1bbc3d772cc11141be78f5298de97048c2a33dfffd384dcf402845edc5a1",
    );
}

#[test]
fn no_two_of_these_requests_share_a_key() {
    let requests = [
        key_of("ab", "c", "m", &json!({})),
        key_of("a", "bc", "m", &json!({})),
        key_of("a", "b", "cm", &json!({})),
        key_of("a", "b", "c", &json!({"m": ""})),
        key_of("a", "b", "c", &json!({})),
        key_of("b", "a", "c", &json!({})),
        key_of_fields(&json!({})),
        key_of_fields(&json!({"a": null})),
        key_of_fields(&json!({"a": ""})),
        key_of_fields(&json!({"a": []})),
        key_of_fields(&json!({"a": {}})),
        key_of_fields(&json!({"a": false})),
        key_of_fields(&json!({"a": true})),
        key_of_fields(&json!({"a": "true"})),
        key_of_fields(&json!({"a": 0})),
        key_of_fields(&json!({"a": 1})),
        key_of_fields(&json!({"a": -1})),
        key_of_fields(&json!({"a": 1.0})),
        key_of_fields(&json!({"a": "1"})),
        key_of_fields(&json!({"a": [1]})),
        key_of_fields(&json!({"a": u64::MAX})),
        key_of_fields(&json!({"a": [[], []]})),
        key_of_fields(&json!({"a": [[[]]]})),
        key_of_fields(&json!({"a": ["b", "c"]})),
        key_of_fields(&json!({"a": ["c", "b"]})),
        key_of_fields(&json!({"a": ["bc"]})),
        key_of_fields(&json!({"a": {"b": "c"}})),
        key_of_fields(&json!({"a": "b", "c": "d"})),
        key_of_fields(&json!({"a": "bcd"})),
        key_of_fields(&json!({"ab": "cd"})),
        key_of_fields(&json!({"a": "d", "c": "b"})),
        key_of_fields(&json!({"a": "b\u{0}s\u{1}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}c"})),
        key_of_fields(&json!({"a": {"stream": true}})),
        key_of_fields(&json!({"a": {"stream": false}})),
        key_of_fields(&json!({"Stream": true})),
        key_of_fields(&json!({"a": "é"})),
        key_of_fields(&json!({"a": "e\u{301}"})),
        key_of_fields(&json!({"a": "A"})),
        key_of_fields(&json!({"a": " a"})),
        key_of_fields(&json!({"a": "a "})),
    ];
    assert_eq!(requests.iter().collect::<HashSet<_>>().len(), requests.len());
}

#[test]
fn excluded_fields_change_nothing() {
    let plain = key_of_fields(&json!({"a": 1}));
    for fields in [
        json!({"a": 1, "stream": true}),
        json!({"stream": false, "a": 1, "stream_options": {"include_usage": true}}),
        json!({"model": "fast", "a": 1}),
    ] {
        assert_eq!(key_of_fields(&fields), plain, "{fields}");
    }
}

/// A JSON value of a few dozen nodes at most; numbers of all three kinds.
fn any_value() -> impl Strategy<Value = Value> {
    let name = "[ab]{0,2}|[a-zé]{1,8}";
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3_i64..4).prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        prop_oneof![Just(1.0), Just(0.5), -1e9..1e9].prop_map(Value::from),
        name.prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            any_object(name, inner),
        ]
    })
}

fn any_object(
    name: &'static str,
    value: impl Strategy<Value = Value>,
) -> impl Strategy<Value = Value> {
    proptest::collection::vec((name, value), 0..4)
        .prop_map(|fields| Value::Object(fields.into_iter().collect()))
}

fn any_fields() -> impl Strategy<Value = Value> {
    any_object("[ab]{0,2}|[a-z]{1,8}", any_value())
}

/// Changes one thing somewhere: a leaf, a name, an order, a length.
fn change(value: &mut Value, random: &mut TestRng) {
    match value {
        Value::Array(values) if !values.is_empty() => {
            let at = random.random_range(0..values.len());
            match random.random_range(0..4) {
                0 => drop(values.remove(at)),
                1 => values.insert(at, values[at].clone()),
                2 => values.rotate_left(1),
                _ => change(&mut values[at], random),
            }
        }
        Value::Object(fields) if !fields.is_empty() => {
            let at = random.random_range(0..fields.len());
            let name = fields.keys().nth(at).unwrap().clone();
            match random.random_range(0..4) {
                0 => drop(fields.remove(&name)),
                1 => {
                    let inner = fields.remove(&name).unwrap();
                    fields.insert(format!("{name}a"), inner);
                }
                2 => drop(fields.insert(format!("{name}b"), Value::Null)),
                _ => change(&mut fields[&name], random),
            }
        }
        Value::Array(_) | Value::Object(_) => *value = Value::Null,
        Value::Null => *value = Value::from(""),
        Value::Bool(flag) => *flag = !*flag,
        Value::String(text) => text.push('a'),
        Value::Number(number) => {
            *value = match number.as_u64() {
                Some(number) => Value::from(number ^ 1),
                None => Value::from(number.as_f64().unwrap() + 1.0),
            };
        }
    }
}

/// The same value with the fields of every object in another order.
fn reordered(value: &Value, random: &mut TestRng) -> Value {
    match value {
        Value::Array(values) => values.iter().map(|value| reordered(value, random)).collect(),
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields
                .iter()
                .map(|(name, value)| (name.clone(), reordered(value, random)))
                .collect();
            for last in (1..fields.len()).rev() {
                fields.swap(last, random.random_range(0..=last));
            }
            Value::Object(fields.into_iter().collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// The oracle is equality of the JSON values, which knows nothing of the form.
#[test]
fn keys_are_equal_exactly_where_requests_are() {
    let mut runner = TestRunner::deterministic();
    let mut random = runner.new_rng();
    let strategy = any_fields();
    let pairs_per_tree = 50;
    for _ in 0..cases(100_000, 1_000_000) / pairs_per_tree {
        let fields = strategy.new_tree(&mut runner).unwrap().current();
        let original = key_of_fields(&fields);
        assert_eq!(key_of_fields(&reordered(&fields, &mut random)), original, "{fields}");
        let mut seen = HashMap::from([(original, fields.clone())]);
        let mut changed = fields;
        for _ in 0..pairs_per_tree {
            change(&mut changed, &mut random);
            if !changed.is_object() {
                break;
            }
            let key = key_of_fields(&changed);
            let before = seen.entry(key).or_insert_with(|| changed.clone());
            assert_eq!(*before, changed, "two requests share {key}");
            let again = seen.iter().find(|(_, value)| **value == changed).unwrap();
            assert_eq!(*again.0, key, "one request has two keys: {changed}");
        }
    }
}

#[test]
fn one_tenant_never_finds_what_another_stored() {
    let prompts = cases(200_000, 1_000_000);
    let key_of_prompt = |tenant: &TenantId, prompt: u32| {
        let fields = Map::from_iter([("prompt".to_owned(), Value::from(prompt))]);
        let model = ModelId::new("m").unwrap();
        key(&KeyParts { tenant, endpoint: "/", model: &model, fields: &fields, excluded: &[] })
    };
    let [one, other] = ["acme", "acme2"].map(|name| TenantId::new(name).unwrap());
    let stored: HashSet<Key> = (0..prompts).map(|prompt| key_of_prompt(&one, prompt)).collect();
    assert_eq!(stored.len(), usize::try_from(prompts).unwrap());
    let crossed =
        (0..prompts).filter(|prompt| stored.contains(&key_of_prompt(&other, *prompt))).count();
    assert_eq!(crossed, 0);
}
