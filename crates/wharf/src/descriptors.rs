//! Room for open connections: the system's limit on file descriptors.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Descriptors for everything that is not a call: files, listeners, threads' own.
const RESERVE: u64 = 256;

/// Raises the soft limit as far as `connections` need it and the hard limit allows.
///
/// A call holds two descriptors, one on each side; with a simulator in the same process, three.
pub(crate) fn make_room(connections: usize, simulated: bool) {
    let per_connection = if simulated { 3 } else { 2 };
    let needed = u64::try_from(connections)
        .unwrap_or(u64::MAX)
        .saturating_mul(per_connection)
        .saturating_add(RESERVE);
    let mut limit = getrlimit(Resource::Nofile);
    // `None` stands for no limit.
    let Some(soft) = limit.current.filter(|soft| *soft < needed) else {
        return;
    };
    let wanted = limit.maximum.map_or(needed, |hard| hard.min(needed));
    limit.current = Some(wanted);
    let raised = setrlimit(Resource::Nofile, limit).is_ok();
    let have = if raised { wanted } else { soft };
    if have < needed {
        tracing::warn!(
            have,
            needed,
            "the system allows too few open files for {connections} connections; raise `ulimit -n` or lower max_connections"
        );
    }
}
