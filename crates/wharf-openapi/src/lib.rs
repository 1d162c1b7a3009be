//! API descriptions that vendors publish: `OpenAPI` 3.0 and 3.1, Swagger 2.0 and Google discovery
//! documents, as JSON or YAML.
//!
//! There are two ways to read one. A [`Description`] holds paths and methods alone, and passes over
//! the rest of a file while it is read. A [`Tree`] gives access to every part, for what needs the
//! schemas. Both read a text by the same rules.
//!
//! This crate is pure: it takes a text, and knows no file and no document that uses an API.

mod description;
mod method;
mod response;
pub mod schema;
mod text;
mod tree;

pub use description::{
    DescribedOperation, DescribedPath, Description, Found, Locator, NotRead, Wanted,
};
pub use method::Method;
pub use response::{Content, Success};
pub use text::SyntaxError;
pub use tree::{Dialect, Tree, reference};
