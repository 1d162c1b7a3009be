//! What the catalog's documents say to change for another set-up leaves nothing to find.

use std::path::Path;
use std::sync::Arc;

use wharf_diag::{Severity, SourceText};
use wharf_document::{IntegrationId, load};

/// One set-up that a document describes in words.
struct Recipe {
    document: &'static str,
    /// What its words say, so that they change together.
    words: &'static [&'static str],
    /// What is put in the place of what.
    changes: &'static [(&'static str, &'static str)],
}

const RECIPES: [Recipe; 5] = [
    Recipe {
        document: "development-tools/docker.md",
        words: &[
            "Take out the row Production and make Remote active",
            "`environment: remote` in the frontmatter",
            "in the place of `Type: None`",
            "an entry `remote`",
        ],
        changes: &[
            (
                "| Production  | unix:///var/run/docker.sock  | Active  |",
                "| - | - | - |",
            ),
            ("| Planned |", "| Active |"),
            ("\nenvironment: production\n", "\nenvironment: remote\n"),
            (
                "- Type: None\n",
                "- Certificate authority: {ca}\n- Client certificate: {cert}\n- Client key: {key}\n",
            ),
            (
                "### Credential Storage\n\nNone, because the socket has no key.\n",
                "### Credential Storage\n```yaml\nremote:\n  location: ENV_VARIABLES\n  variables:\n    - DOCKER_CA\n    - DOCKER_CERT\n    - DOCKER_KEY\n```\n",
            ),
        ],
    },
    Recipe {
        document: "payment-commerce/shopify.md",
        words: &[
            "write `Type: API Key`, leave out the grant and the two lines below it, name one variable for each environment, and write `Rotate key + Alert` at the row 401",
        ],
        changes: &[
            (
                "- Type: OAuth2\n- Grant: client_credentials\n- Token URL: /admin/oauth/access_token\n- Client authentication: body\n",
                "- Type: API Key\n",
            ),
            (
                "    - SHOPIFY_CLIENT_ID\n    - SHOPIFY_CLIENT_SECRET\n",
                "    - SHOPIFY_ACCESS_TOKEN\n",
            ),
            (
                "    - SHOPIFY_DEVELOPMENT_CLIENT_ID\n    - SHOPIFY_DEVELOPMENT_CLIENT_SECRET\n",
                "    - SHOPIFY_DEVELOPMENT_ACCESS_TOKEN\n",
            ),
            ("| Refresh token + Alert ", "| Rotate key + Alert "),
        ],
    },
    Recipe {
        document: "development-tools/kubernetes.md",
        words: &["`location: ENV_VARIABLES` and under `variables` the name KUBERNETES_TOKEN"],
        changes: &[(
            "  location: FILE\n  path: secrets/kubernetes-token\n",
            "  location: ENV_VARIABLES\n  variables:\n    - KUBERNETES_TOKEN\n",
        )],
    },
    Recipe {
        document: "core-services/dify-api.md",
        words: &["A self-hosted installation has a base URL of its own"],
        changes: &[("https://api.dify.ai/v1", "https://dify.internal/v1")],
    },
    Recipe {
        document: "communication/twilio.md",
        words: &["`https://api.dublin.ie1.twilio.com`"],
        changes: &[(
            "| https://api.twilio.com",
            "| https://api.dublin.ie1.twilio.com",
        )],
    },
];

#[test]
fn documents_check_clean_after_their_recipes() {
    for recipe in &RECIPES {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog");
        let mut text = std::fs::read_to_string(root.join(recipe.document)).unwrap();
        for words in recipe.words {
            assert!(text.contains(words), "{}: {words}", recipe.document);
        }
        for (from, to) in recipe.changes {
            assert!(text.contains(from), "{}: {from}", recipe.document);
            text = text.replace(from, to);
        }
        // A row that is taken out, whole.
        let lines = text
            .lines()
            .filter(|line| !line.starts_with("| - | - | - |"));
        let text = lines.collect::<Vec<_>>().join("\n") + "\n";
        let stem = Path::new(recipe.document).file_stem().unwrap();
        let id = IntegrationId::new(stem.to_str().unwrap()).unwrap();
        let source = Arc::new(SourceText::new(recipe.document, text));
        let loaded = load(&id, &source);
        let found: Vec<_> = loaded
            .diagnostics
            .iter()
            .filter(|found| found.severity > Severity::Info)
            .map(|found| format!("{}: {}", found.code.id, found.message))
            .collect();
        assert!(found.is_empty(), "{}: {found:#?}", recipe.document);
    }
}
