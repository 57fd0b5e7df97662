//! A gateway's reports of delivery, late, twice, out of order, and from strangers.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use std::sync::{Arc, Mutex};

use axum::{body::Body, http::Request};
use huiyin_app::{
    BoxFuture, jobs, orders,
    ports::{Carrier, Message, Sent},
};
use huiyin_http::Options;
use serde_json::Value;
use tower::ServiceExt as _;

/// A gateway that takes everything and will report.
#[derive(Default)]
struct Gateway(Mutex<Vec<String>>);

impl Carrier for Gateway {
    fn name(&self) -> &'static str {
        "sms"
    }

    fn send<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Sent> {
        Box::pin(async move {
            self.0.lock().unwrap().push(message.key.clone());
            Sent::Taken { receipt: Some(format!("r-{}", message.key)), report_follows: true }
        })
    }
}

const SETTINGS: &str = r#"
[sms]
url = "http://127.0.0.1:1/send?to={to}&text={text}"
method = "GET"
[sms.report]
token = "report-token"
format = "query"
receipt = "receipt"
state = "state"
accepted = ["8"]
delivered = ["1"]
failed = ["2"]
"#;

#[tokio::test]
async fn a_report_of_delivery_discharges_the_duty_once() {
    let settings: huiyin_channels::Settings = toml::from_str(SETTINGS).unwrap();
    let mapping = huiyin_channels::sms::Mapping::of(settings.sms.as_ref().unwrap()).unwrap();
    let gateway = Arc::new(Gateway::default());
    let carriers = || vec![gateway.clone() as Arc<dyn Carrier>];
    for test in common::app::apps_with(carriers).await {
        gateway.0.lock().unwrap().clear();
        let server = common::server(test, Options { sms_reports: mapping.clone(), ..Options::default() });
        let app = &server.test.app;
        let new = serde_json::from_value(serde_json::json!({
            "kind": "help", "subject": "010201", "title": "路灯不亮", "body": "巷口路灯不亮",
            "claimant": { "name": "王某", "phone": "13800000001" },
        }));
        let taken = orders::take_in(app, &huiyin_app::Actor::system(), new.unwrap(), b"{}", None).await.unwrap();
        jobs::send(app).await.unwrap();
        let key = gateway.0.lock().unwrap()[0].clone();
        let told = async |order: &str| -> Value {
            let view = orders::view::order(app, &huiyin_app::Actor::system(), order).await.unwrap();
            orders::view::json(app, &view)["duties"][0]["told_at"].clone()
        };
        let report = async |token: &str, state: &str| {
            let path = format!("/hooks/sms/{token}?receipt=r-{key}&state={state}");
            let request = Request::get(path).body(Body::empty()).unwrap();
            server.router.clone().oneshot(request).await.unwrap().status().as_u16()
        };
        assert_eq!(report("wrong-token", "1").await, 404);
        assert_eq!(told(&taken.done.no).await, Value::Null, "a stranger reports nothing");
        assert_eq!(report("report-token", "1").await, 200);
        let at = told(&taken.done.no).await;
        assert!(at.is_string(), "delivered is told");
        server.test.clock.advance(60_000);
        assert_eq!(report("report-token", "8").await, 200, "late");
        assert_eq!(report("report-token", "1").await, 200, "twice");
        assert_eq!(report("report-token", "2").await, 200, "out of order");
        assert_eq!(told(&taken.done.no).await, at, "and it stays as it was");
    }
}
