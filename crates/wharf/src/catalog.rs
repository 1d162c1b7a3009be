//! The integration documents that come with the program.

/// Name below `catalog/` and text of files.
macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../catalog/", $name)))),*]
    };
}

/// Every document.
pub(crate) const DOCUMENTS: &[(&str, &str)] = files![
    "communication/discord.md",
    "communication/sendgrid.md",
    "communication/slack.md",
    "communication/twilio.md",
    "core-services/dify-api.md",
    "core-services/openai-api.md",
    "core-services/postgres.md",
    "core-services/supabase-project.md",
    "core-services/supabase.md",
    "development-tools/docker.md",
    "development-tools/github.md",
    "development-tools/kubernetes.md",
    "development-tools/vercel.md",
    "monitoring-analytics/datadog.md",
    "monitoring-analytics/google-analytics.md",
    "monitoring-analytics/mixpanel.md",
    "monitoring-analytics/sentry.md",
    "payment-commerce/paypal.md",
    "payment-commerce/shopify.md",
    "payment-commerce/stripe.md",
];

/// The examples beside them.
const EXAMPLES: &[(&str, &str)] = files![
    "communication/examples/discord.md",
    "communication/examples/sendgrid.md",
    "communication/examples/slack.md",
    "communication/examples/twilio.md",
    "core-services/examples/dify-api.md",
    "core-services/examples/openai-api.md",
    "core-services/examples/supabase-project.md",
    "core-services/examples/supabase.md",
    "development-tools/examples/docker.md",
    "development-tools/examples/github.md",
    "development-tools/examples/kubernetes.md",
    "development-tools/examples/vercel.md",
    "monitoring-analytics/examples/datadog.md",
    "monitoring-analytics/examples/google-analytics.md",
    "monitoring-analytics/examples/mixpanel.md",
    "monitoring-analytics/examples/sentry.md",
    "payment-commerce/examples/paypal.md",
    "payment-commerce/examples/shopify.md",
    "payment-commerce/examples/stripe.md",
];

/// The folders of the catalog and what each holds.
const CATEGORIES: [(&str, &str); 5] = [
    ("core-services", "Core Services"),
    ("development-tools", "Development Tools"),
    ("monitoring-analytics", "Monitoring & Analytics"),
    ("communication", "Communication"),
    ("payment-commerce", "Payment & Commerce"),
];

/// One document of the catalog.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    /// The stem of its file.
    pub(crate) id: &'static str,
    /// The category that it stands in.
    pub(crate) category: &'static str,
    /// The document.
    pub(crate) text: &'static str,
    /// The examples that it links.
    pub(crate) examples: Option<&'static str>,
}

/// Every document, by category and id.
pub(crate) fn entries() -> Vec<Entry> {
    let mut entries = Vec::new();
    for (folder, category) in CATEGORIES {
        let of_folder = DOCUMENTS.iter().filter_map(|(path, text)| {
            let (found, file) = path.split_once('/')?;
            let id = file.strip_suffix(".md")?;
            (found == folder).then(|| Entry {
                id,
                category,
                text,
                examples: examples_of(path, &format!("examples/{file}")),
            })
        });
        entries.extend(of_folder);
    }
    entries
}

/// The text that a document of the catalog links as examples.
pub(crate) fn examples_of(document: &str, target: &str) -> Option<&'static str> {
    let (folder, _) = document.rsplit_once('/')?;
    let wanted = format!("{folder}/{target}");
    let mut examples = EXAMPLES.iter();
    examples.find_map(|(name, text)| (*name == wanted).then_some(*text))
}

/// The document with an id.
pub(crate) fn find(id: &str) -> Option<Entry> {
    entries().into_iter().find(|entry| entry.id == id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::{DOCUMENTS, EXAMPLES, entries};

    #[test]
    fn every_document_has_a_category() {
        let ids: BTreeSet<_> = entries().iter().map(|entry| entry.id).collect();
        assert_eq!(ids.len(), DOCUMENTS.len());
    }

    #[test]
    fn every_file_of_the_folder_is_embedded() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog");
        let on_disk: BTreeSet<String> = walkdir::WalkDir::new(&folder)
            .min_depth(2)
            .into_iter()
            .map(Result::unwrap)
            .filter(|entry| {
                entry
                    .path()
                    .extension()
                    .is_some_and(|extension| extension == "md")
            })
            .map(|entry| {
                entry
                    .path()
                    .strip_prefix(&folder)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned()
            })
            .collect();
        let embedded: BTreeSet<String> = DOCUMENTS
            .iter()
            .chain(EXAMPLES)
            .map(|(name, _)| (*name).to_owned())
            .collect();
        assert_eq!(embedded, on_disk);
    }
}
