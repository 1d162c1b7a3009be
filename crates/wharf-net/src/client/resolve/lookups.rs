//! Lookups under way, each shared by all that wait for it.
//!
//! The system looks a name up in a thread that waits, and there are only so many of those: with a
//! lookup for each request, one name that is slow to find takes all of them, and no other name is
//! found.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::time::timeout;

use super::Resolve;

/// Whoever comes later begins a lookup of its own beside one that takes so long.
const HANGS: Duration = Duration::from_secs(5);

/// A lookup is given up after this, which is longer than anybody waits.
const LONGEST: Duration = Duration::from_secs(60);

type Name = (String, u16);

/// What came of a lookup, for everybody who waited.
type Found = Result<Vec<SocketAddr>, Arc<io::Error>>;

/// The lookups that are under way.
#[derive(Default)]
pub(crate) struct Lookups(Mutex<HashMap<Name, UnderWay>>);

struct UnderWay {
    began: Instant,
    /// `None` until its end.
    found: watch::Receiver<Option<Found>>,
}

impl UnderWay {
    /// Whether its end is worth waiting for. A runtime that ended took its lookups with it.
    fn is_good(&self) -> bool {
        self.began.elapsed() < HANGS && self.found.has_changed().is_ok()
    }
}

impl Lookups {
    /// The addresses of a host. Dropping the future leaves the lookup to others that wait.
    pub(super) async fn find(
        self: &Arc<Self>,
        resolver: &Arc<dyn Resolve>,
        host: &str,
        port: u16,
    ) -> io::Result<Vec<SocketAddr>> {
        loop {
            let mut found = self.join(resolver, host, port);
            let Ok(found) = found.wait_for(Option::is_some).await else {
                continue;
            };
            match &*found {
                Some(Ok(addresses)) => return Ok(addresses.clone()),
                Some(Err(error)) => return Err(io::Error::new(error.kind(), Arc::clone(error))),
                None => {}
            }
        }
    }

    /// Waits with others, or begins.
    fn join(
        self: &Arc<Self>,
        resolver: &Arc<dyn Resolve>,
        host: &str,
        port: u16,
    ) -> watch::Receiver<Option<Found>> {
        let name = (host.to_owned(), port);
        let mut lookups = self.lock();
        if let Some(under_way) = lookups.get(&name).filter(|it| it.is_good()) {
            return under_way.found.clone();
        }
        let (tell, found) = watch::channel(None);
        let under_way = UnderWay {
            began: Instant::now(),
            found: found.clone(),
        };
        lookups.insert(name.clone(), under_way);
        let (all, resolver) = (Arc::clone(self), Arc::clone(resolver));
        tokio::spawn(async move {
            let resolving = resolver.resolve(&name.0, name.1);
            let found = timeout(LONGEST, resolving).await;
            let found = found.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
            // First, so that whoever hears of the end and asks again looks anew.
            all.forget(&name, &tell);
            tell.send_replace(Some(found.map_err(Arc::new)));
        });
        found
    }

    fn forget(&self, name: &Name, tell: &watch::Sender<Option<Found>>) {
        let mut lookups = self.lock();
        let is_this = |it: &UnderWay| it.found.same_channel(&tell.subscribe());
        if lookups.get(name).is_some_and(is_this) {
            lookups.remove(name);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Name, UnderWay>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
