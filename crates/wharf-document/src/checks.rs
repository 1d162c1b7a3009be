//! Everything the program finds in documents, one file per kind of finding.

pub(crate) mod assignment_not_read;
pub(crate) mod authentication_missing;
pub(crate) mod boolean_not_read;
pub(crate) mod column_missing;
pub(crate) mod credential_missing;
pub(crate) mod credential_unused;
pub(crate) mod date_not_read;
pub(crate) mod duration_not_read;
pub(crate) mod environment_unknown;
pub(crate) mod example_without_operation;
pub(crate) mod field_not_filled;
pub(crate) mod frontmatter_not_closed;
pub(crate) mod given_twice;
pub(crate) mod header_not_read;
pub(crate) mod id_not_valid;
pub(crate) mod id_twice;
pub(crate) mod json_not_read;
pub(crate) mod location_unknown;
pub(crate) mod misspelt;
pub(crate) mod modified_before_created;
pub(crate) mod no_environment;
pub(crate) mod not_a_reference;
pub(crate) mod not_filled_in;
pub(crate) mod not_read_yet;
pub(crate) mod number_not_read;
pub(crate) mod operation_twice;
pub(crate) mod path_not_read;
pub(crate) mod plain_http;
pub(crate) mod rate_not_read;
pub(crate) mod retries_disagree;
pub(crate) mod size_not_read;
pub(crate) mod status_not_read;
pub(crate) mod template_not_read;
pub(crate) mod title_not_quoted;
pub(crate) mod unknown_name;
pub(crate) mod unknown_word;
pub(crate) mod url_not_read;
pub(crate) mod value_missing;
pub(crate) mod verb_unknown;
pub(crate) mod wrong_kind;
pub(crate) mod yaml_not_read;

mod whole;

pub(crate) use whole::whole_document;
