//! How deeply JSON is nested, found out without reading it.
//!
//! Whoever reads JSON calls itself for each level. Nothing that is understood here has more than two, and
//! what nobody asked for is read as well before it is passed over.

/// The levels of arrays and objects that a body may have.
pub(super) const MAX_DEPTH: usize = 32;

/// Whether there are more levels than these. What is no JSON may be taken for either.
pub(super) fn is_deeper_than(levels: usize, json: &[u8]) -> bool {
    let mut open = 0_usize;
    let mut bytes = json.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'[' | b'{' if open == levels => return true,
            b'[' | b'{' => open += 1,
            b']' | b'}' => open = open.saturating_sub(1),
            b'"' => pass_string(&mut bytes),
            _ => {}
        }
    }
    false
}

/// Passes over the rest of a string.
fn pass_string<'a>(bytes: &mut impl Iterator<Item = &'a u8>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => break,
            // Whatever is escaped ends nothing.
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value};

    use super::*;

    /// The levels, as whoever reads them counts them.
    fn levels(value: &Value) -> usize {
        match value {
            Value::Array(values) => 1 + values.iter().map(levels).max().unwrap_or_default(),
            Value::Object(members) => 1 + members.values().map(levels).max().unwrap_or_default(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
        }
    }

    /// JSON of any shape, whose texts and names are full of what could be mistaken.
    fn json() -> impl Strategy<Value = Value> {
        let text = || r#"[\[\]{}"\\ua/,: \n]{0,6}"#;
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            text().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(40, 120, 4, move |inner| {
            let member = (text(), inner.clone());
            prop_oneof![
                proptest::collection::vec(inner, 0..4).prop_map(Value::from),
                proptest::collection::vec(member, 0..4)
                    .prop_map(|members| Value::Object(Map::from_iter(members))),
            ]
        })
    }

    proptest! {
        #[test]
        fn as_many_levels_are_found_as_there_are(value in json(), is_pretty in any::<bool>()) {
            let write = if is_pretty { serde_json::to_vec_pretty } else { serde_json::to_vec };
            let (text, levels) = (write(&value).unwrap(), levels(&value));
            prop_assert!(!is_deeper_than(levels, &text));
            prop_assert!(levels == 0 || is_deeper_than(levels - 1, &text));
        }

        #[test]
        fn any_bytes_can_be_looked_at(bytes in any::<Vec<u8>>(), levels in 0_usize..3) {
            is_deeper_than(levels, &bytes);
        }

        #[test]
        fn any_brackets_and_quotes_can_be_looked_at(text in r#"[\[\]{}"\\x]{0,50}"#) {
            is_deeper_than(MAX_DEPTH, text.as_bytes());
        }
    }
}
