//! `wharf up`: runs everything the documents say.

mod example;
mod welcome;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use wharf_workspace::settings;

use self::welcome::Welcome;
use crate::addresses::address;
use crate::assemble::{Options, Start, assemble, state_folder};
use crate::installation::Installation;
use crate::output::{self, Format};
use crate::reload::accept::Refused;
use crate::signals::{Signals, survive_size_limits};
use crate::takeover::ClaimError;

/// Run everything the documents say: serve calls to every vendor at one local address.
///
/// Applications call `http://ADDRESS/INTEGRATION/PATH` with their caller token where the vendor's
/// key would stand; `INTEGRATION@ENVIRONMENT` picks another environment than the default.
/// Changed documents, callers and credential files are taken over within a second. A document
/// with an error keeps its last good version, also over a restart; the log and /readyz name it.
/// A change that drops a credential, changes a host or lifts a limit waits until its file has been
/// still for 2 seconds; where it lacks a section or its last newline, for `wharf reload`. So does
/// the end of all documents at once, as when their folder is unmounted.
/// One state folder serves one `wharf up` at a time. A new one can take its listening sockets over
/// (see below): no connection is refused, and the old one lets its calls finish and ends.
/// Sockets of a service manager (`LISTEN_FDS`) are used, and it is told of the state
/// (`NOTIFY_SOCKET`).
/// SIGTERM or Ctrl-C lets calls under way finish, as a take-over does, for 30 s or what
/// `drain_timeout_seconds` says; a second one, later than half a second, ends at once.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf up --simulate --catalog           the catalog, nothing leaves this machine
  wharf up integrations                   the workspace in the folder `integrations`
  wharf up --strict integrations          refuse to start when any document has an error
  wharf up --listen 127.0.0.1:0           any free port; the table shows which
  wharf up --listen 8080                  port 8080 of 127.0.0.1
  wharf up --takeover integrations        exchange the one that serves these, without a gap

Faults on demand, with --simulate: a call with the header Wharf-Simulate gets what it asks for.
  status=503              that answer instead of the example
  status=503;first=1      only the first time, so that the retry succeeds; run=NAME counts anew
  status=429;retry-after=2
  delay=500ms             waits before the answer
  reset                   ends the connection without an answer
  truncate                ends the connection in the middle of the answer

Exit codes: 0 stopped or handed over, 1 no document can run (with --strict: not all can), another
`wharf up` uses the state folder, or it does not hand over, 2 could not run.")]
pub(crate) struct Arguments {
    /// The workspace [default: the current folder, where it has a wharf.toml, a document or state].
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
    #[arg(long, value_name = "ADDRESS", value_parser = address, allow_negative_numbers = true)]
    listen: Option<SocketAddr>,

    /// Address of the control plane, for /metrics, /healthz, /readyz, and the API that `wharf callers`
    /// uses: IP:PORT, or a port of 127.0.0.1 [default: as in wharf.toml, else 127.0.0.1:7071].
    #[arg(long, value_name = "ADDRESS", value_parser = address, allow_negative_numbers = true)]
    control: Option<SocketAddr>,

    /// Where state is kept [default: as in wharf.toml, else .wharf in the workspace].
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,

    /// Threads that serve calls [default: as in wharf.toml, else one per processor].
    #[arg(long, value_name = "N", value_parser = settings::workers_argument, allow_negative_numbers = true)]
    workers: Option<std::num::NonZeroUsize>,

    /// Refuse to start when any document has an error, instead of serving the others.
    #[arg(long)]
    strict: bool,

    /// Take over the listening sockets of the `wharf up` that serves the same state folder, at its
    /// addresses. It serves until this one is ready, and goes on where this one fails or is not
    /// ready within 60 s. Where none serves, this one starts as usual.
    #[arg(long)]
    takeover: bool,

    /// How the start is announced on standard output.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
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
    let options = arguments.options();
    let state = state_folder(&options, &installation);
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
    let served = runtime.block_on(serve(arguments, &options, &installation, start, state));
    // After a second signal the workers still drain; the end must not wait for them.
    runtime.shutdown_background();
    match served {
        Err(error)
            if matches!(error.downcast_ref(), Some(Refused::InUse { .. }))
                || error.is::<ClaimError>() =>
        {
            output::error(&error);
            Ok(ExitCode::from(1))
        }
        served => served.map(|()| ExitCode::SUCCESS),
    }
}

impl Arguments {
    fn options(&self) -> Options {
        Options {
            simulate: self.simulate,
            listen: self.listen,
            control: self.control,
            state: self.state.clone(),
            workers: self.workers,
            takeover: self.takeover,
        }
    }
}

async fn serve(
    arguments: &Arguments,
    options: &Options,
    installation: &Installation,
    start: Start,
    state: PathBuf,
) -> anyhow::Result<()> {
    survive_size_limits()?;
    let (program, facts) = assemble(options, installation, start, state).await?;
    let welcome = Welcome {
        documents: &facts.documents,
        broken: &facts.broken,
        settings_not_in_force: &installation.settings.not_in_force(),
        simulated: arguments.simulate,
        catalog: installation.root.is_none(),
        state_option: &options.of_state(installation),
        data: facts.data,
        control: facts.control,
        token: facts.token.as_ref(),
    };
    // Whoever reads that it is ready may ask it to end.
    let signals = Signals::new()?;
    let announce = || match arguments.format {
        Format::Text => output::page(&welcome.text()),
        Format::Json => output::data(&wharf_diag::printable_json(&welcome.json())),
    };
    // In a place of its own: it holds all that runs.
    Box::pin(program.run(signals, announce)).await
}
