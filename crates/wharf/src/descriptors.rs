//! Room for open connections: the system's limit on file descriptors.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors for everything that is not a call: files, listeners, the control plane's own
/// connections, name lookups.
const RESERVE: usize = 192;

/// Of those, so many for each thread that serves.
const OF_A_WORKER: usize = 4;

/// No more are asked for: what Linux gives a process at most unless somebody raised that too.
const MOST: u64 = 1 << 20;

/// What the connections of callers are going to need.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Need {
    /// Callers' connections at the same time, as the settings have it.
    pub(crate) connections: usize,
    /// Threads that serve.
    pub(crate) workers: usize,
    /// A simulator is in the same process.
    pub(crate) simulated: bool,
}

/// What the limit on descriptors leaves for callers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    /// Callers' connections that are taken at the same time.
    pub(crate) connections: usize,
    /// Why they are fewer than the settings have it, and what to do.
    pub(crate) problem: Option<String>,
}

/// Raises the soft limit to the hard one, and says how many callers that leaves room for.
///
/// More than calls need is of use: unused connections to vendors are kept for the next calls.
pub(crate) fn make_room(need: Need) -> Room {
    let limit = getrlimit(Resource::Nofile);
    // `None` stands for no limit.
    let have = limit.current.map(|soft| raised(soft, limit.maximum, need));
    let room = need.room(have.and_then(|have| usize::try_from(have).ok()));
    if let Some(problem) = &room.problem {
        tracing::warn!("{problem}");
    }
    room
}

/// Raises the limit from `soft` as far as it goes; gives the one that is in force then.
fn raised(soft: u64, hard: Option<u64>, need: Need) -> u64 {
    let needed = u64::try_from(need.descriptors()).unwrap_or(u64::MAX);
    let allowed = |wanted: u64| hard.map_or(wanted, |hard| hard.min(wanted));
    // Some systems name a hard limit that they do not give.
    for wanted in [allowed(MOST.max(needed)), allowed(needed)] {
        let limit = Rlimit {
            current: Some(wanted),
            maximum: hard,
        };
        if wanted > soft && setrlimit(Resource::Nofile, limit).is_ok() {
            return wanted;
        }
    }
    soft
}

impl Need {
    /// A call holds two descriptors, one on each side; with a simulator in the same process, three.
    const fn of_a_call(self) -> usize {
        if self.simulated { 3 } else { 2 }
    }

    const fn reserve(self) -> usize {
        RESERVE.saturating_add(self.workers.saturating_mul(OF_A_WORKER))
    }

    const fn descriptors(self) -> usize {
        let calls = self.connections.saturating_mul(self.of_a_call());
        calls.saturating_add(self.reserve())
    }

    /// `have`: descriptors that the system gives; `None`: as many as are asked for.
    fn room(self, have: Option<usize>) -> Room {
        let asked = self.connections;
        let needed = self.descriptors();
        let Some(have) = have.filter(|have| *have < needed) else {
            return Room {
                connections: asked,
                problem: None,
            };
        };
        // Calls get half at least: the reserve is for the worst moment.
        let for_calls = have.saturating_sub(self.reserve()).max(have / 2);
        let connections = (for_calls / self.of_a_call()).clamp(1, asked.max(1));
        if connections >= asked {
            return Room {
                connections: asked,
                problem: None,
            };
        }
        let problem = format!(
            "{connections} connections of callers are taken at the same time, and not {asked} as \
             max_connections has it: the system lets this process open {have} files, and they need \
             {needed}; raise the hard limit (`ulimit -Hn`, `LimitNOFILE=` of systemd, \
             `--ulimit nofile=` of a container) and start again, or lower max_connections"
        );
        Room {
            connections,
            problem: Some(problem),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Need, Room};

    fn need(connections: usize, simulated: bool) -> Need {
        Need {
            connections,
            workers: 2,
            simulated,
        }
    }

    fn taken(need: Need, have: usize) -> usize {
        let Room {
            connections,
            problem,
        } = need.room(Some(have));
        let said = problem.unwrap_or_default();
        assert_eq!(said.is_empty(), connections == need.connections, "{said}");
        if !said.is_empty() {
            assert!(said.starts_with(&format!("{connections} ")), "{said}");
            assert!(said.contains("`ulimit -Hn`"), "{said}");
        }
        connections
    }

    #[test]
    fn callers_are_bounded_by_what_the_limit_leaves() {
        // Two for a call, and 200 beside them.
        for (have, wanted) in [
            (20_000, 4_096),
            (8_392, 4_096),
            (8_391, 4_095),
            (1_024, 412),
            // The reserve is no more than half.
            (256, 64),
            (64, 16),
            (1, 1),
        ] {
            assert_eq!(taken(need(4_096, false), have), wanted, "{have}");
        }
        assert_eq!(taken(need(4_096, true), 1_024), 274, "three for a call");
        assert_eq!(taken(need(50, false), 256), 50, "as many as are asked for");
    }

    #[test]
    fn without_a_limit_the_settings_hold() {
        assert_eq!(need(4_096, false).room(None).connections, 4_096);
    }
}
