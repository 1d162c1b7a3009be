//! The one place where services meet: what is made, in what order, and why in that order.
//!
//! Everything that can fail does so before the first call is taken. How the parts run side by side,
//! and in which order they end, is in `run.rs`.

mod api;
mod events;
mod listeners;
mod remarks;
mod run;
mod sources;
mod start;
mod state;
mod stores;
mod vendors;

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use prometheus_client::registry::Registry;
use tokio::sync::watch;
use wharf_console::{BrokenDocument, Console};
use wharf_document::Integration;
use wharf_gateway::{Handle, Server};
use wharf_policy::caller::{CallerToken, TokenHash};
use wharf_sim::Simulator;
use wharf_store::{OpenError, Store};
use wharf_workspace::settings::{self, Settings};

use self::events::Events;
use self::listeners::{Handover, Listeners};
use self::sources::{Counters, RefusalCounts, Standing};
use self::state::open_store;
use crate::control::Announcement;
use crate::descriptors::{self, Need};
use crate::installation::Installation;
use crate::notices::{self, Teller};
use crate::reload::accept::Desk;
use crate::reload::{self, CallerWatch, Disk, DiskWatch, DocumentWatch, Status, Watcher};
use crate::retention::{Bounds, Retention};
use crate::shell;
use crate::simulation::Simulation;
use crate::takeover::Kind;

pub(crate) use remarks::not_in_force;
pub(crate) use start::Start;
pub(crate) use state::state_folder;
pub(crate) use vendors::Vendors;

/// What a file asks for must be what a listener can give.
const _: () = assert!(settings::MOST_CONNECTIONS <= wharf_net::serve::MOST_CONNECTIONS);

/// What the command line says about the whole. What it leaves open, `wharf.toml` decides.
#[derive(Debug, Default)]
pub(crate) struct Options {
    /// A simulator stands in the place of every vendor.
    pub(crate) simulate: bool,
    /// Address of the data plane.
    pub(crate) listen: Option<SocketAddr>,
    /// Address of the control plane.
    pub(crate) control: Option<SocketAddr>,
    /// Where state is kept.
    pub(crate) state: Option<PathBuf>,
    /// Threads that serve calls.
    pub(crate) workers: Option<NonZeroUsize>,
    /// The listeners of a process that serves already are taken over.
    pub(crate) takeover: bool,
}

impl Options {
    /// What another command needs to find the same state, with a space before it.
    pub(crate) fn of_state(&self, installation: &Installation) -> String {
        shell::state_argument(installation.root.as_deref(), self.state.as_deref())
    }
}

/// Everything that runs, made and not started.
pub(crate) struct Program {
    server: Server,
    console: Console,
    /// `None`: calls go to the real vendors.
    simulator: Option<Simulator>,
    watcher: Watcher,
    /// Set when the program is asked to end.
    draining: Arc<AtomicBool>,
    handover: Handover,
    /// `None`: a simulation, of which nothing is kept.
    events: Option<Arc<Events>>,
}

/// What a start can be told of.
pub(crate) struct Facts {
    /// What is served, the most important first.
    pub(crate) documents: Vec<Arc<Integration>>,
    /// Documents that are not served as they are.
    pub(crate) broken: Vec<BrokenDocument>,
    /// Where the data plane listens.
    pub(crate) data: SocketAddr,
    /// Where the control plane listens.
    pub(crate) control: SocketAddr,
    /// The fresh token of a simulation.
    pub(crate) token: Option<CallerToken>,
}

/// Makes everything. `state` is the state folder, which need not be there yet.
pub(crate) async fn assemble(
    options: &Options,
    installation: &Installation,
    start: Start,
    state: PathBuf,
) -> anyhow::Result<(Program, Facts)> {
    // The place in the state folder comes before the addresses: whoever starts the same thing twice
    // needs no other address. Another process serves on where both are its own still.
    let mut listeners = Listeners::take(options, &installation.settings, &state)?;
    let (data, control) = listeners.addresses()?;
    let workers = workers(options, &installation.settings);
    let room = descriptors::make_room(Need {
        connections: installation.settings.max_connections(),
        workers,
        simulated: options.simulate,
    });

    // The store makes the folder where there was none, so the place may be had only now.
    let store = open_store(options, installation, &state).await?;
    listeners.take_place(options, &state)?;
    let token = listeners.token_of_simulation(options)?;
    // Who keeps nothing has nothing to be changed.
    let announcement = match &store {
        Some(_) => Some(Arc::new(Announcement::new(
            &state,
            Kind::of(options.simulate),
            control,
            listeners.is_takeover(),
        )?)),
        None => None,
    };
    let events = log_of_events(&mut listeners, options, store.as_ref(), &state)?;
    let handover = listeners.handover(
        options,
        &state,
        token.as_ref(),
        announcement.clone(),
        events.clone(),
    )?;

    let documents = start.by_importance();
    let vendors = Vendors::of(installation, options.simulate, &documents).await?;
    let extra = token.iter().map(of_simulation).collect::<Vec<_>>();
    let callers = reload::directory(store.as_ref(), &extra).await?;
    let no_callers = callers.is_empty().then(|| options.of_state(installation));
    let mut registry = Registry::default();
    let refusals = RefusalCounts::register(&mut registry);
    let served = vendors.serve(callers, &mut registry).await;
    let handle = served.handle;
    handle.tell_about_credentials();
    if !options.simulate {
        remarks::log_not_in_force(&documents, &installation.settings.not_in_force());
    }
    remarks::warn_of_what_calls_will_meet(no_callers);

    let max_connections = room.connections;
    let (desk, teller) = match &store {
        // Of a simulation nothing is kept.
        Some(store) if !options.simulate => {
            let (desk, teller) = notices::desk(store)?;
            (Some(desk), teller)
        }
        _ => (None, Teller::default()),
    };
    let bounds = Bounds::of(&installation.settings);
    let retention = store.as_ref().filter(|_| desk.is_some());
    let retention = retention.map(|store| Retention::new(store.clone(), bounds, teller.clone()));
    let (status, draining) = (Status::telling(teller), Arc::new(AtomicBool::new(false)));
    let console = Console::new(wharf_console::Options {
        listener: listeners.control,
        metrics: Arc::new(Counters::of(registry)),
        ready: Arc::new(Standing::new(&handle, &status, &draining, room)),
        refusals: Arc::new(refusals),
        api: api::of(store.as_ref(), announcement.as_deref()),
    });
    let state = (!options.simulate).then_some((state, listeners.place));
    let place = InFolder {
        state,
        announcement,
    };
    let callers = CallerWatch::new(store, extra, handle.clone(), status.clone());
    let mut watcher = watcher(start, served.simulation, place, callers, &handle, &status);
    watcher.notices = desk;
    watcher.retention = retention;
    let data_plane = wharf_gateway::Options {
        listener: listeners.data,
        workers,
        max_connections,
        drain_timeout: installation.settings.drain_timeout(),
    };
    let program = Program {
        server: Server::new(data_plane, handle.clone()),
        console,
        simulator: served.simulator,
        watcher,
        draining,
        handover,
        events,
    };
    let facts = Facts {
        documents,
        // Told by the watch of the disk, which was made by now.
        broken: status.facts().broken,
        data,
        control,
        token,
    };
    Ok((program, facts))
}

/// The log of events, with its lock. It is read when this process begins to serve.
fn log_of_events(
    listeners: &mut Listeners,
    options: &Options,
    store: Option<&Store>,
    state: &Path,
) -> Result<Option<Arc<Events>>, OpenError> {
    let Some(store) = store.filter(|_| !options.simulate) else {
        return Ok(None);
    };
    let events = Events::new(store.clone(), state, listeners.log.take());
    match events.take_lock() {
        Ok(()) => Ok(Some(Arc::new(events))),
        Err(error @ OpenError::LogLocked { .. }) => Err(error),
        // Calls go on; whoever brings an event is told.
        Err(error) => {
            events::log_absence(&error);
            Ok(None)
        }
    }
}

/// The caller that a simulation lets in beside those of the store.
fn of_simulation(token: &CallerToken) -> (TokenHash, String) {
    (token.token_hash(), "simulation".to_owned())
}

/// What a program has to do with its state folder.
struct InFolder {
    /// The folder and the place in it. `None`: a simulation, of which nothing is kept.
    state: Option<(PathBuf, Option<Desk>)>,
    announcement: Option<Arc<Announcement>>,
}

fn watcher(
    start: Start,
    simulation: Option<Simulation>,
    folder: InFolder,
    callers: CallerWatch,
    handle: &Handle,
    status: &Status,
) -> Watcher {
    let (state, place) = folder.state.unzip();
    let disk = match &state {
        Some(state) => Disk::new(state, start.kept, place.flatten()),
        None => Disk::default(),
    };
    let announcer = folder.announcement.map(|announcement| {
        Box::new(move |is_ours| announcement.keep(is_ours)) as reload::Announcer
    });
    let disk = disk.announced(announcer);
    let running = start.outcome.running.clone();
    let (told, in_force) = watch::channel(Arc::new(start.outcome));
    Watcher {
        documents: DocumentWatch {
            documents: start.documents,
            simulation,
            running,
            told,
            state,
            handle: handle.clone(),
            status: status.clone(),
        },
        callers,
        disk: DiskWatch::new(disk, status.clone(), in_force),
        notices: None,
        retention: None,
        handle: handle.clone(),
    }
}

/// Threads that serve calls: what the command line says, else the file, else the machine.
fn workers(options: &Options, settings: &Settings) -> usize {
    let processors = || std::thread::available_parallelism().ok();
    let workers = options.workers.or(settings.workers()).or_else(processors);
    workers.map_or(1, NonZeroUsize::get)
}
