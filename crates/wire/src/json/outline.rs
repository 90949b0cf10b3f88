//! Where the members of an object stand in its bytes.

use std::ops::Range;

use memchr::memchr2;

/// The places of an object's members. Made only of bytes that the strict reader has accepted, so
/// it need not check them again; on other bytes it is none or wrong, and never panics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outline {
    members: Vec<(String, Range<usize>)>,
    /// Where a further member is inserted.
    end: usize,
}

impl Outline {
    /// The members of the object in `bytes[object]` that `keep` wants; places count from the
    /// beginning of `bytes`.
    pub(crate) fn of(bytes: &[u8], object: Range<usize>, keep: &[&str]) -> Option<Self> {
        let (members, end) = members_and_end(bytes, object)?;
        let kept = members.into_iter().filter(|member| keep.contains(&member.name.as_str()));
        Some(Self { members: kept.map(|member| (member.name, member.value)).collect(), end })
    }

    /// The place of the value of `key`.
    pub(crate) fn value(&self, key: &str) -> Option<Range<usize>> {
        self.members.iter().find(|(name, _)| name == key).map(|(_, place)| place.clone())
    }

    /// Where a further member is inserted: after the last value, or after the opening brace.
    pub(crate) fn end(&self) -> usize {
        self.end
    }
}

/// A member of an object.
pub(crate) struct Member {
    pub(crate) name: String,
    /// From its name to its value.
    pub(crate) place: Range<usize>,
    value: Range<usize>,
}

/// The members of the object in `bytes[object]`, in order, on the terms of an [`Outline`].
pub(crate) fn members(bytes: &[u8], object: Range<usize>) -> Option<Vec<Member>> {
    members_and_end(bytes, object).map(|(members, _)| members)
}

fn members_and_end(bytes: &[u8], object: Range<usize>) -> Option<(Vec<Member>, usize)> {
    let mut cursor = Cursor { bytes: bytes.get(..object.end)?, at: object.start };
    cursor.expect(b'{')?;
    let mut members = Vec::new();
    let mut end = cursor.at;
    if cursor.peek()? == b'}' {
        return Some((members, end));
    }
    loop {
        let key = cursor.value()?;
        cursor.expect(b':')?;
        let value = cursor.value()?;
        end = value.end;
        let name = serde_json::from_slice(bytes.get(key.clone())?).ok()?;
        members.push(Member { name, place: key.start..value.end, value });
        match cursor.peek()? {
            b',' => cursor.at += 1,
            _ => return Some((members, end)),
        }
    }
}

/// Where the items of the array in `bytes[array]` stand, on the terms of an [`Outline`].
pub(crate) fn item_places(bytes: &[u8], array: Range<usize>) -> Option<Vec<Range<usize>>> {
    let mut cursor = Cursor { bytes: bytes.get(..array.end)?, at: array.start };
    cursor.expect(b'[')?;
    let mut places = Vec::new();
    if cursor.peek()? == b']' {
        return Some(places);
    }
    loop {
        places.push(cursor.value()?);
        match cursor.peek()? {
            b',' => cursor.at += 1,
            _ => return Some(places),
        }
    }
}

struct Cursor<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Cursor<'_> {
    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        loop {
            match *self.bytes.get(self.at)? {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                byte => return Some(byte),
            }
        }
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    /// Passes over one value.
    fn value(&mut self) -> Option<Range<usize>> {
        let first = self.peek()?;
        let start = self.at;
        match first {
            b'"' => self.string()?,
            b'{' | b'[' => self.container()?,
            _ => self.scalar(),
        }
        Some(start..self.at)
    }

    fn string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            self.at += memchr2(b'"', b'\\', self.bytes.get(self.at..)?)?;
            if self.bytes[self.at] == b'"' {
                self.at += 1;
                return Some(());
            }
            self.at += 2;
        }
    }

    fn container(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match *self.bytes.get(self.at)? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Some(());
            }
        }
    }

    fn scalar(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let ends = |byte: &u8| b" \t\r\n,]}".contains(byte);
        self.at += rest.iter().position(ends).unwrap_or(rest.len());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(body: &str, expected: &[(&str, &str)]) {
        let keys: Vec<&str> = expected.iter().map(|(key, _)| *key).collect();
        let outline = Outline::of(body.as_bytes(), 0..body.len(), &keys).unwrap();
        for (key, value) in expected {
            assert_eq!(&body[outline.value(key).unwrap()], *value, "{key}");
        }
    }

    #[test]
    fn finds_values_of_every_kind() {
        check(
            " {\t\"a\" : 1.5e3 ,\"b\":\"q\\\"\\\\\" ,\r\n\"c\":[1,{\"a\":\"]\"}],\"d\":null,\"e\":{} } ",
            &[
                ("a", "1.5e3"),
                ("b", "\"q\\\"\\\\\""),
                ("c", "[1,{\"a\":\"]\"}]"),
                ("d", "null"),
                ("e", "{}"),
            ],
        );
        check("{\"m\\u006fdel\":true}", &[("model", "true")]);
    }

    #[test]
    fn finds_items_of_every_kind() {
        let items = |array: &str| {
            let places = item_places(array.as_bytes(), 0..array.len()).unwrap();
            places.into_iter().map(|place| array[place].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(items("[ ]"), Vec::<String>::new());
        assert_eq!(
            items("[{\"a\":[1,2]} ,\n\"],\" , [],-1.5 ]"),
            ["{\"a\":[1,2]}", "\"],\"", "[]", "-1.5"]
        );
    }

    #[test]
    fn inserts_after_the_last_value() {
        let end = |body: &str| Outline::of(body.as_bytes(), 0..body.len(), &[]).unwrap().end();
        assert_eq!(end("{ }"), 1);
        assert_eq!(end("{\"a\":1 , \"b\":2 }"), 14);
    }

    proptest! {
        #[test]
        fn never_panics(bytes: Vec<u8>, text in "[{}\\[\\]\",:\\\\ a1]{0,40}") {
            let _ = Outline::of(&bytes, 0..bytes.len(), &["a"]);
            let _ = Outline::of(text.as_bytes(), 0..text.len(), &["a"]);
            let _ = (item_places(&bytes, 0..bytes.len()), item_places(text.as_bytes(), 0..text.len()));
        }
    }
}
