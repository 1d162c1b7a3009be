//! Tokens that are made of a credential: one at a time, renewed ahead, never used past their end.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::join_all;

use crate::support::caller::{Call, Problem};
use crate::support::document::Document;
use crate::support::gateway::{Gateway, Setup};
use crate::support::vendor::{Received, Vendor, answer, ok};

const UNAVAILABLE: Problem = Problem {
    status: 503,
    code: "credential_unavailable",
    fault: "credential",
    sent: "nothing",
    retry_safe: true,
    attempts: 0,
};

/// Who makes tokens, and takes them while they are good.
#[derive(Clone)]
struct Provider(Arc<State>);

struct State {
    life: Duration,
    /// The client's id and secret.
    client: Mutex<(&'static str, &'static str)>,
    is_down: AtomicBool,
    under_way: AtomicUsize,
    at_once: AtomicUsize,
    made: Mutex<BTreeMap<String, Instant>>,
    refused: AtomicUsize,
}

impl Provider {
    fn new(life: Duration) -> Self {
        Self(Arc::new(State {
            life,
            client: Mutex::new(("shop", "s3cret")),
            is_down: AtomicBool::default(),
            under_way: AtomicUsize::default(),
            at_once: AtomicUsize::default(),
            made: Mutex::default(),
            refused: AtomicUsize::default(),
        }))
    }

    async fn start(&self) -> Vendor {
        let provider = self.clone();
        Vendor::answering(move |_, request| provider.answer(request)).await
    }

    fn answer(&self, request: &Received) -> Vec<u8> {
        if request.target() == "/oauth/token" {
            return self.token(request);
        }
        let token = request.header("authorization").unwrap_or_default();
        let token = token.trim_start_matches("Bearer ").to_owned();
        let made = self.0.made.lock().unwrap();
        match made.get(&token) {
            Some(end) if Instant::now() < *end => ok("welcome"),
            _ => {
                self.0.refused.fetch_add(1, Ordering::SeqCst);
                answer(401, &[], "who is this?")
            }
        }
    }

    fn token(&self, request: &Received) -> Vec<u8> {
        let at_once = self.0.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        self.0.at_once.fetch_max(at_once, Ordering::SeqCst);
        let said = self.token_for(request);
        self.0.under_way.fetch_sub(1, Ordering::SeqCst);
        said
    }

    fn token_for(&self, request: &Received) -> Vec<u8> {
        if self.0.is_down.load(Ordering::SeqCst) {
            return answer(503, &[], "");
        }
        let (id, secret) = *self.0.client.lock().unwrap();
        let basic = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
        let form = String::from_utf8(request.body.clone()).unwrap();
        if request.header("authorization") != Some(basic) {
            return answer(401, &[], r#"{"error":"invalid_client"}"#);
        }
        if !form.contains("grant_type=client_credentials") {
            return answer(400, &[], r#"{"error":"unsupported_grant_type"}"#);
        }
        let mut made = self.0.made.lock().unwrap();
        let token = format!("token-{}", made.len());
        made.insert(token.clone(), Instant::now() + self.0.life);
        let seconds = self.0.life.as_secs();
        ok(&format!(
            r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":{seconds}}}"#
        ))
    }

    fn made(&self) -> usize {
        self.0.made.lock().unwrap().len()
    }
}

fn document(vendor: &Vendor) -> Document {
    let method = "- Type: OAuth2\n- Grant: client_credentials\n- Token URL: /oauth/token";
    let store = "production:\n  location: ENV_VARIABLES\n  variables:\n    - SHOP_CLIENT_ID\n    - \
                 SHOP_CLIENT_SECRET";
    Document::at(vendor.address())
        .method(method)
        .credentials(store)
        .error("401", "Refresh token")
}

fn gateway(vendor: &Vendor) -> Gateway {
    Setup::of(document(vendor))
        .variable("SHOP_CLIENT_ID", "shop")
        .variable("SHOP_CLIENT_SECRET", "s3cret")
        .start()
}

async fn statuses(gateway: &Gateway, calls: usize) -> Vec<u16> {
    let calls = (0..calls).map(|_| gateway.call(Call::get("/vendor/items")));
    let answers = join_all(calls).await.into_iter();
    answers.map(|answer| answer.status.as_u16()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_made_once_and_sent_by_all() {
    let provider = Provider::new(Duration::from_secs(3_600));
    let vendor = provider.start().await;
    let gateway = gateway(&vendor);
    assert_eq!(statuses(&gateway, 100).await, [200; 100]);
    assert_eq!(provider.made(), 1);
    let sent = vendor.requests();
    let calls = sent.iter().filter(|of| of.target() == "/items");
    for call in calls {
        assert_eq!(
            call.header("authorization").as_deref(),
            Some("Bearer token-0")
        );
    }
    gateway.finish(&vendor, vendor.open()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_a_second_are_made_one_at_a_time_and_none_is_used_past_its_end() {
    let provider = Provider::new(Duration::from_secs(1));
    let vendor = provider.start().await;
    let gateway = gateway(&vendor);
    let end = Instant::now() + Duration::from_secs(3);
    while Instant::now() < end {
        assert_eq!(statuses(&gateway, 10).await, [200; 10]);
    }
    assert_eq!(provider.0.refused.load(Ordering::SeqCst), 0);
    assert_eq!(provider.0.at_once.load(Ordering::SeqCst), 1);
    assert!((3..=12).contains(&provider.made()), "{}", provider.made());
    gateway.finish(&vendor, vendor.open()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_provider_is_away_calls_go_on_to_the_end_of_the_token_and_then_fail_typed() {
    let provider = Provider::new(Duration::from_secs(2));
    let vendor = provider.start().await;
    let gateway = gateway(&vendor);
    let started = Instant::now();
    provider.0.is_down.store(true, Ordering::SeqCst);
    while started.elapsed() < Duration::from_secs(1) {
        assert_eq!(statuses(&gateway, 1).await, [200]);
    }
    // The end is there; the time that a try takes is not waited for by everybody.
    tokio::time::sleep_until((started + Duration::from_secs(2)).into()).await;
    let answer = gateway.call(Call::get("/vendor/items")).await;
    answer.assert_problem(&UNAVAILABLE);
    assert!(
        answer.text().contains("/oauth/token answers 503"),
        "{}",
        answer.text()
    );
    provider.0.is_down.store(false, Ordering::SeqCst);
    let deadline = Instant::now() + Duration::from_secs(20);
    while statuses(&gateway, 1).await != [200] {
        assert!(Instant::now() < deadline, "it does not come back");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(provider.0.refused.load(Ordering::SeqCst), 0);
    gateway.finish(&vendor, vendor.open()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_the_vendor_took_back_is_made_anew_and_the_call_replayed() {
    let provider = Provider::new(Duration::from_secs(3_600));
    let vendor = provider.start().await;
    let gateway = gateway(&vendor);
    assert_eq!(statuses(&gateway, 1).await, [200]);
    let ended = Instant::now();
    for end in provider.0.made.lock().unwrap().values_mut() {
        *end = ended;
    }
    assert_eq!(statuses(&gateway, 20).await, [200; 20]);
    assert_eq!(provider.made(), 2);
    gateway.finish(&vendor, vendor.open()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_that_refuses_everything_is_no_reason_for_a_token_each_call() {
    let provider = Provider::new(Duration::from_secs(60));
    let vendor = provider.start().await;
    let gateway = gateway(&vendor);
    let started = Instant::now();
    for _ in 0..30 {
        for end in provider.0.made.lock().unwrap().values_mut() {
            *end = started;
        }
        let answer = gateway.call(Call::get("/vendor/items")).await;
        assert!([200, 401].contains(&answer.status.as_u16()));
    }
    let most = 3 + usize::try_from(started.elapsed().as_secs()).unwrap();
    assert!(provider.made() <= most, "{} of {most}", provider.made());
    gateway.finish(&vendor, vendor.open()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_is_refused_is_told_without_its_secret() {
    let provider = Provider::new(Duration::from_secs(60));
    *provider.0.client.lock().unwrap() = ("shop", "another");
    let vendor = provider.start().await;
    let gateway = gateway(&vendor);
    let answer = gateway.call(Call::get("/vendor/items")).await;
    answer.assert_problem(&UNAVAILABLE);
    let text = answer.text();
    assert!(text.contains("invalid_client"), "{text}");
    assert!(!text.contains("s3cret"), "{text}");
    gateway.finish(&vendor, vendor.open()).await;
}
