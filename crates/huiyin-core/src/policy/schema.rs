//! The form of a pack's files as JSON Schema, for editors. It is asked of the types a pack is read into, so that both
//! know the same keys.

use std::cell::RefCell;

use serde::de::{
    self, DeserializeOwned, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, Visitor,
    value::StrDeserializer,
};
use serde_json::{Map, Value, json};

use super::{load, settings::SETTINGS};

/// The schema of a file of a pack: any section may stand in any file.
pub fn schema() -> Value {
    let mut sections = Map::new();
    for (name, list, mut form) in load::forms() {
        if name == "parameter" {
            let names: Vec<&str> = SETTINGS.iter().map(|setting| setting.name).collect();
            form["properties"]["name"] = json!({ "type": "string", "enum": names });
        }
        sections.insert(name.to_owned(), if list { json!({ "type": "array", "items": form }) } else { form });
    }
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A file of a Huiyin pack",
        "type": "object",
        "additionalProperties": false,
        "properties": sections,
    })
}

/// The form of a type, in the words of JSON Schema.
pub(super) fn form<T: DeserializeOwned>() -> Value {
    // INVARIANT: a probe that leaves nothing out gives every type of a pack a value it takes.
    let (mut whole, _) = probe::<T>(None);
    require::<T>(&mut whole);
    whole
}

/// Marks the fields without which a type does not read, here and below.
fn require<T: DeserializeOwned>(form: &mut Value) {
    if let Some(called) = form.as_object_mut().and_then(|form| form.remove("x-name")) {
        let called = called.as_str().unwrap_or_default().to_owned();
        let fields: Vec<String> =
            form["properties"].as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect();
        let needed: Vec<&String> =
            fields.iter().filter(|field| probe::<T>(Some((&called, field))).1 == Some(true)).collect();
        form["required"] = json!(needed);
        for field in &fields {
            if let Some(what) = what(&called, field) {
                form["properties"][field]["description"] = json!(what);
            }
        }
    }
    for inner in ["items", "additionalProperties"] {
        if form.get(inner).is_some_and(Value::is_object) {
            require::<T>(&mut form[inner]);
        }
    }
    if let Some(fields) = form.get_mut("properties").and_then(Value::as_object_mut) {
        fields.values_mut().for_each(require::<T>);
    }
}

/// What a field means, as it stands beside it.
fn what(called: &str, field: &str) -> Option<String> {
    const TYPES: &[&str] = &[
        include_str!("file.rs"),
        include_str!("file/clock.rs"),
        include_str!("file/closing.rs"),
        include_str!("file/decisions.rs"),
        include_str!("file/intake.rs"),
        include_str!("file/mode.rs"),
        include_str!("file/routing.rs"),
        include_str!("../calendar.rs"),
    ];
    let lines = TYPES.iter().flat_map(|text| text.lines());
    let mut inside = false;
    let mut said: Vec<&str> = Vec::new();
    for line in lines {
        let line = line.trim();
        if let Some((_, rest)) = line.split_once("struct ") {
            let name = rest.split([' ', '<']).next().unwrap_or_default();
            inside = name == called || called.strip_prefix(name).is_some_and(|rest| rest.starts_with('<'));
        } else if !inside {
            continue;
        } else if let Some(doc) = line.strip_prefix("/// ") {
            said.push(doc);
        } else if !line.starts_with("#[") {
            let name = line.trim_start_matches("pub ").split(':').next().unwrap_or_default();
            if name == field && !said.is_empty() {
                return Some(said.join(" "));
            }
            said.clear();
        }
    }
    None
}

/// Reads a type from a probe, perhaps without one field; gives its form, and whether a field was missed.
fn probe<T: DeserializeOwned>(without: Option<(&str, &str)>) -> (Value, Option<bool>) {
    let found = RefCell::new(Value::Null);
    let read = T::deserialize(Probe { form: &found, without });
    (found.into_inner(), read.err().map(|Refused { missing }| missing))
}

/// Why a probe was not read: a field was missed, or another reason.
#[derive(Debug)]
struct Refused {
    missing: bool,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the probe was not read")
    }
}

impl std::error::Error for Refused {}

impl de::Error for Refused {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self { missing: false }
    }

    fn missing_field(_: &'static str) -> Self {
        Self { missing: true }
    }
}

/// Gives a type something it can be read from, and notes what it asked for.
struct Probe<'a> {
    form: &'a RefCell<Value>,
    without: Option<(&'a str, &'a str)>,
}

/// A word that is a text, a name, and a date where one is wanted.
const WORD: &str = "2026-01-01";

/// The name under which dates of TOML are read begins so.
const DATE: &str = "$__";

impl<'a> Probe<'a> {
    fn is(&self, form: Value) {
        *self.form.borrow_mut() = form;
    }

    fn inner(&self, form: &'a RefCell<Value>) -> Self {
        Self { form, without: self.without }
    }
}

macro_rules! whole {
    ($($method:ident)+) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
            self.is(json!({ "type": "integer" }));
            visitor.visit_u64(1)
        })+
    };
}

macro_rules! text {
    ($($method:ident)+) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
            self.is(json!({ "type": "string" }));
            visitor.visit_str(WORD)
        })+
    };
}

macro_rules! anything {
    ($($method:ident)+) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
            self.is(json!({}));
            visitor.visit_str(WORD)
        })+
    };
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Refused;

    whole! { deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 }
    text! { deserialize_char deserialize_str deserialize_string deserialize_identifier }
    anything! { deserialize_any deserialize_bytes deserialize_byte_buf deserialize_unit deserialize_ignored_any }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.is(json!({ "type": "boolean" }));
        visitor.visit_bool(true)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.is(json!({ "type": "number" }));
        visitor.visit_f64(1.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_some(self)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Refused> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        let item = RefCell::new(Value::Null);
        let read = visitor.visit_seq(Items { probe: self.inner(&item), left: 1 });
        self.is(json!({ "type": "array", "items": item.into_inner() }));
        read
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Refused> {
        let item = RefCell::new(Value::Null);
        let read = visitor.visit_seq(Items { probe: self.inner(&item), left: len });
        self.is(json!({ "type": "array", "items": item.into_inner(), "minItems": len, "maxItems": len }));
        read
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        let value = RefCell::new(Value::Null);
        let all = RefCell::new(Map::new());
        let read = visitor.visit_map(Fields { probe: self.inner(&value), name: "", left: &[WORD], all: &all });
        self.is(json!({ "type": "object", "additionalProperties": value.into_inner() }));
        read
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let value = RefCell::new(Value::Null);
        let all = RefCell::new(Map::new());
        let read = visitor.visit_map(Fields { probe: self.inner(&value), name, left: fields, all: &all });
        self.is(if name.starts_with(DATE) {
            json!({ "type": "string", "format": "date" })
        } else {
            json!({ "type": "object", "x-name": name, "additionalProperties": false, "properties": all.into_inner() })
        });
        read
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.is(json!({ "type": "string", "enum": variants }));
        visitor.visit_enum(Variant(variants[0]))
    }
}

/// The first of an enumeration's words.
struct Variant(&'static str);

impl<'de> EnumAccess<'de> for Variant {
    type Error = Refused;
    type Variant = <StrDeserializer<'static, Refused> as EnumAccess<'static>>::Variant;

    fn variant_seed<S: de::DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), Refused> {
        let word: StrDeserializer<'static, Refused> = self.0.into_deserializer();
        word.variant_seed(seed)
    }
}

/// A list of so many.
struct Items<'a> {
    probe: Probe<'a>,
    left: usize,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Refused;

    fn next_element_seed<S: de::DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Refused> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        seed.deserialize(self.probe.inner(self.probe.form)).map(Some)
    }
}

/// The fields of a table, each once but the one left out.
struct Fields<'a> {
    probe: Probe<'a>,
    name: &'a str,
    left: &'a [&'a str],
    all: &'a RefCell<Map<String, Value>>,
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Refused;

    fn next_key_seed<S: de::DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Refused> {
        while let Some(field) = self.left.first() {
            if self.probe.without == Some((self.name, field)) {
                self.left = &self.left[1..];
                continue;
            }
            let word: StrDeserializer<'_, Refused> = (*field).into_deserializer();
            return seed.deserialize(word).map(Some);
        }
        Ok(None)
    }

    fn next_value_seed<S: de::DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Refused> {
        let value = RefCell::new(Value::Null);
        let read = seed.deserialize(self.probe.inner(&value));
        let form = value.into_inner();
        if let Some(field) = self.left.first() {
            self.all.borrow_mut().insert((*field).to_owned(), form.clone());
        }
        *self.probe.form.borrow_mut() = form;
        self.left = &self.left[1..];
        read
    }
}
