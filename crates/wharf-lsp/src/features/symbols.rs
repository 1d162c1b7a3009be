//! The outline of a document, and what can be folded.

use gen_lsp_types::{
    BaseSymbolInformation, DocumentSymbol, DocumentSymbolResponse, FoldingRange, Location,
    SymbolInformation, SymbolKind,
};
use wharf_diag::Span;

use crate::view::View;

/// Sections, their parts, and what the documents define in them.
pub(crate) fn outline(view: &View<'_>) -> Option<DocumentSymbolResponse> {
    view.integration()?;
    let layout = view.layout();
    let text = view.text();
    let mut sections: Vec<DocumentSymbol> = Vec::new();
    for (index, heading) in layout.headings.iter().enumerate() {
        let reach = layout.reach(index, text);
        let name = &text[heading.name.range()];
        let kind = if heading.level == 2 {
            SymbolKind::Module
        } else {
            SymbolKind::Namespace
        };
        let symbol = symbol(view, name, kind, reach, heading.name);
        match sections.last_mut() {
            Some(section) if heading.level > 2 => children(section).push(symbol),
            _ => sections.push(symbol),
        }
    }
    for (name, kind, span) in defined(view) {
        let child = symbol(view, &name, kind, span, span);
        let holds = |symbol: &&mut DocumentSymbol| {
            symbol.range.start <= child.range.start && child.range.end <= symbol.range.end
        };
        let Some(section) = sections.iter_mut().find(holds) else {
            continue;
        };
        let parts = section.children.as_mut();
        match parts.and_then(|parts| parts.iter_mut().find(holds)) {
            Some(part) => children(part).push(child),
            None => children(section).push(child),
        }
    }
    if view.client.nests_symbols {
        return Some(DocumentSymbolResponse::DocumentSymbolList(sections));
    }
    let mut flat = Vec::new();
    flatten(view, sections, None, &mut flat);
    Some(DocumentSymbolResponse::SymbolInformationList(flat))
}

fn children(symbol: &mut DocumentSymbol) -> &mut Vec<DocumentSymbol> {
    symbol.children.get_or_insert_default()
}

/// Names that a document defines, with their places.
fn defined(view: &View<'_>) -> Vec<(String, SymbolKind, Span)> {
    let Some(integration) = view.integration() else {
        return Vec::new();
    };
    let environments = integration.environments.iter();
    let credentials = integration.credentials.iter();
    let operations = integration.operations.iter();
    let incoming = integration.webhooks.incoming.iter();
    let mappings = integration.webhooks.mappings.iter();
    environments
        .map(|row| {
            (
                row.name.value.clone(),
                SymbolKind::EnumMember,
                row.name.span,
            )
        })
        .chain(credentials.map(|entry| {
            let name = &entry.environment;
            (name.value.clone(), SymbolKind::Key, name.span)
        }))
        .chain(operations.map(|row| (row.name.value.clone(), SymbolKind::Method, row.name.span)))
        .chain(incoming.map(|row| (row.event.value.clone(), SymbolKind::Event, row.event.span)))
        .chain(mappings.map(|block| {
            (
                block.name.value.clone(),
                SymbolKind::Function,
                block.name.span,
            )
        }))
        .collect()
}

fn symbol(
    view: &View<'_>,
    name: &str,
    kind: SymbolKind,
    reach: Span,
    selected: Span,
) -> DocumentSymbol {
    let name = view.document.masked(name.to_owned());
    // A symbol has to have a name.
    let name = if name.trim().is_empty() {
        "-".to_owned()
    } else {
        name
    };
    let range = view.range(reach.to(selected));
    DocumentSymbol::new(
        name,
        None,
        kind,
        None,
        None,
        range,
        view.range(selected),
        None,
    )
}

#[expect(
    deprecated,
    reason = "the protocol's type has a field that may not be left out"
)]
fn flatten(
    view: &View<'_>,
    symbols: Vec<DocumentSymbol>,
    container: Option<&str>,
    flat: &mut Vec<SymbolInformation>,
) {
    for symbol in symbols {
        flat.push(SymbolInformation {
            deprecated: None,
            location: Location {
                uri: view.document.uri.clone(),
                range: symbol.range,
            },
            base_symbol_information: BaseSymbolInformation {
                name: symbol.name.clone(),
                kind: symbol.kind,
                tags: None,
                container_name: container.map(str::to_owned),
            },
        });
        let children = symbol.children.unwrap_or_default();
        flatten(view, children, Some(&symbol.name), flat);
    }
}

/// Sections, parts, fenced blocks and the frontmatter of a document.
pub(crate) fn folds(view: &View<'_>) -> Vec<FoldingRange> {
    if view.integration().is_none() {
        return Vec::new();
    }
    let layout = view.layout();
    let text = view.text();
    let headings = (0..layout.headings.len()).map(|index| layout.reach(index, text));
    let fences = layout.fences.iter().map(|fence| fence.whole);
    let frontmatter = layout
        .frontmatter
        .map(|yaml| Span::new(0, yaml.end.saturating_sub(1)));
    headings
        .chain(fences)
        .chain(frontmatter)
        .filter_map(|span| {
            let range = view.range(span);
            (range.end.line > range.start.line).then(|| FoldingRange {
                start_line: range.start.line,
                end_line: range.end.line,
                ..FoldingRange::default()
            })
        })
        .collect()
}
