//! Cases of the machine; `properties.rs` has random histories.

mod properties;

use std::time::Duration;

use jiff::Timestamp;

use super::{
    Action, DecodeError, Definition, DefinitionError, Effect, End, FORMAT, Found, GivenUp, Note,
    Now, Outcome, Procedure, Refused, RunId, Step, Unknown, Way, What,
};
use crate::bounded::Name;

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

fn note(text: &str) -> Note {
    Note::new(text)
}

fn step(text: &str) -> Step {
    Step::new(name(text))
}

fn started(steps: Vec<Step>) -> Procedure {
    let definition = Definition::new(name("outage"), steps).unwrap();
    Procedure::start(RunId::from_bytes([7; 16]), definition, at(0)).0
}

fn begun(run: &mut Procedure, seconds: i64) -> Effect {
    run.begin(at(seconds)).unwrap().0
}

fn done(run: &mut Procedure, seconds: i64) {
    let entry = run.finish(Outcome::Done(note("")), at(seconds)).unwrap();
    assert_eq!(entry.what, What::Done);
}

fn act(run: &mut Procedure, action: Action, seconds: i64) -> Result<What, Refused> {
    let entry = run.act(action, note("anna"), at(seconds));
    entry.map(|entry| entry.what)
}

#[test]
fn steps_are_done_in_order_each_at_its_time() {
    let wait = Duration::from_secs(300);
    let mut run = started(vec![step("detect"), step("switch").after(wait)]);
    let first = begun(&mut run, 0);
    assert_eq!((first.attempt, first.way), (1, Way::Forward));
    assert_eq!(
        first.key.as_str(),
        "07070707070707070707070707070707/detect"
    );
    done(&mut run, 10);
    assert_eq!(run.now(at(11)), Now::Wait(at(310)));
    assert!(run.begin(at(309)).is_err());
    assert_eq!(begun(&mut run, 310).step, name("switch"));
    done(&mut run, 311);
    assert_eq!(run.now(at(312)), Now::Ended(End::Done));
    assert_eq!(run.next_time(), None);
}

#[test]
fn a_step_is_tried_again_with_its_key_and_then_given_up() {
    for (rule, expected) in [
        (GivenUp::End, Now::Ended(End::Failed)),
        (GivenUp::Person, Now::Person),
    ] {
        let mut run = started(vec![step("one").attempts(2).given_up(rule)]);
        let failed = |seconds| Outcome::Failed {
            note: note("refused"),
            again_at: at(seconds),
        };
        let first = begun(&mut run, 0);
        run.finish(failed(60), at(1)).unwrap();
        assert_eq!(run.now(at(59)), Now::Wait(at(60)));
        let second = begun(&mut run, 60);
        assert_eq!((&first.key, second.attempt), (&second.key, 2));
        let entry = run.finish(failed(120), at(61)).unwrap();
        assert_eq!(entry.what, What::GaveUp);
        assert_eq!(run.now(at(1_000)), expected);
    }
    let mut run = started(vec![step("one").given_up(GivenUp::GoOn), step("two")]);
    begun(&mut run, 0);
    run.finish(Outcome::GaveUp(note("no such place")), at(1))
        .unwrap();
    assert_eq!(begun(&mut run, 1).step, name("two"));
}

#[test]
fn an_unknown_outcome_is_resolved_by_the_rule_of_the_step_alone() {
    let all = || {
        [
            Found::Repeat,
            Found::Done(note("")),
            Found::NotDone(note("")),
            Found::CannotTell {
                note: note(""),
                again_at: at(90),
            },
            Found::LeaveToPerson,
        ]
    };
    for (rule, fits) in [
        (Unknown::Repeat, [true, false, false, false, false]),
        (Unknown::Ask, [false, true, true, true, false]),
        (Unknown::Person, [false, false, false, false, true]),
    ] {
        let mut run = started(vec![step("one").unknown(rule), step("two")]);
        let effect = begun(&mut run, 0);
        assert!(run.begin(at(1)).is_err());
        assert_eq!(run.now(at(1)), Now::Unknown(effect, rule));
        let taken = all().map(|found| run.clone().resolve(found, at(1)).is_ok());
        assert_eq!(taken, fits, "{rule:?}");
    }
}

#[test]
fn who_cannot_tell_is_asked_as_often_as_tried_and_then_a_person() {
    let mut run = started(vec![step("one").unknown(Unknown::Ask).attempts(2)]);
    begun(&mut run, 0);
    let cannot_tell = |seconds| Found::CannotTell {
        note: note("times out"),
        again_at: at(seconds),
    };
    run.resolve(cannot_tell(30), at(1)).unwrap();
    assert_eq!(run.now(at(29)), Now::Wait(at(30)));
    let entry = run.resolve(cannot_tell(60), at(30)).unwrap();
    assert_eq!(
        (entry.what, run.now(at(99))),
        (What::LeftToPerson, Now::Person)
    );
    assert_eq!(act(&mut run, Action::Again, 99), Ok(What::Again));
    assert_eq!(begun(&mut run, 99).attempt, 1);
}

#[test]
fn a_step_that_ends_the_program_each_time_is_given_up() {
    let mut run = started(vec![step("one").attempts(3)]);
    for attempt in 1..=3 {
        assert_eq!(begun(&mut run, 1).attempt, attempt);
        run.resolve(Found::Repeat, at(1)).unwrap();
    }
    assert_eq!(run.now(at(2)), Now::Ended(End::Failed));
}

#[test]
fn a_paused_run_does_nothing_and_takes_the_outcome_of_what_was_under_way() {
    let mut run = started(vec![step("one"), step("two")]);
    begun(&mut run, 0);
    assert_eq!(act(&mut run, Action::Pause, 1), Ok(What::Paused));
    assert_eq!(act(&mut run, Action::Pause, 1), Err(Refused::Already));
    assert_eq!((run.now(at(2)), run.next_time()), (Now::Paused, None));
    assert!(run.resolve(Found::Repeat, at(2)).is_err());
    done(&mut run, 3);
    assert_eq!(run.now(at(4)), Now::Paused);
    assert!(run.begin(at(4)).is_err());
    act(&mut run, Action::Resume, 5).unwrap();
    assert_eq!(begun(&mut run, 5).step, name("two"));
}

#[test]
fn the_way_back_takes_back_what_was_begun_the_last_first() {
    let steps = || {
        vec![
            step("one").with_way_back(),
            step("two"),
            step("three").with_way_back(),
            step("four").with_way_back(),
        ]
    };
    let mut run = started(steps());
    for _ in 0..2 {
        begun(&mut run, 0);
        done(&mut run, 0);
    }
    begun(&mut run, 0);
    // What is under way ends first.
    assert_eq!(act(&mut run, Action::Back, 1), Ok(What::TurnedBack));
    assert_eq!(act(&mut run, Action::Back, 1), Err(Refused::Already));
    done(&mut run, 2);
    for expected in ["three", "one"] {
        let effect = begun(&mut run, 2);
        assert_eq!((&effect.step, effect.way), (&name(expected), Way::Back));
        assert!(effect.key.as_str().ends_with("/back"), "{}", effect.key);
        done(&mut run, 2);
    }
    assert_eq!(run.now(at(3)), Now::Ended(End::Back));

    let mut run = started(steps());
    assert_eq!(act(&mut run, Action::Back, 0), Ok(What::TurnedBack));
    assert_eq!(run.end(), Some(End::Back), "nothing was done yet");
}

#[test]
fn people_skip_do_by_hand_hurry_and_abort() {
    let wait = Duration::from_secs(600);
    let mut run = started(vec![
        step("one").after(wait),
        step("two").after(wait).with_way_back(),
        step("three").after(wait),
        step("four"),
    ]);
    assert_eq!(act(&mut run, Action::Skip, 5), Ok(What::Skipped));
    assert_eq!(run.now(at(5)), Now::Wait(at(605)));
    assert_eq!(act(&mut run, Action::ByHand, 6), Ok(What::ByHand));
    assert_eq!(act(&mut run, Action::Hurry, 7), Ok(What::Hurried));
    begun(&mut run, 7);
    assert_eq!(act(&mut run, Action::Skip, 8), Err(Refused::UnderWay));
    assert_eq!(act(&mut run, Action::Again, 8), Err(Refused::UnderWay));
    let mut back = run.clone();
    assert_eq!(act(&mut run, Action::Abort, 8), Ok(What::Aborted));
    assert_eq!(run.end(), None, "what is under way ends first");
    let mut at_once = run.clone();
    done(&mut run, 9);
    assert_eq!(run.end(), Some(End::Aborted));
    assert_eq!(act(&mut run, Action::Resume, 9), Err(Refused::Ended));
    act(&mut at_once, Action::Abort, 9).unwrap();
    assert_eq!(at_once.end(), Some(End::Aborted));
    // What was done by hand is taken back, what was skipped is not.
    act(&mut back, Action::Back, 9).unwrap();
    done(&mut back, 9);
    assert_eq!(begun(&mut back, 9).step, name("two"));
    done(&mut back, 9);
    assert_eq!(back.end(), Some(End::Back));
}

#[test]
fn a_definition_has_steps_of_different_names() {
    let new = |steps| Definition::new(name("drill"), steps);
    assert_eq!(new(vec![]), Err(DefinitionError::Count { count: 0 }));
    let many = (0..65).map(|n| step(&format!("s{n}"))).collect();
    assert_eq!(new(many), Err(DefinitionError::Count { count: 65 }));
    let twice = new(vec![step("a"), step("b"), step("a")]);
    assert_eq!(twice, Err(DefinitionError::Twice { name: name("a") }));
}

#[test]
fn a_newer_format_is_refused_in_words_and_damage_is_told() {
    let mut bytes = started(vec![step("one")]).to_bytes();
    for length in 0..bytes.len() {
        let cut = Procedure::from_bytes(&bytes[..length]);
        assert_eq!(cut, Err(DecodeError::Damaged), "{length}");
    }
    bytes.push(0);
    assert_eq!(Procedure::from_bytes(&bytes), Err(DecodeError::Damaged));
    bytes[0] = 9;
    let newer = Procedure::from_bytes(&bytes).unwrap_err();
    assert_eq!(newer, DecodeError::Newer { found: 9 });
    let told = newer.to_string();
    assert!(told.contains(&format!("up to {FORMAT}; use the newer wharf")));
}

#[test]
fn a_wait_beyond_the_end_of_time_is_the_end_of_time() {
    let steps = vec![step("one").after(Duration::MAX)];
    let definition = Definition::new(name("outage"), steps).unwrap();
    let (run, _) = Procedure::start(RunId::from_bytes([0; 16]), definition, Timestamp::MAX);
    assert!(run.next_time().unwrap() <= Timestamp::MAX);
    assert_eq!(Procedure::from_bytes(&run.to_bytes()), Ok(run));
}
