//! `wharf call`: one call through the real pipeline, with its trace.

mod request;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use bytes::Bytes;
use clap::Args;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use prometheus_client::registry::Registry;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use wharf_document::Integration;
use wharf_gateway::{CallerBody, CallerDirectory, Engine, Trace};
use wharf_net::{Client, Connector, Limits};
use wharf_plan::{CompiledIntegration, Plan};

use crate::assemble::Vendors;
use crate::installation::{Installation, hint_at_catalog};
use crate::output::{self, Format};
use crate::redact::Redaction;
use crate::token;

pub(crate) use request::ENCODED;

/// Largest answer that is printed, in bytes; a longer one is an error.
const ANSWER_LIMIT_BYTES: usize = 64 * 1024 * 1024;

/// Make one call through the gateway's own pipeline and show what it did, phase by phase.
///
/// The answer's body goes to standard output, head and trace to standard error. The trace names
/// the credential by a fingerprint; each run makes it with a key of its own, so fingerprints of two
/// runs do not compare.
#[derive(Debug, Args)]
#[command(after_help = "\
Parameters:
  key=value     a path parameter of that name; else a query parameter (GET, HEAD, DELETE,
                OPTIONS) or a text field of the body
  key:=JSON     a field of the body with a number, list, object, true, false or null
  key==value    a query parameter, whatever the method

Another document of the workspace that has errors is left out with a warning. Of the body that is
sent and of the answer, 64 MiB are taken each.

Examples:
  wharf call --simulate --catalog openai-api list-models
  wharf call --simulate --catalog stripe create-customer email=ada@example.com
  wharf call --simulate --catalog github get-repository owner=octo-org repo=hello
  wharf call --catalog openai-api create-chat-completion model=gpt-4o-mini \\
      messages:='[{\"role\":\"user\",\"content\":\"Say hello\"}]'

Exit codes: 0 the call succeeded, 1 it was answered with an error, 2 it could not be made.")]
pub(crate) struct Arguments {
    /// Id of the integration, as shown by `wharf up`; `ID@ENVIRONMENT` picks an environment.
    id: String,

    /// Id of the operation: its name in lower case with dashes.
    operation: String,

    /// Parameters of the call.
    #[arg(value_name = "KEY=VALUE")]
    parameters: Vec<String>,

    /// The whole body: text, @FILE, or @- for standard input.
    #[arg(long, value_name = "BODY")]
    data: Option<String>,

    /// A header for the vendor, `Name: value`; may be given again.
    #[arg(short = 'H', long = "header", value_name = "HEADER")]
    headers: Vec<String>,

    /// Time for the whole call, such as 2.5, 30s or 800ms.
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    timeout: Option<String>,

    /// Call the simulator instead of the vendor.
    #[arg(long)]
    simulate: bool,

    /// The workspace [default: the current folder, where it is one; with --simulate else the catalog].
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,

    /// Take the documents that come with the program instead of a workspace.
    #[arg(long, conflicts_with = "dir")]
    catalog: bool,

    /// How the result is written: for people, or as one line of JSON.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let installation = if arguments.catalog {
        Installation::of_catalog()
    } else {
        Installation::open(arguments.dir.clone(), arguments.simulate)?
    };
    let Some(documents) = installation.beside(integration_of(&arguments.id)) else {
        return Ok(ExitCode::from(2));
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(call(arguments, &installation, documents));
    runtime.shutdown_background();
    let (response, trace) = match outcome {
        Ok(answered) => answered,
        failed => Redaction::of(&installation.workspace)?.result(failed)?,
    };
    let failed = response.status().is_client_error() || response.status().is_server_error();
    match arguments.format {
        Format::Text => print_text(&response, &trace)?,
        Format::Json => output::json(&as_json(&response, &trace))?,
    }
    Ok(ExitCode::from(u8::from(failed)))
}

async fn call(
    arguments: &Arguments,
    installation: &Installation,
    documents: Vec<Arc<Integration>>,
) -> anyhow::Result<(Response<Bytes>, Trace)> {
    let vendors = Vendors::of(installation, arguments.simulate, &documents).await?;
    let plan = vendors.plan();
    let id = integration_of(&arguments.id);
    if plan.integration(id).is_none()
        && let Some(why) = installation.workspace.why_unread(id)
    {
        anyhow::bail!("the document of `{id}` cannot be read: {why}");
    }
    let integration = find_integration(plan, id, installation)?;
    // This call's own caller; nobody else learns the token.
    let token = token::random().context("no random numbers for a token")?;
    let callers = CallerDirectory::new([(token.token_hash(), "wharf-call".to_owned())]);
    let request = request::build(
        integration,
        &request::Input {
            address: &arguments.id,
            operation: &arguments.operation,
            parameters: &arguments.parameters,
            data: arguments.data.as_deref(),
            headers: &arguments.headers,
            timeout: arguments.timeout.as_deref(),
            token: token.expose_secret(),
            option: &installation.option(),
        },
    )?;
    let served = vendors.serve(callers, &mut Registry::default()).await;
    let done = CancellationToken::new();
    let simulated = async {
        match served.simulator {
            Some(simulator) => simulator.run(done.cancelled()).await,
            None => Ok(()),
        }
    };
    let answered = async {
        // Dropped after the engine, whose connections the simulator would else wait for.
        let _done = done.clone().drop_guard();
        let engine = Engine::new(
            &served.handle,
            Client::new(Connector::new(), Limits::default()),
        );
        answer(&engine, request.map(CallerBody::Bytes)).await
    };
    let (answered, simulated) = tokio::join!(answered, simulated);
    simulated.context("the vendor simulator failed")?;
    answered
}

async fn answer(
    engine: &Engine,
    request: Request<CallerBody>,
) -> anyhow::Result<(Response<Bytes>, Trace)> {
    let mut trace = Trace::on();
    let response = engine.call(request, &mut trace).await;
    let (head, body) = response.into_parts();
    let body = http_body_util::Limited::new(body, ANSWER_LIMIT_BYTES)
        .collect()
        .await
        .map_err(|error| unread(error.as_ref()))?;
    Ok((Response::from_parts(head, body.to_bytes()), trace))
}

/// The integration's id in `ID` or `ID@ENVIRONMENT`.
fn integration_of(address: &str) -> &str {
    address.split_once('@').map_or(address, |(id, _)| id)
}

/// Why the rest of an answer is not there, and what to do.
fn unread(error: &(dyn std::error::Error + Send + Sync + 'static)) -> anyhow::Error {
    if error.is::<http_body_util::LengthLimitError>() {
        return anyhow::anyhow!(
            "the answer is larger than {} MiB, which is what `wharf call` reads; ask for less, or \
             make the call through a running `wharf up`, which passes on answers of any size",
            ANSWER_LIMIT_BYTES >> 20
        );
    }
    anyhow::anyhow!("{error}").context("the answer could not be read to its end")
}

fn find_integration<'a>(
    plan: &'a Plan,
    id: &str,
    installation: &Installation,
) -> anyhow::Result<&'a Arc<CompiledIntegration>> {
    plan.integration(id).with_context(|| {
        let ids: Vec<&str> = plan
            .integrations()
            .iter()
            .map(|integration| integration.id.as_str())
            .collect();
        let hint = wharf_diag::closest(id, ids.iter().copied()).map_or_else(
            || {
                let root = installation.root.as_deref();
                let hint = root.map(|root| hint_at_catalog(id, root));
                format!("{}.", hint.unwrap_or_default())
            },
            |near| format!("; did you mean `{near}`?"),
        );
        format!(
            "there is no integration `{id}`{hint} Known: {}",
            ids.join(", ")
        )
    })
}

fn print_text(response: &Response<Bytes>, trace: &Trace) -> anyhow::Result<()> {
    output::note(&format!("HTTP {}", response.status()));
    for (name, value) in response.headers() {
        output::note(&format!(
            "{name}: {}",
            value.to_str().unwrap_or("(not text)")
        ));
    }
    output::note("");
    output::note(&format!(
        "{:<10} {:>7} {:>12}  DECISION",
        "PHASE", "ATTEMPT", "TIME"
    ));
    for entry in trace.entries() {
        let why = if entry.why.is_empty() {
            String::new()
        } else {
            format!("  ({})", entry.why)
        };
        let attempt = if entry.attempt == 0 {
            "-".to_owned()
        } else {
            entry.attempt.to_string()
        };
        output::note(&format!(
            "{:<10} {attempt:>7} {:>9.3} ms  {}{why}",
            entry.phase.as_str(),
            entry.duration.as_secs_f64() * 1_000.0,
            entry.decision
        ));
    }
    output::note("");
    match serde_json::from_slice::<Value>(response.body()) {
        Ok(body) => output::foreign(&format!("{}\n", serde_json::to_string_pretty(&body)?))?,
        Err(_) => output::foreign(&String::from_utf8_lossy(response.body()))?,
    }
    Ok(())
}

fn as_json(response: &Response<Bytes>, trace: &Trace) -> Value {
    let headers: serde_json::Map<String, Value> = response
        .headers()
        .keys()
        .map(|name| {
            let values = response.headers().get_all(name).iter();
            let mut values: Vec<Value> = values
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into())
                .collect();
            let value = match values.pop() {
                Some(only) if values.is_empty() => only,
                last => values.into_iter().chain(last).collect(),
            };
            (name.to_string(), value)
        })
        .collect();
    let entries: Vec<Value> = trace
        .entries()
        .iter()
        .map(|entry| {
            json!({
                "phase": entry.phase.as_str(),
                "attempt": entry.attempt,
                "duration_seconds": entry.duration.as_secs_f64(),
                "decision": entry.decision,
                "why": entry.why,
            })
        })
        .collect();
    let body = serde_json::from_slice::<Value>(response.body())
        .unwrap_or_else(|_| String::from_utf8_lossy(response.body()).into());
    json!({ "status": response.status().as_u16(), "headers": headers, "body": body, "trace": entries })
}
