//! `GET /tour`: what to try in the demonstration, as whom. Without a demonstration there is none.

use askama::Template;
use axum::{
    extract::State,
    http::header,
    response::{Html, IntoResponse, Response},
};
use huiyin_app::CommandError;

use super::{error::Fault, filters, language, login::DEMO_PASSWORD};
use crate::{Site, catalogue::word};

/// A role and what to try as it.
#[derive(Debug)]
pub struct Stop {
    /// Login.
    pub login: &'static str,
    /// What the role is: the key of its words.
    pub role: &'static str,
    /// What to try: page, and the key of what is there to see.
    pub tries: &'static [(&'static str, &'static str)],
}

impl Stop {
    /// What the role is, in words.
    pub fn role_words(&self) -> &'static str {
        word(self.role)
    }
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "tour.html")]
pub struct TourPage {
    /// The password of every login.
    pub password: &'static str,
    /// Languages one may read the pages in.
    pub languages: Vec<language::Choice>,
    /// The roles, in the order a matter meets them.
    pub stops: &'static [Stop],
}

/// The way a matter goes, role by role.
const STOPS: &[Stop] = &[
    Stop {
        login: "agent",
        role: key!("role-agent"),
        tries: &[("/desk", key!("tour-desk")), ("/desk/drafts", key!("tour-drafts")), ("/intake", key!("tour-intake"))],
    },
    Stop {
        login: "office",
        role: key!("role-office"),
        tries: &[
            ("/dispatch", key!("tour-dispatch")),
            ("/review", key!("tour-review")),
            ("/disputes", key!("tour-disputes")),
            ("/orders?tab=emergency", key!("tour-emergency")),
            ("/admin/units", key!("tour-admin")),
        ],
    },
    Stop { login: "subcentre", role: key!("role-subcentre"), tries: &[("/queue", key!("tour-subcentre"))] },
    Stop {
        login: "officer",
        role: key!("tour-role-officer"),
        tries: &[("/queue", key!("tour-queue")), ("/queue?tab=soon", key!("tour-soon")), ("/unit", key!("tour-unit"))],
    },
    Stop {
        login: "leader",
        role: key!("tour-role-leader"),
        tries: &[("/approvals", key!("tour-approvals")), ("/unit", key!("tour-delegate"))],
    },
    Stop { login: "callback", role: key!("role-callback"), tries: &[("/callback", key!("tour-callback"))] },
    Stop { login: "mayor", role: key!("role-mayor"), tries: &[("/orders?tab=over", key!("tour-mayor"))] },
    Stop {
        login: "admin",
        role: key!("role-admin"),
        tries: &[("/admin/people", key!("tour-keys")), ("/admin/audit", key!("tour-audit"))],
    },
];

/// `GET /tour`.
///
/// # Errors
/// [`Fault`]; not found without a demonstration.
pub async fn get(State(site): State<Site>) -> Result<Response, Fault> {
    if !site.options.demo {
        return Err(CommandError::NotFound.into());
    }
    let page = TourPage { password: DEMO_PASSWORD, languages: language::choices(), stops: STOPS };
    Ok(([(header::CACHE_CONTROL, "no-store")], Html(page.render()?)).into_response())
}

#[cfg(test)]
mod tests {
    use super::STOPS;
    use crate::ui::ROUTES;

    #[test]
    fn every_page_of_the_tour_is_there() {
        for (path, _) in STOPS.iter().flat_map(|stop| stop.tries) {
            let path = path.split('?').next().expect("a path");
            assert!(ROUTES.iter().any(|route| route.path == path && route.method == "GET"), "{path}");
        }
    }
}
