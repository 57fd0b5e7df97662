//! What a refusal says to staff, by its code.

use crate::catalogue::Language;

/// The words for a refusal's code.
pub fn refusal(code: &str) -> Option<&'static str> {
    Language::here().coded("refusal", code)
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    /// Codes written as literals in a source tree.
    fn codes(dir: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(dir).expect("the source of core is beside this crate") {
            let path = entry.expect("a readable entry").path();
            if path.is_dir() {
                codes(&path, found);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                let text = fs::read_to_string(&path).expect("readable source");
                for after in text.split("Refusal::new(").skip(1) {
                    if let Some(code) = after.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next()) {
                        found.push(code.to_owned());
                    }
                }
            }
        }
    }

    #[test]
    fn every_refusal_of_core_has_words() {
        let mut found = Vec::new();
        codes(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../huiyin-core/src/order"), &mut found);
        assert!(found.len() > 100, "the scan finds the refusals");
        found.retain(|code| super::refusal(code).is_none());
        assert!(found.is_empty(), "no words for {found:?}");
    }
}
