//! `wharf notices`: what people should hear of.

use std::process::ExitCode;
use std::str::FromStr;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use wharf_document::IntegrationId;
use wharf_policy::bounded::Text;
use wharf_policy::notice::{Severity, Subject};
use wharf_store::{NoticeFilter, NoticePage, NoticeRecord, Records, Store};

use super::place::Place;
use crate::control::at_the_files;
use crate::numbers;
use crate::output::{self, Format};
use crate::redact::without_secrets;

const EXIT_CODES: &str =
    "Exit codes: 0 done, 2 could not run, such as for a number that no notice has.";

/// Show what needs somebody's eye, and note that somebody has seen it.
///
/// A notice tells of something once: while the same thing goes on, it is counted. It is kept for 90
/// days after it was told last; of 10,000 in all and 500 about one integration, the least severe
/// and oldest give way. A running `wharf up` logs each notice too.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,

    #[command(flatten)]
    place: Place,

    /// How the result is written.
    #[arg(long, global = true, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show notices, the newest first.
    #[command(after_help = "\
Examples:
  wharf notices list --open                    what nobody has acknowledged
  wharf notices list --severity warning        warnings and worse
  wharf notices list --subject stripe@test     of one environment
  wharf notices list --since 2h                told within the last two hours

Exit codes: 0 done, 2 could not run.")]
    List(Wanted),
    /// Note that somebody has seen a notice. Who was first stays.
    ///
    /// It leaves a record: see `wharf audit list`.
    #[command(after_help = EXIT_CODES)]
    Ack {
        /// Number of the notice.
        #[arg(value_parser = numbers::of_record, allow_negative_numbers = true)]
        number: u64,
        /// Who has seen it, in up to 200 bytes [default: the name of the user].
        #[arg(long, value_name = "NAME", value_parser = somebody)]
        by: Option<Text<200>>,
    },
}

#[derive(Debug, Args)]
struct Wanted {
    /// Only notices this severe or more: info, warning or critical.
    #[arg(long)]
    severity: Option<Severity>,

    /// Only notices about an integration, one of its environments (`stripe@production`), or Wharf
    /// itself (`wharf`).
    #[arg(long, value_parser = subject)]
    subject: Option<Subject>,

    /// Only notices told since then: a span such as 30m, 2h or 7d, a day, or a moment as in RFC 3339.
    #[arg(long, value_name = "TIME")]
    since: Option<Since>,

    /// Only notices that nobody has acknowledged.
    #[arg(long)]
    open: bool,

    /// Only notices with lower numbers: the last one of the page before.
    #[arg(long, value_name = "NUMBER", value_parser = numbers::of_record, allow_negative_numbers = true)]
    before: Option<u64>,

    /// Most notices that are shown, up to 500.
    #[arg(long, value_name = "COUNT", default_value_t = 50, value_parser = numbers::of_page::<500>, allow_negative_numbers = true)]
    limit: u32,
}

impl Wanted {
    /// Whether there may be notices that are not wanted.
    fn is_filtered(&self) -> bool {
        let is_one = self.severity.is_some() || self.subject.is_some() || self.since.is_some();
        is_one || self.open || self.before.is_some()
    }
}

/// A time that somebody named.
#[derive(Clone, Copy, Debug)]
struct Since(Timestamp);

impl FromStr for Since {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "it is a span such as 30m, 2h or 7d, a day such as 2026-11-30, or a moment such as 2026-11-30T06:00:00Z";
        if let Ok(moment) = text.parse::<Timestamp>() {
            return Ok(Self(moment));
        }
        if let Ok(day) = text.parse::<Date>() {
            let start = day.at(0, 0, 0, 0);
            return Offset::UTC.to_timestamp(start).map(Self).map_err(|_| WRONG);
        }
        let unit = text.chars().last().ok_or(WRONG)?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 24 * 3_600,
            _ => return Err(WRONG),
        };
        let count: u32 = text[..text.len() - unit.len_utf8()]
            .parse()
            .map_err(|_| WRONG)?;
        let span = SignedDuration::from_secs(i64::from(count) * seconds);
        let since = Timestamp::now().saturating_sub(span).map_err(|_| WRONG)?;
        Ok(Self(since))
    }
}

pub(crate) fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let option = arguments.place.option();
    let folder = arguments.place.folder()?;
    let json = arguments.format == Format::Json;
    // Whoever reads makes nothing.
    if Store::is_absent(&folder) {
        match arguments.command {
            Command::List(wanted) => show(&[], &wanted, json)?,
            Command::Ack { number, .. } => anyhow::bail!(
                "there is no notice {number}: there is no state in {}",
                folder.display()
            ),
        }
        return Ok(ExitCode::SUCCESS);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(async {
        let store = Store::open(&folder).await?;
        let done = with_state(arguments.command, &store.records(), &option, json).await;
        store.close().await;
        done
    })?;
    Ok(ExitCode::SUCCESS)
}

/// `option` is what a command needs to find the same state.
async fn with_state(
    command: Command,
    records: &Records,
    option: &str,
    json: bool,
) -> anyhow::Result<()> {
    match command {
        Command::List(wanted) => list(&wanted, records, json).await,
        Command::Ack { number, by } => acknowledge(number, by, records, option, json).await,
    }
}

async fn list(wanted: &Wanted, records: &Records, json: bool) -> anyhow::Result<()> {
    let subject = wanted.subject.clone();
    let filter = NoticeFilter {
        at_least: wanted.severity,
        environment: subject
            .as_ref()
            .map(|subject| subject.environment.clone())
            .filter(|environment| !environment.is_empty()),
        integration: subject.map(|subject| subject.integration),
        since: wanted.since.map(|Since(time)| time),
        is_open: wanted.open,
    };
    let page = NoticePage {
        before: wanted.before,
        // One more tells whether there are more.
        limit: wanted.limit + 1,
    };
    let found = records.notices(&filter, page).await?;
    show(&found, wanted, json)
}

/// As it is shown, read again.
fn subject(text: &str) -> Result<Subject, &'static str> {
    const WRONG: &str = "it is the id of an integration, one of its environments such as \
                         stripe@production, or wharf";
    if text == Subject::installation().to_string() {
        return Ok(Subject::installation());
    }
    let (integration, environment) = match text.split_once('@') {
        Some((_, "")) => return Err(WRONG),
        Some((integration, environment)) => (integration, environment),
        None => (text, ""),
    };
    IntegrationId::new(integration).ok_or(WRONG)?;
    Ok(Subject::environment(integration, environment))
}

/// Who has seen a notice. A name that would be cut is not the one that was given.
fn somebody(text: &str) -> Result<Text<200>, &'static str> {
    let name = Text::new(text);
    let is_whole = name.as_str() == text && !text.trim().is_empty();
    let is_plain = !text.chars().any(char::is_control);
    let wanted = is_whole && is_plain;
    wanted
        .then_some(name)
        .ok_or("a name has 1 to 200 bytes, not all of them blank, and no control characters")
}

/// `found` holds one more than is shown, where there is one.
fn show(found: &[NoticeRecord], wanted: &Wanted, json: bool) -> anyhow::Result<()> {
    let shown = &found[..found.len().min(wanted.limit as usize)];
    let next = (found.len() > shown.len()).then(|| shown.last().map(|last| last.number));
    let next = next.flatten();
    if json {
        let rows: Vec<_> = shown.iter().map(row).collect();
        output::json(&json!({ "version": 1, "notices": rows, "next": next }))?;
        return Ok(());
    }
    if shown.is_empty() {
        output::note(if wanted.is_filtered() {
            "No such notice."
        } else {
            "No notice."
        });
        return Ok(());
    }
    for record in shown {
        output::page(&text(record))?;
    }
    if let Some(next) = next {
        output::note(&format!(
            "There are more; `--before {next}` shows the next ones."
        ));
    }
    Ok(())
}

/// The lines of a notice. Nothing in its words ends a line.
fn text(record: &NoticeRecord) -> String {
    let NoticeRecord { number, notice, .. } = record;
    let mut text = format!(
        "{number}  {:<8}  {:.0}  {}  {}",
        notice.severity.as_str(),
        record.last,
        in_line(&notice.subject.to_string()),
        notice.kind,
    );
    if record.count > 1 {
        text += &format!("  {} times since {:.0}", record.count, notice.at);
    }
    if let Some((who, when)) = &record.acknowledged {
        text += &format!("  seen by {} at {when:.0}", in_line(who.as_str()));
    }
    text += "\n";
    let evidence = notice.evidence.as_ref().map_or("", Text::as_str);
    for words in [notice.title.as_str(), notice.text.as_str(), evidence] {
        if !words.is_empty() {
            text += &format!("    {}\n", in_line(words));
        }
    }
    text
}

fn in_line(words: &str) -> String {
    output::in_line(&without_secrets(&words.replace('\n', " ")))
}

fn row(record: &NoticeRecord) -> Value {
    let notice = &record.notice;
    let clean = |words: &str| without_secrets(words);
    let or_null = |words: &str| (!words.is_empty()).then(|| clean(words));
    let acknowledged = record.acknowledged.as_ref();
    json!({
        "number": record.number,
        "key": notice.key.to_string(),
        "kind": notice.kind.as_str(),
        "severity": notice.severity.as_str(),
        "integration": or_null(notice.subject.integration.as_str()),
        "environment": or_null(notice.subject.environment.as_str()),
        "title": clean(notice.title.as_str()),
        "text": clean(notice.text.as_str()),
        "evidence": notice.evidence.as_ref().map(|evidence| clean(evidence.as_str())),
        "first": notice.at.to_string(),
        "last": record.last.to_string(),
        "count": record.count,
        "acknowledged": acknowledged.map(|(who, when)| json!({
            "by": clean(who.as_str()),
            "at": when.to_string(),
        })),
    })
}

async fn acknowledge(
    number: u64,
    by: Option<Text<200>>,
    records: &Records,
    option: &str,
    json: bool,
) -> anyhow::Result<()> {
    let who = by.unwrap_or_else(|| Text::new(&user()));
    let actor = at_the_files();
    let now = actor.at;
    let records = records.by(actor);
    let record = records.acknowledge_notice(number, &who, now).await?;
    let record = record.with_context(|| {
        format!("there is no notice {number}; `wharf notices list{option}` shows all")
    })?;
    if json {
        output::json(&row(&record))?;
    } else if let Some((who, when)) = &record.acknowledged {
        let who = in_line(who.as_str());
        output::note(&format!("Notice {number} is seen by {who} at {when:.0}."));
    }
    Ok(())
}

/// Who runs the command, as the system calls them.
fn user() -> String {
    let name = ["USER", "LOGNAME"]
        .into_iter()
        .filter_map(|variable| std::env::var(variable).ok())
        .find(|name| !name.is_empty());
    name.unwrap_or_else(|| format!("user {}", rustix::process::getuid().as_raw()))
}
