//! The proofs by name, and the lines that say what came of them.

use std::process::{Command, ExitCode};

use super::run::{Length, Run};
use super::{
    bytes, crowds, cuts, documents, every, fuzzing, kills, memory, pool, procedures, repeat,
    restore_kills, soak, store_kills, takeovers,
};

/// One proof.
struct Proof {
    name: &'static str,
    proves: &'static str,
    /// What is counted, when small and when long.
    unit: [&'static str; 2],
    /// 0: `scripts/test` does as much without the proof.
    small: u64,
    long: u64,
    /// About how long the long run takes, in minutes.
    long_minutes: u64,
    run: fn(&mut Run),
}

const PROOFS: &[Proof] = &[
    Proof {
        name: "kills",
        proves: "`wharf up` and `wharf callers add` killed at random moments: acknowledged callers are never lost, the state opens again, and the documents run, a broken one as it last was",
        unit: ["kills of each"; 2],
        small: 15,
        long: 300,
        long_minutes: 10,
        run: kills::run,
    },
    Proof {
        name: "procedure-kills",
        proves: "a process that drives a procedure, killed at each point of its journal, and again there while it goes on: each effect is done once by its key and told once, and the run ends",
        unit: ["kills at each point"; 2],
        small: 1,
        long: 25,
        long_minutes: 10,
        run: procedures::run,
    },
    Proof {
        name: "store-kills",
        proves: "a process that takes up to 2,000 events a second, a tenth of them repeats, says what came of them, begins new files and takes old ones away, killed at random moments: what it acknowledged is there as it was sent, at its place and once, nothing else is, and no cursor goes back",
        unit: ["kills"; 2],
        small: 4,
        long: 300,
        long_minutes: 12,
        run: store_kills::run,
    },
    Proof {
        name: "restore-kills",
        proves: "`wharf store backup` and `wharf store restore`, killed at each of their steps: a backup is whole or not there, a state folder has no state or all of it, and what else is left is refused by every command and named to be removed",
        unit: ["kills of each"; 2],
        small: 4,
        long: 100,
        long_minutes: 6,
        run: restore_kills::run,
    },
    Proof {
        name: "segment-cuts",
        proves: "the last file of events cut at each byte of its last 64 KiB, and each bit turned around of each field of each kind of frame and header, of events, calls and keys: what is whole is there, nothing else is, damage is told, and a second start finds the same",
        unit: ["tests that try all"; 2],
        small: 0,
        long: every::CUTS.len() as u64,
        long_minutes: 12,
        run: every::segment_cuts,
    },
    Proof {
        name: "full-disk",
        proves: "a life of the log of events on a disk that is full after each byte: what was acknowledged is there, what was refused is not, and with room again it goes on by itself",
        unit: ["tests that try all"; 2],
        small: 0,
        long: every::FULL.len() as u64,
        long_minutes: 5,
        run: every::full_disk,
    },
    Proof {
        name: "catalog-cuts",
        proves: "every document of the catalog, cut at every 64th byte and reloaded while calls run: no call goes out without its credential or to another host",
        unit: ["rounds"; 2],
        small: 12,
        long: cuts::ALL_ROUNDS,
        long_minutes: 15,
        run: cuts::run,
    },
    Proof {
        name: "crowd-cold-tls",
        proves: "40 cold calls to a vendor with TLS handshakes of 0.2 s and answers of 3 s, over HTTP/1.1 and HTTP/2: all answered, the last within 3.8 s",
        unit: ["crowds"; 2],
        small: 2,
        long: 20,
        long_minutes: 2,
        run: crowds::cold_tls,
    },
    Proof {
        name: "crowd-h2-streams",
        proves: "24 calls at once to a vendor with 4 HTTP/2 streams a connection, answers of 1 s and a timeout of 2 s: all answered",
        unit: ["crowds"; 2],
        small: 1,
        long: 20,
        long_minutes: 1,
        run: crowds::h2_streams,
    },
    Proof {
        name: "crowd-slow-readers",
        proves: "six callers that do not read their answers over one HTTP/2 connection, more than its window has room for: a seventh is served at once",
        unit: ["crowds"; 2],
        small: 1,
        long: 20,
        long_minutes: 1,
        run: crowds::slow_readers,
    },
    Proof {
        name: "dead-h2",
        proves: "an HTTP/2 connection that no longer answers costs each call at most one attempt, and later calls none",
        unit: ["connections"; 2],
        small: 1,
        long: 20,
        long_minutes: 1,
        run: crowds::dead_h2,
    },
    Proof {
        name: "memory-bodies",
        proves: "8 request bodies and 8 answers in chunks of one byte, kept for a retry: memory grows by at most 32 MiB, of which README lets 8 MiB be kept",
        unit: ["chunks a call"; 2],
        small: 100_000,
        long: 1_000_000,
        long_minutes: 16,
        run: memory::run,
    },
    Proof {
        name: "soak",
        proves: "small and large calls, streams, aborts, errors and slow readers side by side: memory, open files and calls in flight return to the start, and every count agrees with what was done",
        unit: ["seconds"; 2],
        small: 20,
        long: 25 * 60,
        long_minutes: 27,
        run: soak::run,
    },
    Proof {
        name: "takeovers",
        proves: "up to 2,000 calls a second, over kept and over fresh connections, and long answers, while one process takes over from the other, and some are killed in the middle of it: none refused, none cut, every body whole",
        unit: ["take-overs"; 2],
        small: 4,
        long: 300,
        long_minutes: 15,
        run: takeovers::run,
    },
    Proof {
        name: "mutations-documents",
        proves: "documents of the catalog with random changes are read, checked, formatted and drawn without a panic, in bounded time",
        unit: ["documents"; 2],
        small: 300,
        long: 20_000,
        long_minutes: 15,
        run: documents::run,
    },
    Proof {
        name: "mutations-bytes",
        proves: "requests of a caller and answers of a vendor with random changes: no panic, every connection ends or gets an answer, and the next good call works",
        unit: ["messages"; 2],
        small: 200,
        long: 20_000,
        long_minutes: 10,
        run: bytes::run,
    },
    Proof {
        name: "pool",
        proves: "the pool of connections under any sequence of what callers, vendors and time do to it, over HTTP/1.1 and HTTP/2: no connection gets a request that it must not get, every request ends and is told of truly, and nothing is left open",
        unit: ["sequences", "seconds"],
        small: 0,
        long: 600,
        long_minutes: 11,
        run: pool::run,
    },
    fuzz_wire("fuzz-links", "`Link` and `Location` of a vendor"),
    fuzz_wire("fuzz-timeout", "`Wharf-Timeout` of a caller"),
    fuzz_wire(
        "fuzz-connection",
        "headers of one connection: which go, and how long `Keep-Alive` lets it rest",
    ),
    fuzz_wire("fuzz-token", "the places of a caller's token"),
    fuzz_wire("fuzz-codes", "codes in a vendor's JSON"),
    fuzz_wire(
        "fuzz-interim",
        "interim answers of a vendor: counted alike in any pieces",
    ),
    fuzz_wire(
        "fuzz-sieve",
        "HTTP/2 frames of a vendor: the same ones are left out, in any pieces",
    ),
    fuzz_wire(
        "fuzz-line",
        "first lines of a caller: what is wrong is told alike in any pieces",
    ),
    fuzz_wire(
        "fuzz-waits",
        "waits that a vendor asks for: within the bound",
    ),
    fuzz_wire(
        "fuzz-accept",
        "`Accept` of a caller: a problem's media type, however it is written",
    ),
    fuzz_wire(
        "fuzz-host",
        "`Host` and target of a caller: what answers are led back to is a host and nothing else",
    ),
    fuzz_wire(
        "fuzz-path",
        "the path of a caller: what passes stays below its base, to lenient readers too",
    ),
    fuzz_wire(
        "fuzz-content",
        "bodies behind content codings: within the bound, and what was coded comes back",
    ),
    fuzz("fuzz-load", "the reader of documents"),
    fuzz("fuzz-frontmatter", "the reader of frontmatter"),
    fuzz("fuzz-format", "the layout of documents"),
    fuzz("fuzz-draft", "edits of documents"),
    fuzz("fuzz-secrets", "what is shown of secrets in documents"),
    fuzz(
        "fuzz-runs",
        "run files of keys: no change passes for what was written",
    ),
    fuzz(
        "fuzz-segments",
        "segments of the log of events: recovered whatever they are, and a second time to the same",
    ),
    fuzz(
        "fuzz-sealed",
        "sealed secrets and their keys: read or refused, and nothing opens that was not sealed",
    ),
    fuzz(
        "fuzz-minted",
        "answers of token endpoints: what is read can be sent, and no secret is shown",
    ),
    fuzz(
        "fuzz-keys",
        "keys that sign: read or refused alike with and without their algorithm",
    ),
    Proof {
        name: "repeat",
        proves: "the tests in Rust, again and again while two other processes keep both processors busy: no failure",
        unit: ["runs"; 2],
        small: 0,
        long: 10,
        long_minutes: 30,
        run: repeat::run,
    },
];

/// The proof that runs the fuzz target of this name: inputs when small, seconds when long.
const fn fuzz(name: &'static str, proves: &'static str) -> Proof {
    Proof {
        name,
        proves,
        unit: ["inputs", "seconds"],
        small: 1_000,
        long: 300,
        long_minutes: 6,
        run: fuzzing::run,
    }
}

/// The same for what strangers send. It is asked for longer.
const fn fuzz_wire(name: &'static str, proves: &'static str) -> Proof {
    Proof {
        long: 600,
        long_minutes: 11,
        ..fuzz(name, proves)
    }
}

/// Prints what there is.
pub(crate) fn list() {
    println!("NAME                 SMALL    LONG  MINUTES  PROVES");
    for proof in PROOFS {
        let Proof {
            name,
            proves,
            small,
            long,
            long_minutes,
            unit: [_, unit],
            ..
        } = proof;
        println!("{name:<19} {small:>6} {long:>7} {long_minutes:>8}  {proves} (long: {unit})");
    }
}

/// Runs proofs one after the other, all where none is named; says what came of each, and of all.
pub(crate) fn run(length: Length, names: &[String]) -> ExitCode {
    let unknown = |name: &&String| !PROOFS.iter().any(|proof| proof.name == **name);
    if let Some(name) = names.iter().find(unknown) {
        println!("error: there is no proof `{name}`; `scripts/test --long` lists them");
        return ExitCode::from(2);
    }
    let commit = commit();
    let (mut passed, mut failed) = (0, 0);
    let mut rows = Vec::new();
    let wanted = |proof: &&Proof| names.is_empty() || names.iter().any(|name| name == proof.name);
    for proof in PROOFS.iter().filter(wanted) {
        let count = match length {
            Length::Small => proof.small,
            Length::Long => proof.long,
        };
        let count = given("WHARF_PROOF_COUNT").unwrap_or(count);
        if count == 0 {
            println!(
                "proof {}: one run of the tests is its small count",
                proof.name
            );
            continue;
        }
        println!(
            "proof {}: {count} {} …",
            proof.name, proof.unit[length as usize]
        );
        let seed = given("WHARF_PROOF_SEED").unwrap_or_else(|| fastrand::u64(..));
        let mut run = Run::new(proof.name, length, count, seed);
        run.attempt(|run| (proof.run)(run));
        let result = result(proof, &run);
        println!("proof {}: {result}, commit {commit}", proof.name);
        if run.failed() == 0 && run.done == 0 {
            println!("proof {}: nothing was done", proof.name);
        }
        if run.failed() == 0 && run.done > 0 {
            passed += 1;
        } else {
            failed += 1;
            println!("again with the same random numbers: WHARF_PROOF_SEED={seed}");
        }
        rows.push(row(proof, &result, &commit));
    }
    for start in stale_rows() {
        println!("failure: docs/proofs.md has no row that begins: {start}");
        failed += 1;
    }
    if length == Length::Long {
        println!("\nrows for docs/proofs.md:\n{}", rows.join("\n"));
    }
    println!("proofs: {passed} passed, {failed} failed");
    ExitCode::from(u8::from(failed > 0))
}

/// For example `300 kills of each, 0 failed, 210 s`.
fn result(proof: &Proof, run: &Run) -> String {
    let unit = proof.unit[run.length as usize];
    let (done, failed, seconds) = (run.done, run.failed(), run.took().as_secs());
    let notes: String = run.notes.iter().map(|note| format!("; {note}")).collect();
    format!("{done} {unit}, {failed} failed, {seconds} s{notes}")
}

/// The row of `docs/proofs.md`.
fn row(proof: &Proof, result: &str, commit: &str) -> String {
    let start = row_start(proof);
    let name = proof.name;
    format!("{start} {result} | `scripts/test --long {name}` | {commit} |")
}

/// What of the row is known before a run.
fn row_start(proof: &Proof) -> String {
    let Proof {
        name,
        proves,
        small,
        long,
        unit: [small_unit, long_unit],
        ..
    } = proof;
    format!("| {name} | {proves} | {small} {small_unit} | {long} {long_unit} |")
}

/// Proofs whose row in `docs/proofs.md` is missing or says something else than the proof.
fn stale_rows() -> Vec<String> {
    let page = std::fs::read_to_string(fuzzing::root().join("docs/proofs.md")).unwrap();
    let starts = PROOFS.iter().map(row_start);
    starts
        .filter(|start| !page.lines().any(|line| line.starts_with(start)))
        .collect()
}

/// The commit that is proved, and whether something was changed since.
fn commit() -> String {
    let git = |words: &[&str]| {
        let output = Command::new("git").args(words).output();
        let text = output.ok().filter(|output| output.status.success());
        text.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let Some(hash) = git(&["rev-parse", "--short=10", "HEAD"]) else {
        return "unknown".to_owned();
    };
    let is_clean = git(&["status", "--porcelain"]).is_some_and(|changes| changes.is_empty());
    if is_clean {
        hash
    } else {
        hash + " and changes"
    }
}

/// A number from the environment, for looking at one failure.
fn given(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    let number = text.parse();
    Some(number.unwrap_or_else(|_| panic!("{variable} is no number: {text}")))
}
