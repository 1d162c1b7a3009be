//! The parts of a file that are kept, as the file writes them.

use serde::de::{MapAccess, SeqAccess};

use super::DescribedOperation;
use super::lenient::{Flag, Into, Named, Take, Text, key, skip};
use crate::Method;

/// The top of a file of any form.
#[derive(Default)]
pub(super) struct Root {
    pub(super) openapi: Text,
    pub(super) swagger: Text,
    /// Of a Google discovery document: `discovery#restDescription`.
    pub(super) kind: Text,
    pub(super) base_path: Text,
    pub(super) service_path: Text,
    pub(super) servers: Servers,
    pub(super) paths: Named<Item>,
    /// Resources and methods of a Google discovery document.
    pub(super) resource: Resource,
}

impl Take for Root {
    fn object<'de, A: MapAccess<'de>>(&mut self, mut entries: A) -> Result<(), A::Error> {
        while let Some(name) = key(&mut entries)? {
            match name.as_str() {
                "openapi" => entries.next_value_seed(Into(&mut self.openapi))?,
                "swagger" => entries.next_value_seed(Into(&mut self.swagger))?,
                "kind" => entries.next_value_seed(Into(&mut self.kind))?,
                "basePath" => entries.next_value_seed(Into(&mut self.base_path))?,
                "servicePath" => entries.next_value_seed(Into(&mut self.service_path))?,
                "servers" => entries.next_value_seed(Into(&mut self.servers))?,
                "paths" => entries.next_value_seed(Into(&mut self.paths))?,
                _ => self.resource.entry(&name, &mut entries)?,
            }
        }
        Ok(())
    }
}

/// A path item.
#[derive(Clone, Default)]
pub(super) struct Item {
    pub(super) operations: Vec<DescribedOperation>,
    /// Of the path, and of its operations.
    pub(super) servers: Servers,
    pub(super) reference: Text,
}

impl Take for Item {
    fn object<'de, A: MapAccess<'de>>(&mut self, mut entries: A) -> Result<(), A::Error> {
        while let Some(name) = key(&mut entries)? {
            match name.as_str() {
                "$ref" => entries.next_value_seed(Into(&mut self.reference))?,
                "servers" => entries.next_value_seed(Into(&mut self.servers))?,
                name => {
                    let Some(method) = Method::of_key(name) else {
                        skip(&mut entries)?;
                        continue;
                    };
                    let mut operation = Operation::default();
                    entries.next_value_seed(Into(&mut operation))?;
                    self.operations.push(DescribedOperation {
                        method,
                        id: operation.id.0,
                        summary: operation.summary.0,
                        deprecated: operation.deprecated.0,
                    });
                    self.servers.0.append(&mut operation.servers.0);
                }
            }
        }
        Ok(())
    }
}

#[derive(Default)]
struct Operation {
    id: Text,
    summary: Text,
    deprecated: Flag,
    servers: Servers,
}

impl Take for Operation {
    fn object<'de, A: MapAccess<'de>>(&mut self, mut entries: A) -> Result<(), A::Error> {
        while let Some(name) = key(&mut entries)? {
            match name.as_str() {
                "operationId" => entries.next_value_seed(Into(&mut self.id))?,
                "summary" => entries.next_value_seed(Into(&mut self.summary))?,
                "deprecated" => entries.next_value_seed(Into(&mut self.deprecated))?,
                "servers" => entries.next_value_seed(Into(&mut self.servers))?,
                _ => skip(&mut entries)?,
            }
        }
        Ok(())
    }
}

/// A list of servers.
#[derive(Clone, Default)]
pub(super) struct Servers(pub(super) Vec<Server>);

impl Take for Servers {
    fn list<'de, A: SeqAccess<'de>>(&mut self, mut items: A) -> Result<(), A::Error> {
        loop {
            let mut server = Server::default();
            if items.next_element_seed(Into(&mut server))?.is_none() {
                return Ok(());
            }
            self.0.push(server);
        }
    }
}

/// A server, with the values its variables have where nobody chooses others.
#[derive(Clone, Default)]
pub(super) struct Server {
    pub(super) url: Text,
    pub(super) variables: Named<Variable>,
}

impl Take for Server {
    fn object<'de, A: MapAccess<'de>>(&mut self, mut entries: A) -> Result<(), A::Error> {
        while let Some(name) = key(&mut entries)? {
            match name.as_str() {
                "url" => entries.next_value_seed(Into(&mut self.url))?,
                "variables" => entries.next_value_seed(Into(&mut self.variables))?,
                _ => skip(&mut entries)?,
            }
        }
        Ok(())
    }
}

#[derive(Clone, Default)]
pub(super) struct Variable {
    pub(super) default: Text,
}

impl Take for Variable {
    fn object<'de, A: MapAccess<'de>>(&mut self, mut entries: A) -> Result<(), A::Error> {
        while let Some(name) = key(&mut entries)? {
            if name == "default" {
                entries.next_value_seed(Into(&mut self.default))?;
            } else {
                skip(&mut entries)?;
            }
        }
        Ok(())
    }
}

/// A resource of a Google discovery document; it may hold others.
#[derive(Default)]
pub(super) struct Resource {
    pub(super) methods: Named<DiscoveryMethod>,
    pub(super) resources: Named<Resource>,
}

impl Resource {
    fn entry<'de, A: MapAccess<'de>>(
        &mut self,
        name: &str,
        entries: &mut A,
    ) -> Result<(), A::Error> {
        match name {
            "methods" => entries.next_value_seed(Into(&mut self.methods)),
            "resources" => entries.next_value_seed(Into(&mut self.resources)),
            _ => skip(entries),
        }
    }
}

impl Take for Resource {
    fn object<'de, A: MapAccess<'de>>(&mut self, mut entries: A) -> Result<(), A::Error> {
        while let Some(name) = key(&mut entries)? {
            self.entry(&name, &mut entries)?;
        }
        Ok(())
    }
}

/// A method of a Google discovery document.
#[derive(Default)]
pub(super) struct DiscoveryMethod {
    pub(super) id: Text,
    pub(super) http_method: Text,
    pub(super) path: Text,
    pub(super) flat_path: Text,
    pub(super) deprecated: Flag,
}

impl DiscoveryMethod {
    pub(super) fn method(&self) -> Option<Method> {
        Method::of_key(&self.http_method.as_str().to_ascii_lowercase())
    }
}

impl Take for DiscoveryMethod {
    fn object<'de, A: MapAccess<'de>>(&mut self, mut entries: A) -> Result<(), A::Error> {
        while let Some(name) = key(&mut entries)? {
            match name.as_str() {
                "id" => entries.next_value_seed(Into(&mut self.id))?,
                "httpMethod" => entries.next_value_seed(Into(&mut self.http_method))?,
                "path" => entries.next_value_seed(Into(&mut self.path))?,
                "flatPath" => entries.next_value_seed(Into(&mut self.flat_path))?,
                "deprecated" => entries.next_value_seed(Into(&mut self.deprecated))?,
                _ => skip(&mut entries)?,
            }
        }
        Ok(())
    }
}

/// Finds the path items that references of one file lead to.
pub(super) struct Finder<'a> {
    /// The keys that are still to go, and the place in `found`.
    pub(super) wanted: Vec<(&'a [String], usize)>,
    pub(super) found: &'a mut [Option<Item>],
}

impl Take for Finder<'_> {
    fn object<'de, A: MapAccess<'de>>(&mut self, mut entries: A) -> Result<(), A::Error> {
        while let Some(name) = key(&mut entries)? {
            let mut ends = Vec::new();
            let mut deeper = Vec::new();
            for (keys, place) in &self.wanted {
                match keys {
                    [last] if *last == name => ends.push(*place),
                    [first, rest @ ..] if *first == name => deeper.push((rest, *place)),
                    _ => {}
                }
            }
            if !ends.is_empty() {
                let mut item = Item::default();
                entries.next_value_seed(Into(&mut item))?;
                for place in ends {
                    if let Some(found) = self.found.get_mut(place) {
                        *found = Some(item.clone());
                    }
                }
            } else if deeper.is_empty() {
                skip(&mut entries)?;
            } else {
                entries.next_value_seed(Into(&mut Finder {
                    wanted: deeper,
                    found: self.found,
                }))?;
            }
        }
        Ok(())
    }
}
