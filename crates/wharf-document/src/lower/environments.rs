//! Service Details: the Environments table.

use wharf_diag::Spanned;

use super::context::{Context, Seen, spanned};
use crate::findings::not_filled_in::{self, Need};
use crate::findings::{environment_unknown, no_environment, plain_http, value_missing};
use crate::model::{DefaultEnvironment, Environment, Frontmatter, Scheme};
use crate::parse::url;
use crate::raw::{Section, Table, document_place, tables};

pub(super) fn lower(
    context: &mut Context<'_>,
    section: Option<&Section>,
    frontmatter: &Frontmatter,
) -> Vec<Environment> {
    let mut environments = Vec::new();
    let mut seen = Seen::new();
    let mut has_table = false;
    if let Some(section) = section {
        let part = section.part("Environments");
        for table in tables(part).chain(tables(section.loose_blocks())) {
            has_table = true;
            read_table(context, table, &mut seen, &mut environments);
        }
    }
    if !has_table {
        let place = section.map_or_else(
            || document_place(context.source),
            |section| section.place_of_part("Environments"),
        );
        context.report_at(place, no_environment::new);
    }
    check_default(context, frontmatter, &environments);
    environments
}

fn read_table(
    context: &mut Context<'_>,
    table: &Table,
    seen: &mut Seen,
    environments: &mut Vec<Environment>,
) {
    let required = ["Environment|Name", "Endpoint"];
    let optional = ["Status", "Notes"];
    let Some(columns) = context.columns(table, "Environments", &required, &optional) else {
        return;
    };
    for row in &table.rows {
        let name = columns.cell(row, "Environment");
        if name.is_empty() {
            context.report_at(name.span(), |source, span| {
                value_missing::new(source, span, "the name of the environment")
            });
            continue;
        }
        if !context.is_new(seen, &name, "environment") {
            continue;
        }
        let what = format!("the endpoint of `{}`", name.as_str());
        let address = columns.cell(row, "Endpoint");
        if address.is_empty() {
            context.report_at(address.span(), |source, span| {
                not_filled_in::new(source, span, &what, Need::Used)
            });
        }
        let (endpoint, connection) = context.address(&address, &what);
        if let Some(Spanned { value, span }) = &endpoint
            && value.scheme == Scheme::Http
            && !url::is_private_host(&value.host)
        {
            context.report_at(*span, |source, span| {
                plain_http::new(source, span, &value.host)
            });
        }
        let status = columns.cell(row, "Status");
        let notes = columns.cell(row, "Notes");
        environments.push(Environment {
            name: spanned(&name),
            endpoint,
            connection,
            status: context.text(&status, "the status", Need::Read),
            notes: context.text(&notes, "the note", Need::Read),
        });
    }
}

/// `environment:` has to name a row.
fn check_default(
    context: &mut Context<'_>,
    frontmatter: &Frontmatter,
    environments: &[Environment],
) {
    let Some(Spanned {
        value: DefaultEnvironment::Named(name),
        span,
    }) = &frontmatter.environment
    else {
        return;
    };
    let known: Vec<_> = environments
        .iter()
        .map(|environment| environment.name.value.as_str())
        .collect();
    let is_known = known
        .iter()
        .any(|known| known.to_lowercase() == name.to_lowercase());
    if !known.is_empty() && !is_known {
        context.report_at(*span, |source, span| {
            environment_unknown::new(source, span, name, &known)
        });
    }
}
