//! What documents side by side are told of each other.

use std::sync::Arc;

use wharf_diag::SourceText;

use super::{Index, Surroundings};
use crate::model::{Integration, IntegrationId};

const HEAD: &str = "---\ntitle: \"[Integration] A\"\ntype: tool\nsubtype: integration\n---\n";

fn document(id: &str, rest: &str) -> Integration {
    let text = format!("{HEAD}{rest}");
    let source = Arc::new(SourceText::new(format!("{id}.md"), text));
    let loaded = crate::load(&IntegrationId::new(id).unwrap(), &source);
    loaded.integration.unwrap()
}

#[test]
fn of_ids_that_are_equally_near_the_first_is_meant() {
    let fallback = "\n## Disaster Recovery\n\n### Backup Service\n- Fallback: mail-x\n";
    let asking = document("asking", fallback);
    let near: Vec<_> = ('a'..='p')
        .rev()
        .map(|last| document(&format!("mail-{last}"), ""))
        .collect();
    // Every index has its own order of hashes.
    for _ in 0..8 {
        let index = Index::new(near.iter().chain([&asking]));
        let found = index.check(&asking, &Surroundings::default());
        let unknown = found.iter().find(|found| found.code.id == "WH701").unwrap();
        assert_eq!(unknown.help.as_deref(), Some("did you mean `mail-a`?"));
    }
}
