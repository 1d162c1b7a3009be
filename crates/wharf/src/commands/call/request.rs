//! From `key=value` arguments to a request.

use std::fs::File;
use std::io::Read as _;

use anyhow::{Context as _, bail};
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Method, Request};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};
use wharf_document::model::{BodyFormat, Connection, PathPiece, PathSegment};
use wharf_plan::{CALL_BODY_LIMIT_BYTES, CallSettings, CompiledIntegration, CompiledOperation};

/// Characters that stand for themselves in every part of a URL (RFC 3986, 2.3).
pub(crate) const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The same for what takes the rest of a path: its slashes part segments.
const ENCODED_REST: &AsciiSet = &ENCODED.remove(b'/');

/// What was given on the command line.
pub(super) struct Input<'a> {
    /// `ID` or `ID@ENVIRONMENT`.
    pub(super) address: &'a str,
    pub(super) operation: &'a str,
    pub(super) parameters: &'a [String],
    pub(super) data: Option<&'a str>,
    pub(super) headers: &'a [String],
    pub(super) timeout: Option<&'a str>,
    pub(super) token: &'a str,
    /// What a command needs to read the same documents.
    pub(super) option: &'a str,
}

/// One `key=value` argument.
enum Parameter<'a> {
    Text(&'a str, &'a str),
    Json(&'a str, Value),
    Query(&'a str, &'a str),
}

pub(super) fn build(
    integration: &CompiledIntegration,
    input: &Input<'_>,
) -> anyhow::Result<Request<Bytes>> {
    let body_format = settings(integration, input.address)?.body_format;
    let operation = find_operation(integration, input)?;
    let mut parameters = input
        .parameters
        .iter()
        .map(|text| parse(text))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let path = path(operation, &mut parameters)?;
    let has_body =
        input.data.is_some() || parameters.iter().any(|p| matches!(p, Parameter::Json(..)));
    let method = method(operation, has_body);
    let in_query = !takes_body(method);
    let mut query = Vec::new();
    let mut fields = Map::new();
    for parameter in parameters {
        match parameter {
            Parameter::Query(key, value) => query.push((key, value)),
            Parameter::Text(key, value) if in_query => query.push((key, value)),
            Parameter::Text(key, value) => {
                fields.insert(key.to_owned(), value.into());
            }
            Parameter::Json(key, value) => {
                fields.insert(key.to_owned(), value);
            }
        }
    }
    anyhow::ensure!(
        input.data.is_none() || fields.is_empty(),
        "--data gives the whole body, so no field can be given beside it"
    );
    let (body, content_type) = match input.data {
        Some(data) => (read(data)?, Some(content_type(body_format))),
        None if fields.is_empty() => (Bytes::new(), None),
        None => (
            encode(body_format, fields)?,
            Some(content_type(body_format)),
        ),
    };
    let separator = if query.is_empty() { "" } else { "?" };
    let uri = format!("/{}{path}{separator}{}", input.address, form(&query));
    let mut request = Request::new(body);
    *request.method_mut() = method.clone();
    *request.uri_mut() = uri
        .parse()
        .with_context(|| format!("`{uri}` is not a valid path"))?;
    let headers = request.headers_mut();
    if let Some(content_type) = content_type {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    headers.insert(
        "user-agent",
        HeaderValue::from_static(concat!("wharf/", env!("CARGO_PKG_VERSION"))),
    );
    for header in input.headers {
        let (name, value) = header
            .split_once(':')
            .with_context(|| format!("`{header}` is not `Name: value`"))?;
        let (name, value) = (name.trim(), value.trim());
        headers.insert(
            HeaderName::try_from(name)
                .with_context(|| format!("`{name}` cannot be the name of a header"))?,
            // The value may be a secret.
            HeaderValue::from_str(value).with_context(|| {
                format!("the value of the header `{name}` has a character that none may have, such as a line break")
            })?,
        );
    }
    if let Some(timeout) = input.timeout {
        anyhow::ensure!(
            wharf_gateway::wire::timeout(timeout).is_some(),
            "--timeout is a time above zero and up to one hour, such as 2.5, 30s or 800ms; `{timeout}` is none"
        );
        headers.insert("wharf-timeout", HeaderValue::from_str(timeout)?);
    }
    headers.insert(
        AUTHORIZATION,
        HeaderValue::from_str(&format!("Bearer {}", input.token))?,
    );
    Ok(request)
}

/// The address names an environment that the document has, or needs to name none.
/// What holds for calls of the environment in an address.
fn settings<'a>(
    integration: &'a CompiledIntegration,
    address: &str,
) -> anyhow::Result<&'a CallSettings> {
    let named = address.split_once('@').map(|(_, name)| name);
    if let Some(index) = integration.environment(named) {
        return Ok(&integration.environments[index].settings);
    }
    if integration.environments.is_empty() {
        return Ok(&integration.settings);
    }
    let environments = integration.environments.iter();
    let all: Vec<&str> = environments.map(|one| one.name.as_str()).collect();
    let id = &integration.id;
    let known = all.join(", ");
    let Some(named) = named else {
        bail!("{id} has no default environment; write {id}@ENVIRONMENT with one of: {known}");
    };
    match wharf_diag::closest(named, all) {
        Some(near) => bail!("{id} has no environment `{named}`; did you mean `{id}@{near}`?"),
        None => bail!("{id} has no environment `{named}`. Known: {known}"),
    }
}

/// Whether no environment of a document can be reached over HTTP, also not where it is filled in.
fn speaks_no_http(integration: &CompiledIntegration) -> bool {
    let mut environments = integration.environments.iter();
    let other = |connection: &Connection| !connection.is_socket();
    !integration.environments.is_empty()
        && environments.all(|known| known.connection.as_ref().is_some_and(other))
}

fn find_operation<'a>(
    integration: &'a CompiledIntegration,
    input: &Input<'_>,
) -> anyhow::Result<&'a CompiledOperation> {
    let id = input.operation;
    integration.operation(id).with_context(|| {
        if speaks_no_http(integration) {
            return format!(
                "{} does not speak HTTP, so nothing can call it through Wharf; `wharf show {}{}` tells where it is",
                integration.id, integration.id, input.option
            );
        }
        if integration.operations.is_empty() {
            return format!(
                "{} has no operation that can be called; fill in the table under API Endpoints",
                integration.id
            );
        }
        let ids: Vec<&str> = integration
            .operations
            .iter()
            .map(|operation| operation.id.as_str())
            .collect();
        let hint = wharf_diag::closest(id, ids.iter().copied()).map_or_else(
            || ".".to_owned(),
            |near| format!("; did you mean `{near}`?"),
        );
        format!(
            "{} has no operation `{id}`{hint} Known: {}",
            integration.id,
            ids.join(", ")
        )
    })
}

fn parse(text: &str) -> anyhow::Result<Parameter<'_>> {
    let at = text.find('=').filter(|at| *at > 0).with_context(|| {
        format!("`{text}` is not key=value (text), key:=JSON (body) or key==value (query)")
    })?;
    let (key, rest) = text.split_at(at);
    if let Some(key) = key.strip_suffix(':') {
        let json = rest.get(1..).unwrap_or_default();
        let value = serde_json::from_str(json).with_context(|| {
            format!(
                "the value of `{key}` is not JSON; for text, write {key}=… with a plain equals sign"
            )
        })?;
        return Ok(Parameter::Json(key, value));
    }
    Ok(match rest.strip_prefix("==") {
        Some(value) => Parameter::Query(key, value),
        None => Parameter::Text(key, rest.get(1..).unwrap_or_default()),
    })
}

/// Fills the path; what it uses is taken out of the parameters.
fn path<'a>(
    operation: &'a CompiledOperation,
    parameters: &mut Vec<Parameter<'_>>,
) -> anyhow::Result<String> {
    let mut path = String::new();
    let mut missing = Vec::new();
    let mut fill = |path: &mut String, name: &'a str, encoded| {
        let found = parameters
            .iter()
            .position(|p| matches!(p, Parameter::Text(key, _) if *key == name));
        match found.map(|index| parameters.remove(index)) {
            Some(Parameter::Text(_, value)) if !value.is_empty() => {
                path.extend(utf8_percent_encode(value, encoded));
            }
            _ => missing.push(name),
        }
    };
    for segment in &operation.pattern.segments {
        path.push('/');
        match segment {
            PathSegment::Literal(literal) => path.push_str(literal),
            PathSegment::Parameter(name) => fill(&mut path, name, ENCODED),
            PathSegment::Rest(name) => fill(&mut path, name, ENCODED_REST),
            PathSegment::Mixed(pieces) => {
                for piece in pieces {
                    match piece {
                        PathPiece::Literal(literal) => path.push_str(literal),
                        PathPiece::Parameter(name) => fill(&mut path, name, ENCODED),
                    }
                }
            }
        }
    }
    anyhow::ensure!(
        missing.is_empty(),
        "{} {} also needs {}=…{}",
        methods(operation),
        operation.pattern,
        missing.join("=… "),
        misspelt(&missing, parameters)
    );
    Ok(path)
}

/// The method to call an operation with: the first that takes a body where one is given, else the
/// first.
fn method(operation: &CompiledOperation, has_body: bool) -> &Method {
    let mut methods = operation.methods.iter();
    let first = operation.methods.first().unwrap_or(&Method::GET);
    let fitting = methods.find(|method| takes_body(method) == has_body);
    if has_body {
        fitting.unwrap_or(first)
    } else {
        first
    }
}

fn takes_body(method: &Method) -> bool {
    !matches!(
        *method,
        Method::GET | Method::HEAD | Method::DELETE | Method::OPTIONS
    )
}

fn methods(operation: &CompiledOperation) -> String {
    let names: Vec<_> = operation.methods.iter().map(Method::as_str).collect();
    names.join(", ")
}

/// What to say when a parameter was given whose name is near one that the path lacks.
fn misspelt(missing: &[&str], parameters: &[Parameter<'_>]) -> String {
    let given = parameters.iter().map(|parameter| match parameter {
        Parameter::Text(key, _) | Parameter::Json(key, _) | Parameter::Query(key, _) => *key,
    });
    let mut near = given.filter_map(|key| {
        let meant = wharf_diag::closest(key, missing.iter().copied())?;
        Some((key, meant))
    });
    match near.next() {
        Some((key, meant)) if key == meant => {
            format!("; for the path, write {key}=… with a plain equals sign and a value")
        }
        Some((key, meant)) => {
            format!("; `{key}` is no part of the path, did you mean `{meant}`?")
        }
        None => String::new(),
    }
}

const fn content_type(format: BodyFormat) -> &'static str {
    match format {
        BodyFormat::Json => "application/json",
        BodyFormat::Form => "application/x-www-form-urlencoded",
    }
}

fn encode(format: BodyFormat, fields: Map<String, Value>) -> anyhow::Result<Bytes> {
    Ok(match format {
        BodyFormat::Json => serde_json::to_vec(&Value::Object(fields))?.into(),
        BodyFormat::Form => {
            let mut pairs = Vec::new();
            for (key, value) in fields {
                flatten(key, value, &mut pairs);
            }
            form(&pairs).into()
        }
    })
}

/// Lists and objects become `key[index]` and `key[name]`, the form most vendors read.
fn flatten(key: String, value: Value, pairs: &mut Vec<(String, String)>) {
    match value {
        Value::Null => pairs.push((key, String::new())),
        Value::Bool(value) => pairs.push((key, value.to_string())),
        Value::Number(value) => pairs.push((key, value.to_string())),
        Value::String(value) => pairs.push((key, value)),
        Value::Array(values) => {
            for (index, value) in values.into_iter().enumerate() {
                flatten(format!("{key}[{index}]"), value, pairs);
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                flatten(format!("{key}[{name}]"), value, pairs);
            }
        }
    }
}

fn form(pairs: &[(impl AsRef<str>, impl AsRef<str>)]) -> String {
    let encode = |text: &str| utf8_percent_encode(text, ENCODED).to_string();
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(key, value)| format!("{}={}", encode(key.as_ref()), encode(value.as_ref())))
        .collect();
    pairs.join("&")
}

fn read(data: &str) -> anyhow::Result<Bytes> {
    let Some(name) = data.strip_prefix('@') else {
        return Ok(Bytes::copy_from_slice(data.as_bytes()));
    };
    let mut body = Vec::new();
    let limit = CALL_BODY_LIMIT_BYTES + 1;
    if name == "-" {
        std::io::stdin()
            .lock()
            .take(limit)
            .read_to_end(&mut body)
            .context("cannot read standard input")?;
    } else {
        let file = File::open(name).with_context(|| format!("cannot open {name}"))?;
        file.take(limit)
            .read_to_end(&mut body)
            .with_context(|| format!("cannot read {name}"))?;
    }
    anyhow::ensure!(
        body.len() as u64 <= CALL_BODY_LIMIT_BYTES,
        "the body is larger than {CALL_BODY_LIMIT_BYTES} bytes"
    );
    Ok(body.into())
}

#[cfg(test)]
mod tests;
