//! Where the listeners of a start come from: another process that hands them over, a service
//! manager, or the system.

use std::fs::{DirBuilder, File};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio_util::sync::CancellationToken;
use wharf_policy::caller::CallerToken;
use wharf_workspace::settings::{FILE_NAME, Settings};

use super::Options;
use super::events::Events;
use super::state::place_in;
use crate::activation;
use crate::addresses;
use crate::control::Announcement;
use crate::reload::accept::{Desk, Refused, sign};
use crate::takeover::{Claim, ClaimError, Handed, Kept, Kind, Offer};
use crate::token;

/// How long a process is waited for that has the state folder and hands over nothing yet: it has
/// just taken over itself, or is about to end.
const BETWEEN_TWO: Duration = Duration::from_secs(5);

/// Pause between two looks at it.
const PAUSE: Duration = Duration::from_millis(50);

/// What is added where a simulation finds none to take over and cannot have its addresses.
const NO_SIMULATION: &str = "no simulation can be taken over: one hands over only where its state folder \
     was there when it started; stop it, and start both with `--state DIR` for a folder that is there";

/// What a start listens with, and its place in the state folder.
pub(super) struct Listeners {
    pub(super) data: TcpListener,
    pub(super) control: TcpListener,
    /// As [`place_in`] gives it.
    pub(super) place: Option<Desk>,
    /// The lock on the log of events of the process that was taken over.
    pub(super) log: Option<File>,
    /// The token of the simulation that was taken over.
    pub(super) token: Option<CallerToken>,
    claim: Option<Claim>,
}

/// What is done with other processes: one to take over from, and those that take over from this.
pub(super) struct Handover {
    claim: Option<Claim>,
    lock: Option<File>,
    offer: Arc<Offer>,
    announcement: Option<Arc<Announcement>>,
    events: Option<Arc<Events>>,
}

impl Listeners {
    /// Takes over from another process where that is asked for and there is one; else takes the
    /// place in the state folder, and then the addresses. Blocks.
    pub(super) fn take(
        options: &Options,
        settings: &Settings,
        state: &Path,
    ) -> anyhow::Result<Self> {
        let listeners = if options.takeover {
            Self::take_over(options, settings, state)?
        } else {
            let place = place_in(state, options)?;
            Self::open(options, settings, place)?
        };
        let (data, control) = listeners.addresses()?;
        addresses::ensure_apart(settings.webhook_address(), data, control)?;
        addresses::warn_about_open_ones(data, control);
        Ok(listeners)
    }

    fn take_over(options: &Options, settings: &Settings, state: &Path) -> anyhow::Result<Self> {
        let deadline = Instant::now() + BETWEEN_TWO;
        loop {
            match Claim::ask(state, Kind::of(options.simulate)) {
                Ok(Some((claim, handed))) => {
                    return Self::given(claim, handed, options, settings, state);
                }
                // It ended, and what comes after it is found in its place.
                Err(ClaimError::Ended { .. }) if Instant::now() < deadline => {}
                Err(error) => return Err(error.into()),
                Ok(None) => match place_in(state, options) {
                    Err(Refused::InUse { .. }) if Instant::now() < deadline => {}
                    place => {
                        let place = place.context("nothing can be taken over")?;
                        tracing::info!(
                            "no other process serves the state folder {}; nothing is taken over",
                            state.display()
                        );
                        make_folder(options, state)?;
                        let opened = Self::open(options, settings, place);
                        return if options.simulate {
                            opened.context(NO_SIMULATION)
                        } else {
                            opened
                        };
                    }
                },
            }
            std::thread::sleep(PAUSE);
        }
    }

    fn given(
        claim: Claim,
        handed: Handed,
        options: &Options,
        settings: &Settings,
        state: &Path,
    ) -> anyhow::Result<Self> {
        let Handed {
            data,
            control,
            lock,
            log,
            token,
        } = handed;
        for (plane, wanted) in planes(options, settings) {
            let listener = if plane == DATA { &data } else { &control };
            wanted.ensure(listener.local_addr()?, "the process that serves listens")?;
        }
        let given = activation::take()?;
        for unused in [given.data, given.control].into_iter().flatten() {
            let address = unused.local_addr()?;
            if ![data.local_addr()?, control.local_addr()?].contains(&address) {
                tracing::warn!(
                    "the service manager listens on {address}, and the process that serves does \
                     not: nobody answers there until the next start without --takeover"
                );
            }
        }
        Ok(Self {
            data,
            control,
            place: lock.and_then(|lock| Desk::given(state, lock)),
            log,
            token,
            claim: Some(claim),
        })
    }

    fn open(options: &Options, settings: &Settings, place: Option<Desk>) -> anyhow::Result<Self> {
        let mut given = activation::take()?;
        let [(data, wanted_data), (control, wanted_control)] = planes(options, settings);
        // A socket of the service manager may listen elsewhere.
        if given.data.is_none() && given.control.is_none() {
            addresses::ensure_two(wanted_data.address, wanted_control.address)?;
        }
        let mut listener = |plane: &str, wanted: &Wanted| {
            let given = if plane == DATA {
                given.data.take()
            } else {
                given.control.take()
            };
            if let Some(given) = given {
                wanted.ensure(given.local_addr()?, "the service manager listens")?;
                return Ok(given);
            }
            let needs = || format!("the {plane} needs another address; see {}", wanted.option);
            wharf_net::listen::bind(wanted.address).with_context(needs)
        };
        Ok(Self {
            data: listener(data, &wanted_data)?,
            control: listener(control, &wanted_control)?,
            place,
            log: None,
            token: None,
            claim: None,
        })
    }

    /// The addresses of the data plane and of the control plane, with their real ports.
    pub(super) fn addresses(&self) -> std::io::Result<(SocketAddr, SocketAddr)> {
        Ok((self.data.local_addr()?, self.control.local_addr()?))
    }

    /// Takes the place in the state folder where there was no folder before. One that another
    /// process has still comes with its listeners.
    pub(super) fn take_place(&mut self, options: &Options, state: &Path) -> Result<(), Refused> {
        if self.place.is_none() && self.claim.is_none() {
            self.place = place_in(state, options)?;
        }
        Ok(())
    }

    /// The token of a simulation: the one that was taken over, else a fresh one.
    pub(super) fn token_of_simulation(
        &mut self,
        options: &Options,
    ) -> anyhow::Result<Option<CallerToken>> {
        if self.token.is_none() && options.simulate {
            self.token = Some(token::random().context("no random numbers for a token")?);
        }
        Ok(self.token.take())
    }

    /// Whether another process serves at these listeners until this one does.
    pub(super) const fn is_takeover(&self) -> bool {
        self.claim.is_some()
    }

    /// What is left to do with other processes, once the place and the token are known.
    pub(super) fn handover(
        &mut self,
        options: &Options,
        state: &Path,
        token: Option<&CallerToken>,
        announcement: Option<Arc<Announcement>>,
        events: Option<Arc<Events>>,
    ) -> anyhow::Result<Handover> {
        let lock = self.place.as_ref().map(Desk::lock).transpose()?;
        let handed = Handed {
            data: self.data.try_clone()?,
            control: self.control.try_clone()?,
            lock: lock.as_ref().map(File::try_clone).transpose()?,
            log: events.as_ref().and_then(|events| events.lock_for_others()),
            token: token.cloned(),
        };
        let kept = events.clone().map(|events| events as Arc<dyn Kept>);
        let kind = Kind::of(options.simulate);
        Ok(Handover {
            claim: self.claim.take(),
            lock,
            offer: Arc::new(Offer::new(state.to_owned(), kind, handed, kept)),
            announcement,
            events,
        })
    }
}

impl Handover {
    /// Begins to serve in the place of the process that was taken over, if there is one. Called
    /// when everything is prepared; no connection may be taken before the first poll has returned,
    /// which blocks.
    ///
    /// `announce` tells that it serves. Where that fails, the other process goes on. So it does
    /// where `stop` was set by then; gives whether this one serves.
    pub(super) async fn begin(
        self,
        announce: impl FnOnce() -> std::io::Result<()>,
        stop: &CancellationToken,
    ) -> anyhow::Result<bool> {
        if let Some(claim) = self.claim.as_ref().filter(|_| !stop.is_cancelled()) {
            claim.confirm()?;
            // A signal that came while this thread waited is heard by its runtime only. Up to here
            // the other one serves on.
            tokio::task::yield_now().await;
        }
        if stop.is_cancelled() {
            return Ok(false);
        }
        // The other one has let go of it.
        if let Some(events) = &self.events {
            events.keep().await;
        }
        // Before the other one closes its own, and before anybody may know: whoever asks finds
        // somebody.
        self.offer.open(self.claim.is_some());
        if let Some(announcement) = &self.announcement {
            announcement.begin();
        }
        announce().context("that it is ready could not be written")?;
        if let Some(claim) = self.claim {
            self.lock.iter().for_each(sign);
            claim.serves();
        }
        Ok(true)
    }

    /// What others may take over. Opened by [`Self::begin`].
    pub(super) fn offer(&self) -> Arc<Offer> {
        Arc::clone(&self.offer)
    }
}

const DATA: &str = "data plane";
const CONTROL: &str = "control plane";

/// An address that is asked for.
struct Wanted {
    option: &'static str,
    /// What the option says.
    given: Option<SocketAddr>,
    /// What the settings say.
    written: Option<SocketAddr>,
    /// What is listened on where nothing is handed over.
    address: SocketAddr,
}

fn planes(options: &Options, settings: &Settings) -> [(&'static str, Wanted); 2] {
    let [data, control] = settings.written_addresses();
    let wanted = |option, given: Option<SocketAddr>, written, address| Wanted {
        option,
        given,
        written,
        address: given.unwrap_or(address),
    };
    [
        (
            DATA,
            wanted("--listen", options.listen, data, settings.data_address()),
        ),
        (
            CONTROL,
            wanted(
                "--control",
                options.control,
                control,
                settings.control_address(),
            ),
        ),
    ]
}

impl Wanted {
    /// Compares it with the address of a listener that was given. An option that says something
    /// else is an error; settings that do are warned of, since the option may have overruled them.
    fn ensure(&self, has: SocketAddr, who: &str) -> anyhow::Result<()> {
        // Port 0 is any.
        let is_same = |wanted: &SocketAddr| {
            wanted.ip() == has.ip() && (wanted.port() == has.port() || wanted.port() == 0)
        };
        let option = self.option;
        if let Some(given) = self.given {
            anyhow::ensure!(
                is_same(&given),
                "{option} says {given}, and {who} on {has}; leave {option} away, or stop that one \
                 and start anew"
            );
        } else if let Some(written) = self.written.filter(|written| !is_same(written)) {
            tracing::warn!(
                "{FILE_NAME} says {written}, and {who} on {has}: that stays until the next start \
                 without it"
            );
        }
        Ok(())
    }
}

/// A simulation keeps nothing, so its folder need not be there; to be taken over it needs one.
fn make_folder(options: &Options, state: &Path) -> anyhow::Result<()> {
    if !options.simulate || state.is_dir() {
        return Ok(());
    }
    let mut folder = DirBuilder::new();
    folder.recursive(true).mode(0o700);
    folder
        .create(state)
        .with_context(|| format!("cannot make the state folder {}", state.display()))
}
