//! Filters of the templates.

use std::{borrow::Cow, fmt::Display};

use askama::{Result, Values, filters::HtmlSafeOutput};

use crate::catalogue::Language;

/// Words in the language of the request: `{{ "queue-empty"|t }}`.
///
/// # Errors
/// Never.
#[askama::filter_fn]
pub fn t(key: &str, _: &dyn Values) -> Result<Cow<'static, str>> {
    Ok(Language::here().word(key).map_or_else(|| Cow::Owned(key.to_owned()), Cow::Borrowed))
}

/// Words with something in them: `{{ "drafts-saved-at"|put("at", at) }}`.
///
/// # Errors
/// Never.
#[askama::filter_fn]
pub fn put<T: Display>(key: &str, _: &dyn Values, name: &str, value: T) -> Result<String> {
    Ok(Language::here().with(key, &[(name, &value)]))
}

/// Words with two things in them.
///
/// # Errors
/// Never.
#[askama::filter_fn]
pub fn put2<A: Display, B: Display>(key: &str, _: &dyn Values, a: &str, x: A, b: &str, y: B) -> Result<String> {
    Ok(Language::here().with(key, &[(a, &x), (b, &y)]))
}

/// An icon of the sprite: `{{ "clock"|icon }}`.
///
/// # Errors
/// Never.
#[askama::filter_fn]
pub fn icon(name: &str, _: &dyn Values) -> Result<HtmlSafeOutput<String>> {
    Ok(HtmlSafeOutput(format!(
        "<svg class=\"icon\" aria-hidden=\"true\"><use href=\"{}#i-{name}\"/></svg>",
        *super::assets::ICONS
    )))
}

/// The `lang` of what people have written, on a page in another language: `<h2{{ ""|written }}>`.
///
/// # Errors
/// Never.
#[askama::filter_fn]
pub fn written(_: &str, _: &dyn Values) -> Result<HtmlSafeOutput<&'static str>> {
    Ok(HtmlSafeOutput(if Language::here() == Language::Zh { "" } else { " lang=\"zh-CN\"" }))
}

/// The address of the script in the language of the request: `{{ ""|script }}`.
///
/// # Errors
/// Never.
#[askama::filter_fn]
pub fn script(_: &str, _: &dyn Values) -> Result<HtmlSafeOutput<String>> {
    Ok(HtmlSafeOutput(super::assets::script()))
}

/// The address of an asset: `{{ "css/app.css"|asset }}`.
///
/// # Errors
/// Never.
#[askama::filter_fn]
pub fn asset(path: &str, _: &dyn Values) -> Result<HtmlSafeOutput<String>> {
    Ok(HtmlSafeOutput(super::assets::address(path)))
}
