//! The fuzz targets, with a driver that needs nothing but the project's compiler.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::bodies::{TARGETS, Target};
use super::run::{Length, Run, mutated, worked};

/// Longer inputs find nothing that shorter ones do not, and take their time.
const LONGEST_INPUT_BYTES: usize = 4_096;

/// One input may keep the processor so long.
const PATIENCE: Duration = Duration::from_secs(10);

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Runs the target that the proof is named after.
pub(crate) fn run(run: &mut Run) {
    let name = run.name.strip_prefix("fuzz-").unwrap();
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    match run.length {
        Length::Long => {
            let seconds = run.count;
            let started = Instant::now();
            let inputs = drive(run, target, |_| started.elapsed().as_secs() >= seconds);
            run.done = seconds;
            run.note(format!("{inputs} inputs"));
        }
        Length::Small => {
            let most = run.count;
            run.done = drive(run, target, |inputs| inputs >= most);
        }
    }
}

/// The seeds as they are, then changed ones until it is enough. Gives their number.
fn drive(run: &mut Run, target: &Target, is_enough: impl Fn(u64) -> bool) -> u64 {
    let folder = root().join("fuzz/corpus").join(target.name);
    let mut seeds: Vec<(PathBuf, Vec<u8>)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .collect();
    seeds.sort();
    assert!(!seeds.is_empty(), "{} has no seeds", target.name);
    let mut inputs = 0;
    for (_, seed) in &seeds {
        once(run, target, seed);
        inputs += 1;
    }
    while !is_enough(inputs) && run.failed() == 0 {
        let seed = &seeds[run.random.usize(0..seeds.len())].1;
        let from = run
            .random
            .usize(0..=seed.len().saturating_sub(LONGEST_INPUT_BYTES));
        let seed = &seed[from..seed.len().min(from + LONGEST_INPUT_BYTES)];
        let input = mutated(&mut run.random, seed);
        once(run, target, &input);
        inputs += 1;
    }
    inputs
}

fn once(run: &mut Run, target: &Target, input: &[u8]) {
    let before = run.failed();
    let clock = Instant::now();
    let before_input = worked(clock);
    run.attempt(|_| (target.run)(input));
    let took = worked(clock).saturating_sub(before_input);
    if took > PATIENCE {
        run.fail(format!("one input took {took:?}"));
    }
    if run.failed() > before {
        println!("the input: {}", input.escape_ascii());
    }
}
