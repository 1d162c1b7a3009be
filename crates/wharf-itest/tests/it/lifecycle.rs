//! Reload, drain, and the bound on connections.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use wharf_gateway::CallerDirectory;

use crate::support::caller::{Call, KeptConnection};
use crate::support::document::Document;
use crate::support::eventually;
use crate::support::gateway::{Gateway, Setup};
use crate::support::raw::{begin, head};
use crate::support::vendor::{CHUNKED, Connection, Gate, Vendor, answer, chunk, ok};

/// A vendor that answers with the version it was asked for.
async fn echoes_version() -> Vendor {
    Vendor::answering(|_, request| ok(&request.header("x-version").unwrap_or_default())).await
}

fn of_version(vendor: &Vendor, version: usize) -> Document {
    Document::at(vendor.address())
        .method("- Type: API Key\n- Version header: X-Version")
        .setting("api_version", format!("v{version}"))
}

#[tokio::test]
async fn reloads_under_load_fail_no_call_and_new_calls_see_the_new_plan() {
    const CALLERS: usize = 4;
    let vendor = echoes_version().await;
    let gateway = Arc::new(Setup::of(of_version(&vendor, 0)).workers(2).start());
    let over = Arc::new(AtomicBool::new(false));
    let callers = (0..CALLERS).map(|_| {
        let (gateway, over) = (Arc::clone(&gateway), Arc::clone(&over));
        tokio::spawn(async move {
            let stream = gateway.connect().await;
            let mut connection = KeptConnection::new(stream, gateway.address()).await;
            let (mut last, mut count) = (0, 0);
            while !over.load(Ordering::SeqCst) {
                let answer = connection.call(Call::post("/vendor/items", "x")).await;
                answer.assert_vendor(200, 1);
                let version = answer.text().strip_prefix('v').unwrap().parse().unwrap();
                assert!(version >= last, "version {version} after {last}");
                (last, count) = (version, count + 1);
            }
            count
        })
    });
    let callers: Vec<_> = callers.collect();
    for version in 1..=60 {
        gateway.replace(&of_version(&vendor, version)).await;
        let answer = gateway.call(Call::get("/vendor/items")).await;
        answer.assert_vendor(200, 1);
        assert_eq!(answer.text(), format!("v{version}"));
    }
    over.store(true, Ordering::SeqCst);
    let counts: Vec<usize> = join_all(callers)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let count = counts.iter().sum::<usize>();
    assert!(count >= 100, "only {count} calls ran beside the reloads");
    // Meters go on counting across reloads.
    gateway
        .until_metric("wharf_calls_total", &["outcome=\"success\""], count + 60)
        .await;
    assert_eq!(gateway.metric("wharf_reloads_total", &[]).to_string(), "60");
    let gateway = Arc::into_inner(gateway).unwrap();
    gateway.until_metric("wharf_connections", &[], 0).await;
    gateway.begin_stop().wait().await;
    vendor.until_open(0).await;
}

#[tokio::test]
async fn a_call_under_way_keeps_the_plan_it_began_with() {
    let gate = Gate::new();
    let old = Vendor::gated(&gate, ok("old")).await;
    let new = Vendor::answering(|_, _| ok("new")).await;
    let gateway = Gateway::start(Document::at(old.address()));
    let under_way = gateway.call(Call::get("/vendor/items"));
    let meanwhile = async {
        old.until_count(1).await;
        gateway.replace(&Document::at(new.address())).await;
        let answer = gateway.call(Call::get("/vendor/items")).await;
        assert_eq!(answer.text(), "new");
        gate.open();
    };
    let (answer, ()) = tokio::join!(under_way, meanwhile);
    answer.assert_vendor(200, 1);
    assert_eq!(answer.text(), "old");
    gateway.finish(&new, 1).await;
    old.until_open(0).await;
}

#[tokio::test]
async fn an_integration_that_is_taken_out_is_unknown_at_once() {
    let vendor = Vendor::fine().await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    gateway
        .call(Call::get("/vendor/items"))
        .await
        .assert_vendor(200, 1);
    gateway
        .replace(&Document::at(vendor.address()).id("renamed"))
        .await;
    assert_eq!(gateway.call(Call::get("/vendor/items")).await.status, 404);
    gateway
        .call(Call::get("/renamed/items"))
        .await
        .assert_vendor(200, 1);
    gateway.finish(&vendor, 1).await;
}

/// A vendor that sends the beginning of an answer, and the rest when the gate is opened.
async fn halves(gate: &Gate) -> Vendor {
    let beginning = format!("{CHUNKED}{}", chunk("one,"));
    Vendor::in_steps(gate, beginning, vec!["two".to_owned()]).await
}

#[tokio::test]
async fn shutdown_lets_calls_finish_and_refuses_new_connections() {
    let gate = Gate::new();
    let vendor = halves(&gate).await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let mut idle = gateway.connect().await;
    gateway.until_metric("wharf_connections", &[], 1).await;
    let mut open = gateway.open(Call::get("/vendor/items")).await;
    assert_eq!(open.next_text().await, "one,");
    let address = gateway.address();
    let stopping = gateway.begin_stop();
    // A connection without a call is closed at once.
    assert_eq!(idle.read(&mut [0; 8]).await.unwrap(), 0);
    let refused = TcpStream::connect(address).await.unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
    assert!(!stopping.is_over());
    gate.open();
    assert_eq!(open.next_text().await, "two");
    assert!(open.next().await.is_none());
    let finished = Instant::now();
    stopping.wait().await;
    assert!(finished.elapsed() < Duration::from_secs(5));
    vendor.until_open(0).await;
}

#[tokio::test]
async fn shutdown_waits_for_an_answer_that_has_not_begun() {
    let gate = Gate::new();
    let vendor = Vendor::gated(&gate, ok("late")).await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let (stream, address) = (gateway.connect().await, gateway.address());
    let mut connection = KeptConnection::new(stream, address).await;
    let call = connection.call(Call::post("/vendor/items", "x"));
    let stop = async {
        vendor.until_count(1).await;
        let stopping = gateway.begin_stop();
        eventually("the port to refuse", || {
            std::net::TcpStream::connect(address)
                .err()
                .ok_or("it accepts")
        })
        .await;
        gate.open();
        stopping
    };
    let (answer, stopping) = tokio::join!(call, stop);
    answer.assert_vendor(200, 1);
    assert_eq!(answer.text(), "late");
    stopping.wait().await;
    vendor.until_open(0).await;
}

#[tokio::test]
async fn a_call_that_never_ends_is_cut_at_the_drain_timeout() {
    let vendor = Vendor::start(|mut connection: Connection| async move {
        connection.request().await;
        connection.send(format!("{CHUNKED}{}", chunk("one"))).await;
        connection.until_closed().await;
    })
    .await;
    let drain_timeout = Duration::from_millis(300);
    let gateway = Setup::of(Document::at(vendor.address()))
        .drain_timeout(drain_timeout)
        .workers(2)
        .start();
    let mut open = gateway.open(Call::get("/vendor/items")).await;
    assert_eq!(open.next_text().await, "one");
    let stopped = Instant::now();
    gateway.begin_stop().wait().await;
    let took = stopped.elapsed();
    assert!(
        took >= drain_timeout && took < Duration::from_secs(5),
        "{took:?}"
    );
    assert!(
        open.next().await.unwrap().is_err(),
        "the answer looks whole"
    );
    vendor.until_open(0).await;
}

#[tokio::test]
async fn connections_above_the_bound_wait_while_all_others_have_a_call() {
    const BOUND: usize = 4;
    let gate = Gate::new();
    let vendor = Vendor::gated(&gate, ok("done")).await;
    let gateway = Setup::of(Document::at(vendor.address()))
        .max_connections(BOUND)
        .workers(2)
        .start();
    let held = join_all((0..BOUND).map(|_| gateway.call(Call::get("/vendor/items"))));
    let more = async {
        vendor.until_count(BOUND).await;
        let mut waiting = begin(&gateway, &head("/vendor/items")).await;
        let mut said = [0; 4_096];
        let early = tokio::time::timeout(Duration::from_millis(100), waiting.read(&mut said)).await;
        assert!(early.is_err(), "it was served above the bound");
        assert_eq!(
            gateway.metric("wharf_connections", &[]).to_string(),
            BOUND.to_string()
        );
        for _ in 0..=BOUND {
            gate.open();
        }
        let length = waiting.read(&mut said).await.unwrap();
        assert!(said[..length].starts_with(b"HTTP/1.1 200"));
    };
    let (answers, ()) = tokio::join!(held, more);
    for answer in answers {
        answer.assert_vendor(200, 1);
    }
    gateway.until_metric("wharf_connections", &[], 0).await;
    gateway.begin_stop().wait().await;
    vendor.until_open(0).await;
}

#[tokio::test]
async fn the_time_of_a_caller_that_waits_for_a_place_begins_when_it_has_one() {
    let gate = Gate::new();
    let vendor = Vendor::gated(&gate, ok("done")).await;
    let gateway = Setup::of(Document::at(vendor.address()))
        .max_connections(1)
        .start();
    let waits = Duration::from_millis(1_500);
    let more = async {
        vendor.until_count(1).await;
        // Shorter than it waits.
        let hurried = head("/vendor/items").replacen("\r\n", "\r\nWharf-Timeout: 1s\r\n", 1);
        let mut waiting = begin(&gateway, &hurried).await;
        tokio::time::sleep(waits).await;
        for gauge in ["wharf_connections", "wharf_calls_in_flight"] {
            assert_eq!(gateway.metric(gauge, &[]).to_string(), "1", "{gauge}");
        }
        gate.open();
        gate.open();
        let mut said = [0; 4_096];
        let length = waiting.read(&mut said).await.unwrap();
        assert!(said[..length].starts_with(b"HTTP/1.1 200"));
    };
    let (answer, ()) = tokio::join!(gateway.call(Call::get("/vendor/items")), more);
    answer.assert_vendor(200, 1);
    gateway.until_metric("wharf_calls_total", &[], 2).await;
    let lasted = gateway.metric("wharf_call_duration_seconds_sum", &[]);
    assert!(
        lasted < 2.0 * waits.as_secs_f64(),
        "{lasted} s, with the wait"
    );
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn a_stop_resets_callers_that_wait_for_a_place() {
    let gate = Gate::new();
    let vendor = Vendor::gated(&gate, ok("done")).await;
    let gateway = Setup::of(Document::at(vendor.address()))
        .max_connections(1)
        .start();
    let mut held = begin(&gateway, &head("/vendor/items")).await;
    vendor.until_count(1).await;
    let mut waiting = Vec::new();
    for _ in 0..3 {
        waiting.push(begin(&gateway, &head("/vendor/items")).await);
    }
    let stopping = gateway.begin_stop();
    for stream in &mut waiting {
        let read = stream.read(&mut [0; 4_096]).await;
        let error = read.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    }
    gate.open();
    let mut said = [0; 4_096];
    let length = held.read(&mut said).await.unwrap();
    assert!(said[..length].starts_with(b"HTTP/1.1 200"));
    stopping.wait().await;
    vendor.until_open(0).await;
}

#[tokio::test]
async fn many_callers_at_once_are_all_served() {
    let vendor = Vendor::fine().await;
    let gateway = Setup::of(Document::at(vendor.address())).workers(2).start();
    let calls = (0..200).map(|number| {
        gateway.call(Call::post(
            &format!("/vendor/items/{number}"),
            "x".repeat(number),
        ))
    });
    for answer in join_all(calls).await {
        answer.assert_vendor(200, 1);
    }
    assert_eq!(vendor.count(), 200);
    gateway
        .until_metric("wharf_calls_total", &["operation=\"undocumented\""], 200)
        .await;
    gateway.until_metric("wharf_connections", &[], 0).await;
    assert!(vendor.open() <= 200);
    gateway.begin_stop().wait().await;
    vendor.until_open(0).await;
}

/// A call that is under way when its caller is removed: nothing more is sent for it, and what the
/// vendor answers is not given to it.
#[tokio::test]
async fn a_call_under_way_ends_when_its_caller_is_removed() {
    // An idle connection that was silent before the other call began is not trusted after it.
    let both = Arc::new(tokio::sync::Barrier::new(2));
    let vendor = Vendor::start(move |mut connection: Connection| {
        let both = Arc::clone(&both);
        async move {
            let request = connection.request().await.unwrap();
            both.wait().await;
            if request.target() == "/retried" {
                connection.send(answer(503, &[], "away")).await;
            }
            connection.until_closed().await;
        }
    })
    .await;
    let document = Document::at(vendor.address())
        .retries(3, "1200ms")
        .retry_on(&[503]);
    let gateway = Gateway::start(document);
    let removing = async {
        vendor.until_count(2).await;
        let nobody = CallerDirectory::new([]);
        gateway.handle().replace_callers(nobody);
        Instant::now()
    };
    let (waits, retried, removed) = tokio::join!(
        gateway.call(Call::get("/vendor/waits")),
        gateway.call(Call::get("/vendor/retried")),
        removing
    );
    let took = removed.elapsed();
    assert!(took < Duration::from_secs(3), "{took:?}");
    for answer in [waits, retried] {
        assert_eq!(answer.status, 401, "{answer:#?}");
        let problem = answer.problem();
        assert_eq!(problem["code"], "unknown_caller");
        assert_eq!(problem["sent"], "maybe");
        assert_eq!(problem["attempts"], 1);
    }
    assert_eq!(vendor.count(), 2);
    // That of the whole answer can be used again.
    vendor.until_open(1).await;
    gateway.finish(&vendor, 1).await;
}

/// A vendor may ask for a long wait, and a caller without a place must not hold one for it.
#[tokio::test]
async fn a_wait_for_a_retry_ends_when_its_caller_is_removed() {
    let vendor = Vendor::start(|mut connection: Connection| async move {
        connection.request().await.unwrap();
        connection.send(answer(503, &[], "away")).await;
        connection.until_closed().await;
    })
    .await;
    let document = Document::at(vendor.address())
        .retries(3, "20s")
        .retry_on(&[503]);
    let gateway = Gateway::start(document);
    let removing = async {
        vendor.until_count(1).await;
        // This stands for somebody who looks on for a while, until the wait has begun.
        tokio::time::sleep(Duration::from_secs(1)).await;
        gateway.handle().replace_callers(CallerDirectory::new([]));
        Instant::now()
    };
    let (refused, removed) = tokio::join!(gateway.call(Call::get("/vendor/retried")), removing);
    let took = removed.elapsed();
    assert!(took < Duration::from_secs(3), "{took:?}");
    assert_eq!(refused.status, 401, "{refused:#?}");
    let problem = refused.problem();
    assert_eq!(problem["code"], "unknown_caller");
    assert_eq!(problem["attempts"], 1);
    // The time of the wait is told, though no attempt came after it.
    let timing = refused.header("server-timing").unwrap();
    let (_, waited) = timing.split_once("recover;dur=").unwrap();
    let waited: f64 = waited.parse().unwrap();
    assert!(waited >= 500.0, "{timing}");
    gateway.finish(&vendor, 1).await;
}
