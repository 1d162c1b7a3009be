//! Documents for the unit tests of this crate.

use std::sync::Arc;

use wharf_diag::SourceText;
use wharf_document::{Integration, IntegrationId};

/// A document with these lines as its Environments and API Endpoints tables.
pub(crate) fn integration(environments: &str, endpoints: &str) -> Integration {
    let text = format!(
        "---\n\
         title: \"[Integration] Example\"\n\
         type: tool\n\
         subtype: integration\n\
         ---\n\
         ## Service Details\n\n\
         ### Environments\n\n\
         | Environment | Endpoint | Status | Notes |\n\
         |---|---|---|---|\n\
         {environments}\n\n\
         ## API Endpoints\n\n\
         | Operation | Method | Endpoint | Rate Limit |\n\
         |---|---|---|---|\n\
         {endpoints}\n"
    );
    let id = IntegrationId::new("example").unwrap();
    let loaded = wharf_document::load(&id, &Arc::new(SourceText::new("example.md", text)));
    loaded.integration.unwrap()
}
