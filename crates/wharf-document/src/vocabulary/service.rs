//! Names of Service Details and Authentication.

use super::{Part, Section, Word, word};

/// Keys of the Overview list.
pub const OVERVIEW_KEYS: [Word; 4] = [
    word("Purpose", "What the service is used for."),
    word("Category", "What kind of service it is."),
    word("Vendor", "The company behind it."),
    word(
        "Contract",
        "An end date and terms, such as `2027-12-31, yearly`. The end date is a deadline.",
    ),
];

/// Columns of the Environments table.
pub const ENVIRONMENT_COLUMNS: [Word; 4] = [
    word("Environment", "The name, compared without regard to case."),
    word(
        "Endpoint",
        "The base URL of every call. `https` where no scheme stands there. Never a password.",
    ),
    word(
        "Status",
        "`Active` and `Live` are in use; everything else is not.",
    ),
    word("Notes", "Words for people."),
];

/// Words of the column Status.
pub const ENVIRONMENT_STATUSES: [Word; 2] = [
    word("Active", "The environment is in use."),
    word("Live", "The environment is in use."),
];

/// Keys of the Method list.
pub const METHOD_KEYS: [Word; 24] = [
    word(
        "Type",
        "How a call is authorised: `API Key`, `OAuth2`, `JWT`, `Basic` or `None`.",
    ),
    word(
        "Rotation",
        "How often the credential is renewed. The first duration is its longest age.",
    ),
    word("Permissions", "What the credential may do."),
    word(
        "Header",
        "Where the credential goes: `Authorization: Bearer {api_key}`. May repeat.",
    ),
    word(
        "Query",
        "Where the credential goes in the address: `key={api_key}`. May repeat.",
    ),
    word(
        "Username",
        "The user name of HTTP Basic, such as `{account}`.",
    ),
    word("Password", "The password of HTTP Basic, such as `{token}`."),
    word("Version header", "The header that carries `api_version`."),
    word(
        "Token URL",
        "Where a token is fetched, for `OAuth2` and `JWT`.",
    ),
    word("Scopes", "What a token is asked for."),
    word("Audience", "For whom a token is."),
    word(
        "Grant",
        "How a token is asked for, such as `client_credentials`.",
    ),
    word("Algorithm", "How a JWT is signed, such as `RS256`."),
    word(
        "Claims",
        "What a JWT says, such as `iss={client_email}, iat=-60s, exp=1h`.",
    ),
    word(
        "Client authentication",
        "How client id and secret go to the token endpoint: `basic` or `body`.",
    ),
    word(
        "Token request",
        "Method and path of the request for a token, where it is not the standard one.",
    ),
    word(
        "Token field",
        "Where the token stands in the answer. `/access_token` where nothing is said.",
    ),
    word(
        "Expiry field",
        "Where its end stands: seconds, or a date. `/expires_in` where nothing is said.",
    ),
    word(
        "Signing key",
        "The field of the credential that signs a JWT, such as `{private_key}`.",
    ),
    word(
        "Key id",
        "The `kid` of a JWT, such as `{private_key_id}`, where the vendor asks for one.",
    ),
    word(
        "Certificate authority",
        "The field of the credential with the certificate of who signs the vendor's.",
    ),
    word(
        "Client certificate",
        "The field of the credential with our certificate.",
    ),
    word("Client key", "The field of the credential with its key."),
    word(
        "Rotate with",
        "How a new secret is made: `create-key, /secret; revoke: delete-key`.",
    ),
];

/// Values of `Type`.
pub const AUTHENTICATION_TYPES: [Word; 5] = [
    word("API Key", "A fixed secret in a header or query parameter."),
    word("OAuth2", "A token that is fetched from a token endpoint."),
    word("JWT", "A token that we sign."),
    word("Basic", "User name and password."),
    word("None", "No credential at all."),
];

/// Values of `location`.
pub const LOCATIONS: [Word; 4] = [
    word("AWS_SECRETS_MANAGER", "AWS Secrets Manager, at `path`."),
    word("HASHICORP_VAULT", "HashiCorp Vault, at `path`."),
    word(
        "ENV_VARIABLES",
        "Environment variables, named by `variables`.",
    ),
    word("FILE", "A file, at `path`; relative to the workspace."),
];

/// Fields of an entry of Credential Storage.
pub const CREDENTIAL_FIELDS: [Word; 5] = [
    word("location", "Where the secret is kept."),
    word(
        "path",
        "Name or path of the secret there. Never the secret itself.",
    ),
    word("key", "The same as `path`."),
    word(
        "variables",
        "Names of environment variables, for `ENV_VARIABLES`.",
    ),
    word(
        "rotation",
        "The longest age of the credential, such as `90_days`.",
    ),
];

pub(super) const SERVICE_DETAILS: Section = Section {
    name: "Service Details",
    about: "What the service is, and where it is called.",
    parts: &[
        Part {
            name: "Overview",
            about: "Purpose, category, vendor and contract.",
            keys: &OVERVIEW_KEYS,
            ..Part::EMPTY
        },
        Part {
            name: "Environments",
            about: "One row for each environment. No credential and no endpoint of one is used in another.",
            columns: &[&ENVIRONMENT_COLUMNS],
            ..Part::EMPTY
        },
    ],
};

pub(super) const AUTHENTICATION: Section = Section {
    name: "Authentication",
    about: "How a call is authorised, and where the secret is.",
    parts: &[
        Part {
            name: "Method",
            about: "The kind of credential and where it goes in a request.",
            keys: &METHOD_KEYS,
            ..Part::EMPTY
        },
        Part {
            name: "Credential Storage",
            about: "Where the secret of each environment is. Never the secret itself.",
            block: Some(("yaml", &CREDENTIAL_FIELDS)),
            ..Part::EMPTY
        },
    ],
};
