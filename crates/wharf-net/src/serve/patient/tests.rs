//! Callers that take nothing are given up, slow ones are not.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::time::Instant;

use super::{AnswerDeadline, Patient, WRITE_TIMEOUT};

#[tokio::test(start_paused = true)]
async fn a_reader_that_takes_nothing_is_given_up() {
    let (ours, _theirs) = duplex(8);
    let mut patient = Patient::new(ours, AnswerDeadline::default());
    let started = Instant::now();
    let error = patient.write_all(&[0; 9]).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    assert_eq!(started.elapsed(), WRITE_TIMEOUT);
}

#[tokio::test(start_paused = true)]
async fn the_deadline_of_the_answer_comes_first() {
    let (ours, _theirs) = duplex(8);
    let deadline = AnswerDeadline::default();
    let mut patient = Patient::new(ours, deadline.clone());
    let started = Instant::now();
    deadline.set(Some(started + Duration::from_secs(2)));
    patient.write_all(&[0; 9]).await.unwrap_err();
    assert_eq!(started.elapsed(), Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_is_waited_for_again_and_again() {
    let (ours, mut theirs) = duplex(8);
    let mut patient = Patient::new(ours, AnswerDeadline::default());
    let reading = async {
        for _ in 0..10 {
            tokio::time::sleep(WRITE_TIMEOUT / 2).await;
            theirs.read_exact(&mut [0; 8]).await.unwrap();
        }
    };
    let (written, ()) = tokio::join!(patient.write_all(&[0; 80]), reading);
    written.unwrap();
}
