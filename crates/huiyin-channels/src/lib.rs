//! Carries messages out of the house, and reads what carriers send back.
//!
//! [`email::SmtpCarrier`] hands mail to the city's mail server; [`sms::HttpGateway`] hands short messages to whatever
//! gateway the city has, told by templates how to ask it; [`sms::Mapping`] reads the reports of delivery such a gateway
//! posts. [`carriers`] makes them from [`Settings`].
//!
//! To speak to a further gateway, write its settings (`example.toml` beside this file has three); only what no template can
//! say needs code here. To add a further kind of carrier, give it a module with its settings and an implementation of
//! [`Carrier`], and a line in [`carriers`].
//!
//! What every carrier keeps to:
//!
//! - It may be asked to send the same message again under the same key, after a crash or an unclear answer, and gives the
//!   other side what it needs to see that it is one message: a Message-ID, or the key in the request.
//! - What is wrong with *this message* (no such number, text refused) is [`Never`]; everything else, wrong settings
//!   included, is [`Later`], so that a mistake in a setting costs time and no message.
//! - No number, address or word of a message is logged or put in a reason, since other sides love to repeat them.
//!
//! This crate knows no database and no web page.
//!
//! [`Later`]: huiyin_app::ports::Sent::Later
//! [`Never`]: huiyin_app::ports::Sent::Never

pub mod email;
mod settings;
pub mod sms;

use std::sync::Arc;

use huiyin_app::ports::{Carrier, Clock};

pub use settings::{EXAMPLE, Fault, Secret, Settings};

/// The carriers that are set up.
///
/// # Errors
/// When a setting makes no sense; the fault names it.
pub fn carriers(settings: &Settings, clock: &Arc<dyn Clock>) -> Result<Vec<Arc<dyn Carrier>>, Fault> {
    let mut carriers: Vec<Arc<dyn Carrier>> = Vec::new();
    if let Some(email) = &settings.email {
        carriers.push(Arc::new(email::SmtpCarrier::new(email, clock.clone())?));
    }
    if let Some(sms) = &settings.sms {
        carriers.push(Arc::new(sms::HttpGateway::new(sms, clock.clone())?));
    }
    Ok(carriers)
}
