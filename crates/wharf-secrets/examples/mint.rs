//! Makes one token as a document says, for tests against endpoints that others wrote.
//!
//! `mint DOCUMENT ENVIRONMENT [FIELD=VALUE...]` reads the credential from where the document keeps
//! it, with these fields beside it, and writes the outcome as JSON. It shows the token: it is for
//! tests on loopback, and speaks HTTP without TLS only.

use std::error::Error;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde_json::{Value, json};
use wharf_diag::SourceText;
use wharf_document::{Integration, IntegrationId};
use wharf_secrets::mint::{MintError, Minted, Recipe};
use wharf_secrets::{Ask, Asking, Credential, Exchange, Failure, ProcessVariables, Resolver, Said};

/// One connection for each request, on the thread that asks.
#[derive(Debug)]
struct Plain;

impl Exchange for Plain {
    fn ask(&self, ask: Ask) -> Asking<'_> {
        Box::pin(async move { exchange(&ask) })
    }
}

fn exchange(ask: &Ask) -> Result<Said, Failure> {
    let authority = ask
        .url
        .authority()
        .ok_or_else(|| Failure::NotSent("no host".into()))?;
    let not_sent = |error: std::io::Error| Failure::NotSent(error.to_string());
    let no_answer = |error: std::io::Error| Failure::NoAnswer(error.to_string());
    let mut stream = TcpStream::connect(authority.as_str()).map_err(not_sent)?;
    stream
        .set_read_timeout(Some(ask.timeout))
        .map_err(not_sent)?;
    let target = ask
        .url
        .path_and_query()
        .map_or("/", |target| target.as_str());
    let mut head = format!(
        "{} {target} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\ncontent-length: {}\r\n",
        ask.method,
        ask.body.expose_secret().len()
    );
    for (name, value) in &ask.headers {
        head.push_str(&format!(
            "{name}: {}\r\n",
            value.to_str().unwrap_or_default()
        ));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).map_err(not_sent)?;
    stream
        .write_all(ask.body.expose_secret())
        .map_err(no_answer)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).map_err(no_answer)?;
    parse(&answer).ok_or_else(|| Failure::NoAnswer("no HTTP".into()))
}

fn parse(answer: &[u8]) -> Option<Said> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = str::from_utf8(&answer[..end]).ok()?;
    let mut lines = head.split("\r\n");
    let status: StatusCode = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let mut headers = HeaderMap::new();
    for line in lines {
        let (name, value) = line.split_once(':')?;
        let name: HeaderName = name.parse().ok()?;
        headers.append(name, HeaderValue::from_str(value.trim()).ok()?);
    }
    let body = &answer[end + 4..];
    let is_chunked = headers.get("transfer-encoding").is_some();
    let body = if is_chunked {
        unchunked(body)?
    } else {
        body.to_vec()
    };
    let body = SecretSlice::from(body);
    Some(Said {
        status,
        headers,
        body,
    })
}

fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n")?;
        let length = usize::from_str_radix(str::from_utf8(&rest[..end]).ok()?, 16).ok()?;
        if length == 0 {
            return Some(body);
        }
        body.extend(rest.get(end + 2..end + 2 + length)?);
        rest = rest.get(end + 4 + length..)?;
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let (Some(path), Some(environment)) = (words.next(), words.next()) else {
        return Err("usage: mint DOCUMENT ENVIRONMENT [FIELD=VALUE...]".into());
    };
    let integration = read(Path::new(&path))?;
    let is_it = |name: &str| name.eq_ignore_ascii_case(&environment);
    let entry = integration
        .environments
        .iter()
        .find(|one| is_it(&one.name.value));
    let endpoint = entry
        .and_then(|one| one.endpoint.as_ref())
        .ok_or("no such environment")?;
    let recipe = Recipe::new(&integration, &endpoint.value)?.ok_or("no token is made")?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(async {
        let credential = credential(&integration, &environment, &recipe, words, &path).await?;
        Ok::<_, Box<dyn Error>>(recipe.mint(&credential, &Plain, now()?).await)
    })?;
    writeln!(std::io::stdout(), "{}", as_json(&outcome))?;
    Ok(())
}

fn read(path: &Path) -> Result<Integration, Box<dyn Error>> {
    let stem = path
        .file_stem()
        .and_then(|stem| stem.to_str())
        .ok_or("no name")?;
    let id = IntegrationId::new(stem).ok_or("no id")?;
    let text = std::fs::read_to_string(path)?;
    let loaded = wharf_document::load(&id, &Arc::new(SourceText::new(stem, text)));
    for found in &loaded.diagnostics {
        writeln!(std::io::stderr(), "{} {}", found.code, found.message)?;
    }
    loaded
        .integration
        .ok_or_else(|| "no integration document".into())
}

/// What the document's store has of the fields that are not given.
async fn credential(
    integration: &Integration,
    environment: &str,
    recipe: &Recipe,
    words: impl Iterator<Item = String>,
    path: &str,
) -> Result<Credential, Box<dyn Error>> {
    let given: Vec<(String, String)> = words
        .filter_map(|word| {
            let (field, value) = word.split_once('=')?;
            Some((field.to_owned(), value.to_owned()))
        })
        .collect();
    let is_given = |field: &String| given.iter().any(|(known, _)| known == field);
    let needed: Vec<_> = recipe
        .fields()
        .iter()
        .filter(|field| !is_given(field))
        .cloned()
        .collect();
    let entries = &integration.credentials;
    let is_it = |name: &str| name.eq_ignore_ascii_case(environment);
    let entry = entries
        .iter()
        .find(|one| is_it(&one.environment.value))
        .ok_or("no credential")?;
    let root = Path::new(path)
        .parent()
        .unwrap_or(Path::new("."))
        .to_owned();
    let resolver = Resolver::new(Arc::new(ProcessVariables::read()), root);
    let fetched = resolver.fetch(&entry.store.value, &needed).await?;
    Ok(given
        .into_iter()
        .fold(fetched, |credential, (field, value)| {
            credential.with(&field, SecretString::from(value))
        }))
}

fn now() -> Result<Timestamp, Box<dyn Error>> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    Ok(Timestamp::from_second(i64::try_from(since.as_secs())?)?)
}

fn as_json(outcome: &Result<Minted, MintError>) -> Value {
    match outcome {
        Ok(minted) => json!({
            "token": minted.token.expose_secret(),
            "valid_until": minted.valid_until.map(|end| end.to_string()),
            "scopes": minted.scopes,
            "refresh_token": minted.refresh_token.as_ref().map(ExposeSecret::expose_secret),
            "fields": minted.fields.fields().collect::<Vec<_>>(),
            "shown": format!("{minted:?}"),
        }),
        Err(problem) => json!({
            "problem": problem.to_string(),
            "again": format!("{:?}", problem.again()),
            "has_ended": problem.has_ended(),
            "shown": format!("{problem:?}"),
        }),
    }
}
