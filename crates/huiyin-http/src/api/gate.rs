//! Who may pass: the bearer token, its scope, and what is done about those who try bad ones.
//!
//! Only `Authorization: Bearer` counts here, never a cookie: what a browser sends by itself opens nothing.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher, RandomState},
    net::{IpAddr, SocketAddr},
    num::NonZeroU32,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, header::AUTHORIZATION},
    middleware::Next,
    response::{IntoResponse, Response},
};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock as _};
use huiyin_app::{Scope, people};

use super::Problem;
use crate::{Site, ops};

/// Bad tokens an address may try at once; after that one every few seconds.
const TRIES: u32 = 20;

/// How many addresses and tokens are kept in mind.
const KEPT: usize = 10_000;

/// What the routes share.
pub(super) struct Gate {
    site: Site,
    failures: DefaultKeyedRateLimiter<IpAddr>,
    clock: governor::clock::DefaultClock,
    /// Addresses that are shut out, and until when.
    shut: Mutex<HashMap<IpAddr, Instant>>,
    /// Tokens that were good lately: a stranger behind the same address does not shut them out.
    good: Mutex<HashSet<u64>>,
    hasher: RandomState,
}

impl Gate {
    pub(super) fn new(site: Site) -> Self {
        // INVARIANT: the number is not zero.
        let quota = Quota::per_minute(NonZeroU32::new(TRIES).unwrap_or(NonZeroU32::MIN));
        Self {
            site,
            failures: RateLimiter::keyed(quota),
            clock: governor::clock::DefaultClock::default(),
            shut: Mutex::default(),
            good: Mutex::default(),
            hasher: RandomState::new(),
        }
    }

    /// Seconds an address must still wait.
    fn shut_for(&self, address: IpAddr) -> Option<i64> {
        let now = Instant::now();
        let shut = self.shut.lock().unwrap_or_else(PoisonError::into_inner);
        let left = shut.get(&address)?.checked_duration_since(now)?;
        Some(seconds(left))
    }

    /// Notes a bad token; seconds to wait if it was one too many.
    fn failed(&self, address: IpAddr) -> Option<i64> {
        metrics::counter!("huiyin_api_bad_tokens_total").increment(1);
        if self.failures.len() > KEPT {
            self.failures.retain_recent();
        }
        let wait = self.failures.check_key(&address).err()?.wait_time_from(self.clock.now());
        let now = Instant::now();
        let mut shut = self.shut.lock().unwrap_or_else(PoisonError::into_inner);
        if shut.len() > KEPT {
            shut.retain(|_, until| *until > now);
        }
        shut.insert(address, now + wait);
        Some(seconds(wait))
    }

    fn mark(&self, token: &str) -> u64 {
        self.hasher.hash_one(token)
    }

    fn was_good(&self, mark: u64) -> bool {
        self.good.lock().unwrap_or_else(PoisonError::into_inner).contains(&mark)
    }

    fn is_good(&self, mark: u64) {
        let mut good = self.good.lock().unwrap_or_else(PoisonError::into_inner);
        if good.len() > KEPT {
            good.clear();
        }
        good.insert(mark);
    }
}

fn seconds(left: Duration) -> i64 {
    i64::try_from(left.as_secs()).unwrap_or(i64::MAX).saturating_add(1)
}

/// Lets a request pass with the actor of its token, if the token has the scope the route needs.
pub(super) async fn pass(
    State((gate, needs)): State<(Arc<Gate>, Option<Scope>)>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(token) = bearer(request.headers()) else { return Problem::unauthenticated(false).into_response() };
    let site = &gate.site;
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let address = ops::client(peer, request.headers(), &site.options);
    let mark = gate.mark(token);
    if !gate.was_good(mark)
        && let Some(seconds) = gate.shut_for(address)
    {
        return Problem::too_many(seconds).into_response();
    }
    let actor = match people::token_actor(&site.app, token).await {
        Ok(actor) => actor,
        Err(huiyin_app::CommandError::Unauthenticated) => {
            return match gate.failed(address) {
                Some(seconds) => Problem::too_many(seconds).into_response(),
                None => Problem::unauthenticated(true).into_response(),
            };
        }
        Err(error) => return Problem::of(&site.app, error).into_response(),
    };
    gate.is_good(mark);
    if let Some(scope) = needs
        && !actor.allows(scope)
    {
        return Problem::out_of_scope(scope.code()).into_response();
    }
    request.extensions_mut().insert(actor);
    next.run(request).await
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && (1..=200).contains(&token.len())).then_some(token)
}
