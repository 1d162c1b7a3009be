//! The one place where services meet: what is made, in what order, and why in that order.
//!
//! Everything that can fail does so before the first call is taken. How the parts run side by side,
//! and in which order they end, is in `run.rs`.

mod listeners;
mod remarks;
mod run;
mod sources;
mod start;
mod state;
mod vendors;

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Context as _;
use prometheus_client::registry::Registry;
use tokio::sync::watch;
use wharf_console::{BrokenDocument, Console};
use wharf_document::Integration;
use wharf_gateway::{Handle, Server};
use wharf_policy::caller::CallerToken;
use wharf_workspace::settings::{self, Settings};

use self::listeners::{Handover, Listeners};
use self::sources::{Counters, Standing};
use self::state::{open_store, place_in};
use crate::descriptors;
use crate::installation::Installation;
use crate::reload::{self, CallerWatch, Disk, DiskWatch, DocumentWatch, Status, Watcher};
use crate::shell;
use crate::token;

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
    watcher: Watcher,
    /// Set when the program is asked to end.
    draining: Arc<AtomicBool>,
    handover: Handover,
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
    let settings = &installation.settings;

    // The place in the state folder comes before the addresses: whoever starts the same thing twice
    // needs no other address. Another process serves on where both are its own still.
    let mut listeners = Listeners::take(options, settings, &state)?;
    let (data, control) = listeners.addresses()?;
    descriptors::make_room(settings.max_connections(), options.simulate);

    // The store makes the folder where there was none, so the place may be had only now.
    let store = open_store(options, installation, &state).await?;
    if listeners.place.is_none() && !listeners.are_taken_over() {
        listeners.place = place_in(&state, options)?;
    }
    let token = match listeners.token.take() {
        None if options.simulate => Some(token::random().context("no random numbers for a token")?),
        token => token,
    };
    let handover = listeners.handover(options, &state, token.as_ref())?;
    let of_simulation = |token: &CallerToken| (token.token_hash(), "simulation".to_owned());
    let extra_callers: Vec<_> = token.iter().map(of_simulation).collect();

    // The simulator runs before the plan is made: its address stands in the documents that run.
    let documents = start.by_importance();
    let mut vendors = Vendors::of(installation, options.simulate);
    let plan = vendors.plan(&documents).await?;
    let callers = reload::directory(store.as_ref(), &extra_callers).await?;
    let no_callers = callers.is_empty().then(|| options.of_state(installation));
    let mut registry = Registry::default();
    let (handle, simulation) = vendors.serve(&plan, callers, &mut registry);
    handle.tell_about_credentials();
    if !options.simulate {
        remarks::log_not_in_force(&documents, &settings.not_in_force());
    }
    remarks::warn_of_what_calls_will_meet(no_callers);

    let status = Status::default();
    let draining = Arc::new(AtomicBool::new(false));
    let console = Console::new(wharf_console::Options {
        listener: listeners.control,
        metrics: Arc::new(Counters::of(registry)),
        ready: Arc::new(Standing::new(&handle, &status, &draining)),
    });
    let server = server(options, settings, listeners.data, &handle);

    // The watch of the disk tells of what is broken, which the welcome repeats.
    let disk = if options.simulate {
        Disk::default()
    } else {
        Disk::new(&state, start.kept, listeners.place)
    };
    let running = start.outcome.running.clone();
    let (told, in_force) = watch::channel(Arc::new(start.outcome));
    let disk = DiskWatch::new(disk, status.clone(), in_force);
    let facts = Facts {
        documents,
        broken: status.facts().broken,
        data,
        control,
        token,
    };
    let documents = DocumentWatch {
        documents: start.documents,
        simulation,
        running,
        told,
        state: (!options.simulate).then_some(state),
        handle: handle.clone(),
        status: status.clone(),
    };
    let watcher = Watcher {
        documents,
        callers: CallerWatch::new(store, extra_callers, handle.clone(), status),
        disk,
        handle,
    };
    let program = Program {
        server,
        console,
        watcher,
        draining,
        handover,
    };
    Ok((program, facts))
}

fn server(
    options: &Options,
    settings: &Settings,
    listener: std::net::TcpListener,
    handle: &Handle,
) -> Server {
    let processors = || std::thread::available_parallelism().ok();
    let workers = options.workers.or(settings.workers()).or_else(processors);
    let options = wharf_gateway::Options {
        listener,
        workers: workers.map_or(1, NonZeroUsize::get),
        max_connections: settings.max_connections(),
        drain_timeout: settings.drain_timeout(),
    };
    Server::new(options, handle.clone())
}
