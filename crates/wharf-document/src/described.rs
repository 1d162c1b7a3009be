//! A document beside the vendor's own API description: operations that are not in it, and those
//! that the vendor wants nobody to use any more.

use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;

use wharf_diag::{Diagnostic, Span};
use wharf_openapi::{Description, Found, Locator, Wanted};

use crate::findings::{
    description_missing, description_not_read, method_not_described, operation_deprecated,
    operation_not_described,
};
use crate::model::{Environment, Integration, Method, Operation};

/// Findings about the operations of one document; of more, the rest is not told.
const MOST_FINDINGS: usize = 1_000;

/// What a link to an API description led to.
#[derive(Clone, Debug)]
pub enum Linked {
    /// There is no such file.
    Missing,
    /// There is one, and this is why it is not used. The text of the file is not repeated.
    NotRead(String),
    /// A description.
    Read(Arc<Description>),
}

/// Follows the document's links to API descriptions and compares its operations with them.
///
/// `open` is asked for each target that is a file; the path is as the document writes it. Where
/// several files can be read, an operation has to be in one of them. Where one that is linked
/// cannot be read, nobody knows what is in it, and no operation counts as not described.
pub fn check_linked_descriptions(
    integration: &Integration,
    mut open: impl FnMut(&str) -> Linked,
) -> Vec<Diagnostic> {
    let source = &integration.source;
    let mut diagnostics = Vec::new();
    let mut read = Vec::new();
    let mut is_complete = true;
    let mut seen = HashSet::new();
    let mut seen_descriptions = HashSet::new();
    for link in integration.api_descriptions() {
        let Some(file) = link.file() else {
            // Addresses are never fetched.
            continue;
        };
        if !seen.insert(file.value) {
            continue;
        }
        match open(file.value) {
            Linked::Missing => {
                diagnostics.push(description_missing::new(source, file.span, file.value));
                is_complete = false;
            }
            Linked::NotRead(why) => {
                let finding = description_not_read::new(source, file.span, file.value, &why);
                diagnostics.push(finding);
                is_complete = false;
            }
            // Another way to the same file, such as `./api.yaml`.
            Linked::Read(description) if !seen_descriptions.insert(Arc::as_ptr(&description)) => {}
            Linked::Read(description) => {
                let elsewhere = description.elsewhere();
                if !elsewhere.is_empty() {
                    diagnostics.push(description_not_read::in_parts(
                        source, file.span, file.value, &elsewhere,
                    ));
                }
                read.push(description);
            }
        }
    }
    let found = match read.as_slice() {
        [] => Vec::new(),
        [one] => check_description(integration, one),
        several => {
            let together = Description::together(several.iter().map(AsRef::as_ref));
            check_description(integration, &together)
        }
    };
    diagnostics.extend(
        found
            .into_iter()
            .filter(|diagnostic| is_complete || diagnostic.code != operation_not_described::CODE),
    );
    diagnostics.sort_by_key(|diagnostic| (diagnostic.primary.span.start, diagnostic.code.id));
    diagnostics
}

/// A row of the API Endpoints table, ready to look for in a description.
///
/// Its path may stand below the path of any environment's base URL.
pub fn wanted_operation(operation: &Operation, environments: &[Environment]) -> Wanted {
    let endpoints = environments
        .iter()
        .filter_map(|environment| environment.endpoint.as_ref());
    let bases = endpoints.map(|endpoint| endpoint.value.path.as_str());
    Wanted::new(&operation.path.value.to_string(), bases, &operation.id)
}

impl From<Method> for wharf_openapi::Method {
    fn from(method: Method) -> Self {
        match method {
            Method::Get => Self::Get,
            Method::Head => Self::Head,
            Method::Post => Self::Post,
            Method::Put => Self::Put,
            Method::Patch => Self::Patch,
            Method::Delete => Self::Delete,
            Method::Options => Self::Options,
        }
    }
}

/// Compares every operation of a document with a description.
pub fn check_description(integration: &Integration, description: &Description) -> Vec<Diagnostic> {
    let source = &integration.source;
    let links: Vec<Span> = integration
        .api_descriptions()
        .filter_map(|link| Some(link.file()?.span))
        .collect();
    let locator = Locator::new(description);
    let environments = &integration.environments;
    let rows = integration.operations.iter().flat_map(|operation| {
        let wanted = Rc::new(wanted_operation(operation, environments));
        let methods = operation.methods.iter();
        methods.map(move |method| (operation, Rc::clone(&wanted), method))
    });
    let findings = rows.filter_map(|(operation, wanted, method)| {
        let path = &operation.path;
        match locator.locate(&wanted, method.value.into()) {
            Found::Operation(_, described) if described.deprecated => {
                let name = &operation.name;
                Some(operation_deprecated::new(
                    source,
                    name.span,
                    &name.value,
                    &links,
                ))
            }
            Found::Operation(..) | Found::Elsewhere(_) => None,
            Found::OtherMethods(described, methods) => {
                let methods: Vec<_> = methods
                    .into_iter()
                    .map(wharf_openapi::Method::as_str)
                    .collect();
                Some(method_not_described::new(
                    source,
                    method.span,
                    method.value.as_str(),
                    &described.template,
                    &methods,
                    &links,
                ))
            }
            Found::Nothing => {
                let meant = locator.nearest(&wanted, method.value.into());
                Some(operation_not_described::new(
                    source,
                    path.span,
                    &path.value.to_string(),
                    meant.map(|path| path.template.as_str()),
                    &links,
                ))
            }
        }
    });
    findings.take(MOST_FINDINGS).collect()
}
