//! Methods and paths of a vendor's description, read without the rest of it.
//!
//! Some descriptions have ten megabytes and more, so JSON is skimmed and YAML is read by its
//! indentation.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde::de::IgnoredAny;

const METHODS: [&str; 7] = ["get", "head", "post", "put", "patch", "delete", "options"];

/// Methods and shapes of paths of one or more descriptions.
#[derive(Default)]
pub(crate) struct Described {
    operations: BTreeSet<(String, String)>,
}

impl Described {
    /// Reads a file. `base` is the part of its server's address behind the host.
    pub(crate) fn read(file: &Path, base: &str) -> Self {
        let text = fs::read_to_string(file).unwrap_or_else(|error| {
            panic!("{}: {error}", file.display());
        });
        let is_json = file
            .extension()
            .is_some_and(|extension| extension == "json");
        let operations = if is_json {
            of_json(&text)
        } else {
            of_yaml(&text)
        };
        assert!(!operations.is_empty(), "{}: no paths", file.display());
        let operations = operations
            .into_iter()
            .map(|(method, path)| (method, shape(&format!("{base}{path}"))))
            .collect();
        Self { operations }
    }

    /// Both together.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.operations.extend(other.operations);
        self
    }

    /// Whether there is an operation. `path` is a [`shape`].
    pub(crate) fn has(&self, method: &str, path: &str) -> bool {
        let operation = (method.to_ascii_lowercase(), path.to_owned());
        self.operations.contains(&operation)
    }
}

/// A path with every parameter as `{}`, and without the fragment that tells apart what one
/// address does.
pub(crate) fn shape(path: &str) -> String {
    let path = path.split('#').next().unwrap_or_default();
    let mut shape = String::new();
    let mut inside = false;
    for (index, segment) in path.split('/').enumerate() {
        if index > 0 {
            shape.push('/');
        }
        if segment.starts_with(':') {
            shape.push_str("{}");
            continue;
        }
        for sign in segment.chars() {
            match sign {
                '{' => inside = true,
                '}' => {
                    inside = false;
                    shape.push_str("{}");
                }
                _ if inside => {}
                _ => shape.push(sign),
            }
        }
    }
    shape
}

/// What is read of `OpenAPI`, Swagger and of Google's own form.
#[derive(Deserialize)]
struct Description {
    #[serde(default)]
    paths: BTreeMap<String, Item>,
    #[serde(default)]
    resources: BTreeMap<String, Resource>,
}

/// The operations of one path.
#[derive(Deserialize)]
struct Item {
    get: Option<IgnoredAny>,
    head: Option<IgnoredAny>,
    post: Option<IgnoredAny>,
    put: Option<IgnoredAny>,
    patch: Option<IgnoredAny>,
    delete: Option<IgnoredAny>,
    options: Option<IgnoredAny>,
}

impl Item {
    /// The names of the methods that it has.
    fn methods(&self) -> impl Iterator<Item = &'static str> {
        let has = [
            self.get,
            self.head,
            self.post,
            self.put,
            self.patch,
            self.delete,
            self.options,
        ];
        let pairs = METHODS.into_iter().zip(has);
        pairs.filter_map(|(method, has)| has.map(|_| method))
    }
}

/// A group of operations in Google's form.
#[derive(Deserialize)]
struct Resource {
    #[serde(default)]
    methods: BTreeMap<String, ResourceMethod>,
    #[serde(default)]
    resources: BTreeMap<String, Resource>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResourceMethod {
    http_method: String,
    path: String,
    flat_path: Option<String>,
}

fn of_json(text: &str) -> Vec<(String, String)> {
    let description: Description = serde_json::from_str(text).unwrap();
    let mut found = Vec::new();
    for (path, item) in &description.paths {
        found.extend(
            item.methods()
                .map(|method| (method.to_owned(), path.clone())),
        );
    }
    let mut open: Vec<&Resource> = description.resources.values().collect();
    while let Some(resource) = open.pop() {
        open.extend(resource.resources.values());
        found.extend(resource.methods.values().map(|method| {
            let path = method.flat_path.as_ref().unwrap_or(&method.path);
            (method.http_method.to_ascii_lowercase(), format!("/{path}"))
        }));
    }
    found
}

/// Keys of `paths` have the least indentation below it, methods the next.
fn of_yaml(text: &str) -> Vec<(String, String)> {
    let lines = text.lines().skip_while(|line| line.trim_end() != "paths:");
    let mut found = Vec::new();
    let (mut of_paths, mut of_methods) = (None, None);
    let mut path = "";
    for line in lines.skip(1) {
        let content = line.trim_start();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let indentation = line.len() - content.len();
        if indentation == 0 {
            break;
        }
        let key = content.trim_end().strip_suffix(':').map(unquoted);
        if indentation == *of_paths.get_or_insert(indentation) {
            path = key.unwrap_or_default();
            of_methods = None;
        } else if indentation == *of_methods.get_or_insert(indentation)
            && let Some(method) = key.filter(|key| METHODS.contains(key))
        {
            found.push((method.to_owned(), path.to_owned()));
        }
    }
    found
}

fn unquoted(key: &str) -> &str {
    key.trim_matches(['"', '\''])
}

#[test]
fn a_shape_keeps_everything_but_names() {
    assert_eq!(shape("/v1/a/{id}/b/:name"), "/v1/a/{}/b/{}");
    assert_eq!(shape("/a/{sid}.json"), "/a/{}.json");
    assert_eq!(shape("/p/{property}:run"), "/p/{}:run");
    assert_eq!(shape("/engage#profile-set"), "/engage");
}

#[test]
fn yaml_is_read_by_its_indentation() {
    let text = "info:\n  paths:\n    x: y\npaths:\n  /a:\n    # note\n    parameters:\n      - get: 1\n    \
                get:\n      post:\n        x: 1\n  \"/b/{id}\":\n    post:\n      x: |\n        put:\n\
                components:\n  /c:\n    get:\n";
    let found = of_yaml(text);
    let wanted = [("get", "/a"), ("post", "/b/{id}")];
    assert_eq!(
        found,
        wanted.map(|(method, path)| (method.to_owned(), path.to_owned()))
    );
}

#[test]
fn google_nests_its_operations() {
    let text = r#"{"resources": {"p": {"resources": {"q": {"methods": {"run": {
        "httpMethod": "POST", "path": "v1/{+p}:run", "flatPath": "v1/p/{pId}:run"}}}}}}}"#;
    assert_eq!(
        of_json(text),
        [("post".to_owned(), "/v1/p/{pId}:run".to_owned())]
    );
}
