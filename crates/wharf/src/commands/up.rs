//! `wharf up`: runs everything the documents say.

mod addresses;
mod example;
mod start;
mod state;
mod welcome;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use prometheus_client::registry::Registry;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use wharf_console::{Console, EnvironmentProblem, Readiness};
use wharf_gateway::{Handle, Server};
use wharf_plan::Plan;
use wharf_policy::caller::CallerToken;
use wharf_secrets::{ProcessVariables, Resolver};

use self::addresses::address;
use self::start::Start;
use self::state::{open_store, place_in, state_folder};

use crate::descriptors;
use crate::installation::Installation;
use crate::output::{self, Format};
use crate::reload::accept::Refused;
use crate::reload::{self, CallerWatch, Disk, DiskWatch, DocumentWatch, Status, Watcher};
use crate::settings::Settings;
use crate::simulation::Simulation;
use crate::token;

/// Signals that come this soon after each other count as one.
const SAME_WISH: Duration = Duration::from_millis(500);

/// Run everything the documents say: serve calls to every vendor at one local address.
///
/// Applications call `http://ADDRESS/INTEGRATION/PATH` with their caller token where the vendor's
/// key would stand; `INTEGRATION@ENVIRONMENT` picks another environment than the default.
/// Changed documents, callers and credential files are taken over within a second. A document
/// with an error keeps its last good version, also over a restart; the log and /readyz name it.
/// A change that drops a credential, changes a host or lifts a limit waits until its file has been
/// still for 2 seconds; where it lacks a section or its last newline, for `wharf reload`. So does
/// the end of all documents at once, as when their folder is unmounted.
/// One state folder serves one `wharf up` at a time.
/// SIGTERM or Ctrl-C lets calls under way finish; a second one ends at once.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf up --simulate --catalog           the catalog, nothing leaves this machine
  wharf up integrations                   the workspace in the folder `integrations`
  wharf up --strict integrations          refuse to start when any document has an error
  wharf up --listen 127.0.0.1:0           any free port; the table shows which
  wharf up --listen 8080                  port 8080 of 127.0.0.1

Faults on demand, with --simulate: a call with the header Wharf-Simulate gets what it asks for.
  status=503              that answer instead of the example
  status=503;first=1      only the first time, so that the retry succeeds; run=NAME counts anew
  status=429;retry-after=2
  delay=500ms             waits before the answer
  reset                   ends the connection without an answer
  truncate                ends the connection in the middle of the answer

Exit codes: 0 stopped, 1 no document can run (with --strict: not all can) or another `wharf up`
uses the state folder, 2 could not run.")]
pub(crate) struct Arguments {
    /// The workspace [default: the current folder, where it has a wharf.toml or a document].
    dir: Option<PathBuf>,

    /// Put a simulator in the place of every vendor. No account is needed and nothing leaves
    /// this machine. Without a workspace at hand, the catalog is served. It takes request bodies
    /// of up to 16 MiB.
    #[arg(long)]
    simulate: bool,

    /// Simulate the documents that come with the program, also where a workspace is at hand.
    #[arg(long, requires = "simulate", conflicts_with = "dir")]
    catalog: bool,

    /// Address of the data plane, for applications: IP:PORT, or a port of 127.0.0.1 [default: as
    /// in wharf.toml, else 127.0.0.1:7070].
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    listen: Option<SocketAddr>,

    /// Address of the control plane: /metrics, /healthz, /readyz [default: as in wharf.toml,
    /// else 127.0.0.1:7071].
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    control: Option<SocketAddr>,

    /// Where state is kept [default: as in wharf.toml, else .wharf in the workspace].
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,

    /// Threads that serve calls [default: as in wharf.toml, else one per processor].
    #[arg(long, value_name = "N", value_parser = crate::settings::workers_argument)]
    workers: Option<std::num::NonZeroUsize>,

    /// Refuse to start when any document has an error, instead of serving the others.
    #[arg(long)]
    strict: bool,

    /// How the start is announced on standard output.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(crate) fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let installation = if arguments.catalog {
        Installation::of_catalog()
    } else {
        Installation::open_any(arguments.dir.clone(), arguments.simulate)?
    };
    if arguments.strict {
        installation.ensure_documents()?;
        if !installation.may_start() {
            return Ok(ExitCode::from(1));
        }
    }
    let state = state_folder(&arguments, &installation);
    let start = Start::of(&installation, arguments.simulate, &state);
    // A gateway that can serve nothing would only look as if it ran.
    if start.outcome.running.is_empty() {
        installation.ensure_documents()?;
        if !installation.may_start() {
            return Ok(ExitCode::from(1));
        }
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let served = runtime.block_on(serve(arguments, installation, start, state));
    // After a second signal the workers still drain; the end must not wait for them.
    runtime.shutdown_background();
    match served {
        Err(error) if matches!(error.downcast_ref(), Some(Refused::InUse { .. })) => {
            output::error(&error);
            Ok(ExitCode::from(1))
        }
        served => served.map(|()| ExitCode::SUCCESS),
    }
}

/// Everything that can fail does so before the first call is taken.
async fn serve(
    arguments: Arguments,
    installation: Installation,
    start: Start,
    state: PathBuf,
) -> anyhow::Result<()> {
    let settings = &installation.settings;
    // Before the addresses: whoever starts the same thing twice needs no other address.
    let mut place = place_in(&state, &arguments)?;
    let (data, control) = bind(&arguments, settings)?;
    let (data_address, control_address) = (data.local_addr()?, control.local_addr()?);
    addresses::warn_about_open_ones(data_address, control_address);
    descriptors::make_room(settings.max_connections(), arguments.simulate);
    let store = open_store(&arguments, &installation, &state).await?;
    if place.is_none() {
        // The folder is there by now.
        place = place_in(&state, &arguments)?;
    }
    let token = arguments.simulate.then(token::random).transpose();
    let token = token.context("no random numbers for a token")?;
    let of_simulation = |token: &CallerToken| (token.token_hash(), "simulation".to_owned());
    let extra_callers: Vec<_> = token.iter().map(of_simulation).collect();

    let documents = start.by_importance();
    let mut simulation = arguments
        .simulate
        .then(|| Simulation::new(installation.root.clone()));
    let resolver = resolver(simulation.as_ref(), &installation);
    let running = match &mut simulation {
        Some(simulation) => simulation.follow(&documents).await?,
        None => documents.clone(),
    };
    let mut registry = Registry::default();
    let callers = reload::directory(store.as_ref(), &extra_callers).await?;
    let no_callers = callers.is_empty();
    let new_handle = match &simulation {
        Some(_) => Handle::for_simulation,
        None => Handle::new,
    };
    let handle = new_handle(&Plan::new(running), callers, resolver, &mut registry);
    handle.tell_about_credentials();
    if !arguments.simulate {
        welcome::log_not_in_force(&documents, &settings.not_in_force());
    }
    warn_of_what_calls_will_meet(no_callers);

    let status = Status::default();
    let draining = Arc::new(AtomicBool::new(false));
    let console = Console::new(wharf_console::Options {
        listener: control,
        metrics: metrics(registry),
        readiness: readiness(handle.clone(), status.clone(), Arc::clone(&draining)),
    });
    let server = server(&arguments, settings, data, &handle);
    let disk = if arguments.simulate {
        Disk::default()
    } else {
        Disk::new(&state, start.kept, place)
    };
    let running = start.outcome.running.clone();
    let (told, in_force) = tokio::sync::watch::channel(Arc::new(start.outcome));
    let disk = DiskWatch::new(disk, status.clone(), in_force);
    let broken = status.facts().broken;
    let documents_watch = DocumentWatch {
        documents: start.documents,
        simulation,
        running,
        told,
        state: (!arguments.simulate).then_some(state),
        handle: handle.clone(),
        status: status.clone(),
    };
    let watcher = Watcher {
        documents: documents_watch,
        callers: CallerWatch::new(store, extra_callers, handle.clone(), status),
        disk,
        handle,
    };
    let welcome = welcome::Welcome {
        documents: &documents,
        broken: &broken,
        settings_not_in_force: &settings.not_in_force(),
        simulated: arguments.simulate,
        catalog: installation.root.is_none(),
        data: data_address,
        control: control_address,
        token: token.as_ref(),
    };
    // Whoever reads that it is ready may ask it to end.
    let signals = Signals::new()?;
    let announce = || match arguments.format {
        Format::Text => output::page(&welcome.text()),
        Format::Json => output::data(&wharf_diag::printable_json(&welcome.json())),
    };
    run_until_stopped(server, console, watcher, draining, signals, announce).await
}

fn warn_of_what_calls_will_meet(no_callers: bool) {
    for name in wharf_net::proxy_variables_set() {
        tracing::warn!("{name} is set; Wharf does not use it and connects to vendors directly");
    }
    if no_callers {
        tracing::warn!(
            "no caller is registered, so every call is refused; create one with `wharf callers add NAME`"
        );
    }
}

/// Takes the addresses of the data plane and of the control plane.
fn bind(
    arguments: &Arguments,
    settings: &Settings,
) -> anyhow::Result<(std::net::TcpListener, std::net::TcpListener)> {
    let data = arguments.listen.unwrap_or_else(|| settings.data_address());
    let data = wharf_net::listen::bind(data)
        .context("the data plane needs another address; see --listen")?;
    let control = arguments
        .control
        .unwrap_or_else(|| settings.control_address());
    let control = wharf_net::listen::bind(control)
        .context("the control plane needs another address; see --control")?;
    let webhooks = settings.webhook_address();
    addresses::ensure_apart(webhooks, data.local_addr()?, control.local_addr()?)?;
    Ok((data, control))
}

fn resolver(simulation: Option<&Simulation>, installation: &Installation) -> Resolver {
    let root = installation.root().to_owned();
    match simulation {
        Some(simulation) => Resolver::new(Arc::new(simulation.variables()), root),
        None => Resolver::new(Arc::new(ProcessVariables::read()), root)
            .within(installation.settings.secret_folders()),
    }
}

fn server(
    arguments: &Arguments,
    settings: &Settings,
    listener: std::net::TcpListener,
    handle: &Handle,
) -> Server {
    let workers = arguments
        .workers
        .map_or_else(|| settings.workers(), std::num::NonZeroUsize::get);
    let options = wharf_gateway::Options {
        listener,
        workers,
        max_connections: settings.max_connections(),
        drain_timeout: settings.drain_timeout(),
    };
    Server::new(options, handle.clone())
}

/// Signals that ask the program to end.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Listens from now on.
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn recv(&mut self) {
        tokio::select! { _ = self.terminate.recv() => {}, _ = self.interrupt.recv() => {} }
    }
}

async fn run_until_stopped(
    server: Server,
    console: Console,
    watcher: Watcher,
    draining: Arc<AtomicBool>,
    mut first: Signals,
    announce: impl FnOnce() -> std::io::Result<()>,
) -> anyhow::Result<()> {
    let stop = CancellationToken::new();
    let drained = CancellationToken::new();
    let signals = {
        let stop = stop.clone();
        async move {
            first.recv().await;
            tracing::info!("stopping: calls under way may finish; a second signal ends at once");
            draining.store(true, Ordering::Relaxed);
            stop.cancel();
            // Some tools signal the process and its group, which is one wish and not two.
            tokio::time::sleep(SAME_WISH).await;
            Signals::new()?.recv().await;
            anyhow::bail!("ended at once by a second signal; calls under way were cut off")
        }
    };
    let data = async {
        let mut announced = Ok(());
        // Asked for the first time when every worker is at work.
        let until_stopped = async {
            announced = announce();
            if announced.is_ok() {
                stop.cancelled().await;
            }
        };
        let result = server
            .run(until_stopped)
            .await
            .context("the data plane failed")
            .and(announced.context("that it is ready could not be written"));
        // Metrics stay readable until the last call is counted; the simulator answers until then.
        stop.cancel();
        drained.cancel();
        result
    };
    let control = async {
        console
            .run(drained.cancelled())
            .await
            .context("the control plane failed")
    };
    let services = async {
        let changes = watcher.run(stop.clone(), drained.clone());
        let (data, control, ()) = tokio::join!(data, control, changes);
        data.and(control)
    };
    tokio::select! {
        result = services => {
            tracing::info!("stopped");
            result
        }
        result = signals => result,
    }
}

fn metrics(registry: Registry) -> Arc<dyn Fn() -> String + Send + Sync> {
    // Only readers of /metrics take this lock.
    let registry = Mutex::new(registry);
    Arc::new(move || {
        let mut text = String::new();
        let registry = registry
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        // Writing to a string cannot fail.
        let _ = prometheus_client::encoding::text::encode(&mut text, &registry);
        text
    })
}

fn readiness(
    handle: Handle,
    status: Status,
    draining: Arc<AtomicBool>,
) -> Arc<dyn Fn() -> Readiness + Send + Sync> {
    Arc::new(move || {
        let draining = draining.load(Ordering::Relaxed);
        let shown = |problems: Vec<wharf_gateway::EnvironmentProblem>| {
            let problems = problems.into_iter();
            let shown = problems.map(|problem| EnvironmentProblem {
                integration: problem.integration,
                environment: problem.environment,
                message: problem.message,
            });
            shown.collect()
        };
        let facts = status.facts();
        Readiness {
            ready: !draining,
            draining,
            integrations: handle.integration_count(),
            broken: facts.broken,
            held: facts.held,
            waiting: facts.waiting,
            state_problem: facts.state_problem,
            kept_problem: facts.kept_problem,
            endpoints_missing: shown(handle.endpoint_problems()),
            credentials_missing: shown(handle.credential_problems()),
            credential_warnings: shown(handle.credential_warnings()),
        }
    })
}
