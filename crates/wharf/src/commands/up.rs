//! `wharf up`: runs everything the documents say.

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
use wharf_console::{Console, MissingCredential, Readiness};
use wharf_gateway::{CredentialProblem, Handle, Server};
use wharf_plan::Plan;
use wharf_secrets::{ProcessVariables, Resolver};
use wharf_store::{CallerToken, Store};

use crate::descriptors;
use crate::installation::Installation;
use crate::output::{self, Format};
use crate::reload::{self, Broken, Documents, Watcher};
use crate::simulation::Simulation;

/// Signals that come this soon after each other count as one.
const SAME_WISH: Duration = Duration::from_millis(500);

/// Run everything the documents say: serve calls to every vendor at one local address.
///
/// Applications call `http://ADDRESS/INTEGRATION/PATH` with their caller token where the vendor's
/// key would stand; `INTEGRATION@ENVIRONMENT` picks another environment than the default.
/// Changed documents, callers and credential files are taken over within a second.
/// SIGTERM or Ctrl-C lets calls under way finish; a second one ends at once.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf up --simulate                     the catalog, nothing leaves this machine
  wharf up integrations                   the workspace in the folder `integrations`
  wharf up --listen 127.0.0.1:0           any free port; the table shows which")]
pub(crate) struct Arguments {
    /// The workspace [default: the current folder, where it has a wharf.toml or a document].
    dir: Option<PathBuf>,

    /// Put a simulator in the place of every vendor. No account is needed and nothing leaves
    /// this machine. Without a workspace at hand, the catalog is served. It takes request bodies
    /// of up to 16 MiB.
    #[arg(long)]
    simulate: bool,

    /// Address of the data plane, for applications [default: 127.0.0.1:7070].
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,

    /// Address of the control plane: /metrics, /healthz, /readyz [default: 127.0.0.1:7071].
    #[arg(long, value_name = "ADDRESS")]
    control: Option<SocketAddr>,

    /// Where state is kept [default: .wharf in the workspace].
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,

    /// Threads that serve calls [default: one per processor].
    #[arg(long, value_name = "N")]
    workers: Option<std::num::NonZeroUsize>,

    /// How the start is announced on standard output.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(crate) fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let installation = Installation::open(arguments.dir.clone(), arguments.simulate)?;
    if !installation.may_start() {
        return Ok(ExitCode::from(1));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let served = runtime.block_on(serve(arguments, installation));
    // After a second signal the workers still drain; the end must not wait for them.
    runtime.shutdown_background();
    served.map(|()| ExitCode::SUCCESS)
}

/// Everything that can fail does so before the first call is taken.
async fn serve(arguments: Arguments, installation: Installation) -> anyhow::Result<()> {
    let settings = &installation.settings;
    let data = wharf_net::listen::bind(arguments.listen.unwrap_or_else(|| settings.data_address()))
        .context("the data plane needs another address; see --listen")?;
    let control = wharf_net::listen::bind(
        arguments
            .control
            .unwrap_or_else(|| settings.control_address()),
    )
    .context("the control plane needs another address; see --control")?;
    let (data_address, control_address) = (data.local_addr()?, control.local_addr()?);
    descriptors::make_room(settings.max_connections(), arguments.simulate);
    let store = open_store(&arguments, &installation)?;
    let token = if arguments.simulate {
        Some(fresh_token()?)
    } else {
        None
    };
    let extra_callers: Vec<_> = token
        .iter()
        .map(|token| (token.token_hash(), "simulation".to_owned()))
        .collect();

    let documents = installation.integrations();
    let mut simulation = arguments
        .simulate
        .then(|| Simulation::new(installation.root.clone()));
    let resolver = match &simulation {
        Some(simulation) => Resolver::new(
            Arc::new(simulation.variables()),
            installation.root().to_owned(),
        ),
        None => Resolver::new(
            Arc::new(ProcessVariables::read()),
            installation.root().to_owned(),
        )
        .within(installation.settings.secret_folders()),
    };
    let running = match &mut simulation {
        Some(simulation) => simulation.follow(&documents).await?,
        None => documents.clone(),
    };
    let mut registry = Registry::default();
    let callers = reload::directory(store.as_ref(), &extra_callers)?;
    let no_callers = callers.is_empty();
    let set_up = if arguments.simulate {
        Handle::for_simulation
    } else {
        Handle::new
    };
    let handle = set_up(&Plan::new(running), callers, resolver, &mut registry);
    handle.tell_about_credentials();
    for name in wharf_net::proxy_variables_set() {
        tracing::warn!("{name} is set; Wharf does not use it and connects to vendors directly");
    }
    if no_callers {
        tracing::warn!(
            "no caller is registered, so every call is refused; create one with `wharf callers add NAME`"
        );
    }

    let broken = Broken::default();
    let draining = Arc::new(AtomicBool::new(false));
    let console = Console::new(wharf_console::Options {
        listener: control,
        metrics: metrics(registry),
        readiness: readiness(handle.clone(), broken.clone(), Arc::clone(&draining)),
        hosts: Vec::new(),
    });
    let server = Server::new(
        wharf_gateway::Options {
            listener: data,
            workers: arguments
                .workers
                .map_or_else(|| settings.workers(), std::num::NonZeroUsize::get),
            max_connections: settings.max_connections(),
            drain_timeout: settings.drain_timeout(),
        },
        handle.clone(),
    );
    let watcher = Watcher {
        documents: installation
            .root
            .clone()
            .map(|root| Documents::new(root, &documents, installation.marks, broken)),
        simulation,
        callers: store,
        extra_callers,
        handle,
    };
    let welcome = welcome::Welcome {
        documents: &documents,
        simulated: arguments.simulate,
        catalog: installation.root.is_none(),
        data: data_address,
        control: control_address,
        token: token.as_ref(),
    };
    // Whoever reads that it is ready may ask it to end.
    let signals = Signals::new()?;
    match arguments.format {
        Format::Text => output::page(&welcome.text())?,
        Format::Json => output::data(&welcome.json())?,
    }
    run_until_stopped(server, console, watcher, draining, signals).await
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
        let result = server
            .run(stop.cancelled())
            .await
            .context("the data plane failed");
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
        let (data, control, ()) = tokio::join!(data, control, watcher.run(drained.cancelled()));
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

/// State on disk; for a simulation only where it exists already, since nothing is to be kept.
fn open_store(arguments: &Arguments, installation: &Installation) -> anyhow::Result<Option<Store>> {
    let folder = arguments
        .state
        .clone()
        .unwrap_or_else(|| installation.settings.state_folder(installation.root()));
    if arguments.simulate && !(installation.root.is_some() && folder.is_dir()) {
        return Ok(None);
    }
    Ok(Some(Store::open(&folder)?))
}

/// A caller token that nobody stores.
fn fresh_token() -> anyhow::Result<CallerToken> {
    let store = Store::in_memory()?;
    Ok(store
        .callers()
        .add(&"simulation".parse()?, jiff::Timestamp::now())?)
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
    broken: Broken,
    draining: Arc<AtomicBool>,
) -> Arc<dyn Fn() -> Readiness + Send + Sync> {
    Arc::new(move || {
        let draining = draining.load(Ordering::Relaxed);
        let shown = |problems: Vec<CredentialProblem>| {
            let problems = problems.into_iter();
            let shown = problems.map(|problem| MissingCredential {
                integration: problem.integration,
                environment: problem.environment,
                message: problem.message,
            });
            shown.collect()
        };
        Readiness {
            ready: !draining,
            draining,
            integrations: handle.integration_count(),
            broken: broken.list(),
            credentials_missing: shown(handle.credential_problems()),
            credential_warnings: shown(handle.credential_warnings()),
        }
    })
}
