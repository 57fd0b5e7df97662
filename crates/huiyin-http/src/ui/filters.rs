//! Filters of the templates.

use askama::{Result, Values, filters::HtmlSafeOutput};

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

/// The address of an asset: `{{ "css/app.css"|asset }}`.
///
/// # Errors
/// Never.
#[askama::filter_fn]
pub fn asset(path: &str, _: &dyn Values) -> Result<HtmlSafeOutput<String>> {
    Ok(HtmlSafeOutput(super::assets::address(path)))
}
