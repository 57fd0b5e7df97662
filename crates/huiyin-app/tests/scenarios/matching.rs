//! Whether an order looks as it must: a part of its document, compared field by field.

use serde_json::Value;

/// Where `actual` is not as `wanted`. Objects may have further fields, lists further entries; times may leave out the
/// offset; a text after `~` must be contained.
pub fn differs(wanted: &Value, actual: &Value) -> Option<String> {
    match (wanted, actual) {
        (Value::Object(wanted), Value::Object(actual)) => wanted.iter().find_map(|(key, wanted)| {
            let Some(actual) = actual.get(key) else { return Some(format!("there is no field `{key}`")) };
            differs(wanted, actual).map(|why| format!("{key}: {why}"))
        }),
        (Value::Array(wanted), Value::Array(actual)) => {
            let mut left: Vec<&Value> = actual.iter().collect();
            for one in wanted {
                match left.iter().position(|actual| differs(one, actual).is_none()) {
                    Some(at) => drop(left.remove(at)),
                    None => return Some(format!("no entry is {one} among{}", nearest(one, actual))),
                }
            }
            None
        }
        // Several things wanted of one text.
        (Value::Array(wanted), Value::String(_)) => wanted.iter().find_map(|wanted| differs(wanted, actual)),
        (Value::String(wanted), Value::String(actual)) if same_text(wanted, actual) => None,
        (wanted, actual) if wanted == actual => None,
        (wanted, actual) => Some(format!("it is {actual}, not {wanted}")),
    }
}

fn same_text(wanted: &str, actual: &str) -> bool {
    match wanted.strip_prefix('~') {
        Some(part) => actual.contains(part),
        None => {
            let local = actual.get(..19).filter(|_| actual.len() == 25 && actual.as_bytes()[10] == b'T');
            wanted == actual || local == Some(wanted)
        }
    }
}

/// The entries that share most with the wanted one, cut to the fields it names.
fn nearest(wanted: &Value, actual: &[Value]) -> String {
    let Some(fields) = wanted.as_object() else { return format!(" {}", Value::from(actual.to_vec())) };
    actual
        .iter()
        .filter_map(Value::as_object)
        .map(|entry| {
            let cut: serde_json::Map<String, Value> =
                fields.keys().filter_map(|key| Some((key.clone(), entry.get(key)?.clone()))).collect();
            format!("\n      {}", Value::from(cut))
        })
        .collect()
}
