//! What the seed asks of a document and of the catalog.

/// Parts whose keys are fixed words; in the others each document has its own.
const FIXED_KEYS: [&str; 10] = [
    "Overview",
    "Method",
    "Health Checks",
    "Key Metrics",
    "Pricing Model",
    "Version Roadmap",
    "Backup Service",
    "Internal",
    "Vendor",
    "This Depends On",
];

/// The headings of a document, and the keys of its lists.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Template {
    /// Section, part and key; a part or key that is empty stands for the one above.
    places: Vec<[String; 3]>,
}

impl Template {
    /// The template between the fences of the seed, with the checklist that stands behind it.
    pub(crate) fn of_the_seed(seed: &str) -> Self {
        let start = seed.find("```markdown\n").unwrap() + "```markdown\n".len();
        let end = seed.find("\n```\n\n## Integration Categories").unwrap() + 1;
        let mut template = Self::of(&seed[start..end]);
        assert_eq!(template.sections(), 14, "the template has changed");
        assert!(seed.contains("\n## Review Checklist\n"));
        let checklist = ["Review Checklist".to_owned(), String::new(), String::new()];
        template.places.push(checklist);
        template
    }

    fn of(text: &str) -> Self {
        let mut places = Vec::new();
        let (mut section, mut part) = (String::new(), String::new());
        let mut in_code = false;
        for line in text.lines() {
            if line.starts_with("```") {
                in_code = !in_code;
            } else if in_code {
            } else if let Some(name) = line.strip_prefix("## ") {
                name.trim().clone_into(&mut section);
                part.clear();
                places.push([section.clone(), String::new(), String::new()]);
            } else if let Some(name) = line.strip_prefix("### ") {
                name.trim().clone_into(&mut part);
                places.push([section.clone(), part.clone(), String::new()]);
            } else if let Some(item) = line.strip_prefix("- ")
                && FIXED_KEYS.contains(&part.as_str())
            {
                let key = item.split(':').next().unwrap_or_default();
                let key = key.trim_matches('*').trim().to_owned();
                places.push([section.clone(), part.clone(), key]);
            }
        }
        Self { places }
    }

    fn sections(&self) -> usize {
        let is_section = |place: &&[String; 3]| place[1].is_empty() && place[2].is_empty();
        self.places.iter().filter(is_section).count()
    }

    /// Places of the template that a document lacks. Where there is no credential, there is no
    /// storage of it.
    pub(crate) fn missing_from(&self, document: &str) -> Vec<String> {
        let has = Self::of(document);
        let is_open = document.lines().any(|line| line == "- Type: None");
        self.places
            .iter()
            .filter(|place| !has.places.contains(place))
            .filter(|place| !(is_open && place[1] == "Credential Storage"))
            .map(|place| {
                let names: Vec<_> = place.iter().filter(|name| !name.is_empty()).collect();
                format!("{names:?} is missing")
            })
            .collect()
    }
}

/// Folder and file of every document in the seed's lists of categories.
pub(crate) fn documents_of_the_seed(seed: &str) -> Vec<String> {
    let start = seed.find("\n## Integration Categories\n").unwrap();
    let lists = &seed[start + 1..];
    let end = lists.find("\n## Best Practices\n").unwrap();
    let mut folder = String::new();
    let mut documents = Vec::new();
    for line in lists[..end].lines() {
        if let Some(category) = line.strip_prefix("### ") {
            let words = category.split(|c: char| !c.is_alphanumeric());
            let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
            folder = words.join("-").to_lowercase();
        } else if let Some(item) = line.strip_prefix("- ") {
            documents.push(format!("{folder}/{}", item.trim_matches('`')));
        }
    }
    assert_eq!(documents.len(), 19, "the lists have changed");
    documents
}

#[test]
fn what_is_missing_is_named() {
    let template = Template::of("## A\n### Overview\n- **Vendor**: Company\n- Contract: x\n## B\n");
    let missing = template.missing_from("## A\n### Overview\n- **Vendor**: none\n");
    let wanted = [
        r#"["A", "Overview", "Contract"] is missing"#,
        r#"["B"] is missing"#,
    ];
    assert_eq!(missing, wanted);
}
