//! The integration documents that come with the program.

/// Name below `catalog/` and text of every document.
pub(crate) const DOCUMENTS: &[(&str, &str)] = &[
    (
        "communication/discord.md",
        include_str!("../../../catalog/communication/discord.md"),
    ),
    (
        "communication/sendgrid.md",
        include_str!("../../../catalog/communication/sendgrid.md"),
    ),
    (
        "communication/slack.md",
        include_str!("../../../catalog/communication/slack.md"),
    ),
    (
        "communication/twilio.md",
        include_str!("../../../catalog/communication/twilio.md"),
    ),
    (
        "core-services/dify-api.md",
        include_str!("../../../catalog/core-services/dify-api.md"),
    ),
    (
        "core-services/openai-api.md",
        include_str!("../../../catalog/core-services/openai-api.md"),
    ),
    (
        "core-services/postgres.md",
        include_str!("../../../catalog/core-services/postgres.md"),
    ),
    (
        "core-services/supabase-project.md",
        include_str!("../../../catalog/core-services/supabase-project.md"),
    ),
    (
        "core-services/supabase.md",
        include_str!("../../../catalog/core-services/supabase.md"),
    ),
    (
        "development-tools/docker.md",
        include_str!("../../../catalog/development-tools/docker.md"),
    ),
    (
        "development-tools/github.md",
        include_str!("../../../catalog/development-tools/github.md"),
    ),
    (
        "development-tools/kubernetes.md",
        include_str!("../../../catalog/development-tools/kubernetes.md"),
    ),
    (
        "development-tools/vercel.md",
        include_str!("../../../catalog/development-tools/vercel.md"),
    ),
    (
        "monitoring-analytics/datadog.md",
        include_str!("../../../catalog/monitoring-analytics/datadog.md"),
    ),
    (
        "monitoring-analytics/google-analytics.md",
        include_str!("../../../catalog/monitoring-analytics/google-analytics.md"),
    ),
    (
        "monitoring-analytics/mixpanel.md",
        include_str!("../../../catalog/monitoring-analytics/mixpanel.md"),
    ),
    (
        "monitoring-analytics/sentry.md",
        include_str!("../../../catalog/monitoring-analytics/sentry.md"),
    ),
    (
        "payment-commerce/paypal.md",
        include_str!("../../../catalog/payment-commerce/paypal.md"),
    ),
    (
        "payment-commerce/shopify.md",
        include_str!("../../../catalog/payment-commerce/shopify.md"),
    ),
    (
        "payment-commerce/stripe.md",
        include_str!("../../../catalog/payment-commerce/stripe.md"),
    ),
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
}

/// Every document, by category and id.
pub(crate) fn entries() -> Vec<Entry> {
    let mut entries = Vec::new();
    for (folder, category) in CATEGORIES {
        let of_folder = DOCUMENTS.iter().filter_map(|(path, text)| {
            let (found, file) = path.split_once('/')?;
            let id = file.strip_suffix(".md")?;
            (found == folder).then_some(Entry { id, category, text })
        });
        entries.extend(of_folder);
    }
    entries
}

/// The document with an id.
pub(crate) fn find(id: &str) -> Option<Entry> {
    entries().into_iter().find(|entry| entry.id == id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::{DOCUMENTS, entries};

    #[test]
    fn every_document_has_a_category() {
        let ids: BTreeSet<_> = entries().iter().map(|entry| entry.id).collect();
        assert_eq!(ids.len(), DOCUMENTS.len());
    }

    #[test]
    fn every_document_of_the_folder_is_embedded() {
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
            .map(|(name, _)| (*name).to_owned())
            .collect();
        assert_eq!(embedded, on_disk);
    }
}
