use super::*;

const GROUP: Duration = Duration::from_micros(400);

/// Groups of so many, until the time that one takes is known.
fn used_to(count: usize) -> Patience {
    let mut patience = Patience::default();
    for _ in 0..40 {
        patience.wrote(count, GROUP);
    }
    patience
}

fn naps(patience: &mut Patience, there: impl Fn(usize) -> usize) -> usize {
    (0..100)
        .find(|&nap| patience.nap(there(nap)).is_none())
        .unwrap()
}

#[test]
fn as_many_as_were_answered_are_waited_for() {
    let mut patience = used_to(64);
    assert_eq!(naps(&mut patience, |nap| [20, 40, 64][nap]), 2);
    patience.wrote(64, GROUP);
    assert_eq!(naps(&mut patience, |_| 64), 0);
}

#[test]
fn the_wait_is_a_part_of_the_time_that_a_group_takes() {
    assert_eq!(naps(&mut used_to(64), |_| 1), 3);
    let mut quick = Patience::default();
    quick.wrote(64, Duration::from_micros(10));
    assert_eq!(naps(&mut quick, |_| 1), 0);
}

#[test]
fn nobody_waits_where_few_come() {
    assert_eq!(naps(&mut used_to(COUNT_MIN - 1), |_| 1), 0);
    assert_eq!(naps(&mut used_to(64), |_| 0), 0);
}

#[test]
fn waits_for_nothing_become_seldom_and_come_back() {
    let mut patience = used_to(64);
    let mut waited = 0;
    for _ in 0..2_000 {
        waited += usize::from(naps(&mut patience, |_| 30) > 0);
        patience.wrote(30, GROUP);
        patience.answered = 64;
    }
    assert!((5..25).contains(&waited), "{waited} of 2,000");
    assert!(patience.skip <= SKIP_LIMIT);
    // One wait that is worth it is enough.
    while naps(&mut patience, |_| 30) == 0 {
        patience.wrote(64, GROUP);
    }
    patience.wrote(64, GROUP);
    assert_eq!(naps(&mut patience, |_| 30), 3);
}
