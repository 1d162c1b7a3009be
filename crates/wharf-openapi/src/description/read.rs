//! From the text of a file to a description.

use percent_encoding::percent_decode_str;
use serde::de::DeserializeSeed as _;
use serde_json::Value;

use super::form::{Finder, Item, Resource, Root, Servers};
use super::lenient::{Into, Take};
use super::{DescribedOperation, DescribedPath, Description, NotRead, paths};
use crate::text::{Text, yaml_options};

/// References that lead to references: so many steps are followed.
const MOST_STEPS: usize = 8;

/// Values in one YAML file: they are passed over, so there may be more than a [`Tree`](crate::Tree)
/// keeps.
const MOST_YAML_VALUES: usize = 4_000_000;

/// A file in one of the ways it is at hand.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    Text(Text<'a>),
    Value(&'a Value),
}

impl Source<'_> {
    fn take<T: Take>(self, target: &mut T) -> Result<(), NotRead> {
        match self {
            Self::Text(Text::Json(text)) => {
                let mut json = serde_json::Deserializer::from_str(text);
                Into(target)
                    .deserialize(&mut json)
                    .and_then(|()| json.end())
                    .map_err(|error| NotRead::Json(error.to_string()))
            }
            Self::Text(Text::Yaml(text)) => {
                let options = yaml_options(MOST_YAML_VALUES);
                serde_saphyr::with_deserializer_from_str_with_options(text, options, |yaml| {
                    Into(target).deserialize(yaml)
                })
                .map_err(|error| {
                    NotRead::Yaml(error.location().map_or_else(String::new, |place| {
                        format!(" at line {} column {}", place.line(), place.column())
                    }))
                })
            }
            Self::Value(value) => Into(target)
                .deserialize(value)
                .map_err(|error| NotRead::Json(error.to_string())),
        }
    }
}

pub(super) fn description(source: Source<'_>) -> Result<Description, NotRead> {
    let mut root = Root::default();
    source.take(&mut root)?;
    let description = if root.openapi.as_str().starts_with('3') {
        let bases = bases(&root.servers);
        of_items(source, root.paths.0, bases)?
    } else if root.swagger.as_str().starts_with('2') {
        let bases = paths::base(root.base_path.as_str()).into_iter().collect();
        of_items(source, root.paths.0, bases)?
    } else if root.kind.as_str() == "discovery#restDescription" {
        let prefix = format!("/{}", root.service_path.as_str().trim_matches('/'));
        let mut discovered = Description {
            bases: paths::base(&prefix).into_iter().collect(),
            paths: Vec::new(),
        };
        discover(&root.resource, &mut discovered.paths);
        discovered
    } else {
        return Err(NotRead::UnknownForm);
    };
    if description.paths.is_empty() {
        return Err(NotRead::NoPath);
    }
    Ok(description)
}

/// Path prefixes of servers; distinct.
fn bases(servers: &Servers) -> Vec<String> {
    let mut bases = Vec::new();
    for base in servers.0.iter().filter_map(paths::of_server) {
        if !bases.contains(&base) {
            bases.push(base);
        }
    }
    bases
}

fn of_items(
    source: Source<'_>,
    items: Vec<(String, Item)>,
    bases: Vec<String>,
) -> Result<Description, NotRead> {
    let mut items: Vec<_> = items
        .into_iter()
        .filter(|(template, _)| template.starts_with('/'))
        .collect();
    follow(source, &mut items)?;
    let paths = items.into_iter().map(|(template, item)| DescribedPath {
        forms: vec![paths::segments(&template)],
        bases: self::bases(&item.servers),
        elsewhere: item.reference.0,
        operations: distinct(item.operations),
        template,
    });
    Ok(Description {
        paths: paths.collect(),
        bases,
    })
}

/// A method that a file gives twice counts once; the last one stands.
fn distinct(operations: Vec<DescribedOperation>) -> Vec<DescribedOperation> {
    let mut distinct: Vec<DescribedOperation> = Vec::new();
    for operation in operations {
        match distinct
            .iter_mut()
            .find(|known| known.method == operation.method)
        {
            Some(known) => *known = operation,
            None => distinct.push(operation),
        }
    }
    distinct
}

/// Puts what references within the file lead to into their items.
///
/// What keeps its reference leads into another file, to nothing, or in a circle.
fn follow(source: Source<'_>, items: &mut [(String, Item)]) -> Result<(), NotRead> {
    for _ in 0..MOST_STEPS {
        let wanted: Vec<(usize, Vec<String>)> = items
            .iter()
            .enumerate()
            .filter_map(|(index, (_, item))| Some((index, keys(item.reference.0.as_deref()?)?)))
            .collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let mut found: Vec<Option<Item>> = vec![None; wanted.len()];
        source.take(&mut Finder {
            wanted: wanted
                .iter()
                .enumerate()
                .map(|(place, (_, keys))| (keys.as_slice(), place))
                .collect(),
            found: &mut found,
        })?;
        let mut is_changed = false;
        for ((index, _), found) in wanted.into_iter().zip(found) {
            if let (Some((_, item)), Some(mut found)) = (items.get_mut(index), found) {
                is_changed = true;
                // What stands beside the reference wins.
                found.operations.append(&mut item.operations);
                item.operations = found.operations;
                item.servers.0.append(&mut found.servers.0);
                item.reference = found.reference;
            }
        }
        if !is_changed {
            return Ok(());
        }
    }
    Ok(())
}

/// The keys of a reference within the file, `#/components/pathItems/User`.
fn keys(reference: &str) -> Option<Vec<String>> {
    let path = reference.strip_prefix("#/")?;
    let key = |key: &str| {
        let key = percent_decode_str(key).decode_utf8_lossy();
        key.replace("~1", "/").replace("~0", "~")
    };
    Some(path.split('/').map(key).collect())
}

fn discover(resource: &Resource, found: &mut Vec<DescribedPath>) {
    for (_, method) in &resource.methods.0 {
        let Some(name) = method.method() else {
            continue;
        };
        let flat = method.flat_path.0.as_deref();
        let path = flat.unwrap_or_else(|| method.path.as_str());
        let operation = DescribedOperation {
            method: name,
            id: method.id.0.clone(),
            summary: None,
            deprecated: method.deprecated.0,
        };
        // `{+property}` stands for `properties/{id}`: both ways to write the path are used.
        let forms = [path, method.path.as_str()].map(paths::segments);
        let template = format!("/{}", path.trim_start_matches('/'));
        if let Some(known) = found.iter_mut().find(|known| known.template == template) {
            known.operations.push(operation);
            for form in forms {
                if !known.forms.contains(&form) {
                    known.forms.push(form);
                }
            }
        } else {
            found.push(DescribedPath {
                template,
                operations: vec![operation],
                elsewhere: None,
                bases: Vec::new(),
                forms: forms.into(),
            });
        }
    }
    for (_, inner) in &resource.resources.0 {
        discover(inner, found);
    }
}
