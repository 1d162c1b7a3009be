//! Contradictions in what a document says in its own words: keys that the program does not read,
//! tables beside the known ones, and running text.

mod support;

use std::collections::BTreeSet;

use wharf_diag::Severity;

use support::{read, survives_odd_letters};

const BASE: &str = include_str!("contradictions/base.md");

/// Where a case is put into the document that has no contradiction.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// Behind the Overview.
    Overview,
    /// Behind the keys of the Method.
    Method,
    /// In place of the prices.
    Prices,
    /// Behind Key Metrics.
    Metrics,
    /// In place of the roadmap.
    Roadmap,
    /// Behind the Backup Service.
    Backup,
    /// In place of the Outage Procedure.
    Procedure,
    /// At the end.
    End,
}

use Place::{Backup, End, Method, Metrics, Overview, Prices, Procedure, Roadmap};

#[expect(clippy::unwrap_used, reason = "a helper of tests fails the test")]
fn findings(pieces: &[(Place, &str)]) -> BTreeSet<&'static str> {
    let mut text = BASE.replace("Postal mirror of the warehouse", "The post office");
    let replaced = |text: &str, from: &str, until: &str, piece: &str| {
        let start = text.find(from).unwrap();
        let end = start + text[start..].find(until).unwrap();
        format!("{}{piece}\n\n{}", &text[..start], &text[end..])
    };
    for (place, piece) in pieces {
        let behind = |line: &str| BASE.find(line).map(|_| line.to_owned()).unwrap();
        text = match place {
            Overview => {
                let line = behind("- Contract: 2025-07-01 to 2027-06-30, yearly\n");
                text.replace(&line, &format!("{line}{piece}\n"))
            }
            Method => {
                let line = behind("- Permissions: read and write parcels\n");
                text.replace(&line, &format!("{line}{piece}\n"))
            }
            Metrics => {
                let line = behind("- Usage: < 75% of quota\n");
                text.replace(&line, &format!("{line}{piece}\n"))
            }
            Backup => {
                let line = behind("- Manual: Phone\n");
                text.replace(&line, &format!("{line}{piece}\n"))
            }
            Prices => replaced(&text, "- Base: €47", "## Migration", piece)
                .replace("cost: €564/year\n", ""),
            Roadmap => replaced(&text, "- Current: v4", "## Disaster", piece),
            Procedure => replaced(&text, "1. Detect", "## Contacts", piece),
            End => format!("{text}\n{piece}\n"),
        };
    }
    survives_odd_letters(&text);
    let (_, loaded) = read(&text);
    let found = loaded.diagnostics.iter();
    let found = found.filter(|diagnostic| diagnostic.severity != Severity::Info);
    found.map(|diagnostic| diagnostic.code.id).collect()
}

#[test]
fn every_contradiction_is_found_and_nothing_else() {
    let wrong: Vec<_> = PLANTED
        .iter()
        .flat_map(|(code, cases)| cases.iter().map(move |case| (*code, case)))
        .map(|(code, case)| (code, findings(case), case))
        .filter(|(code, found, _)| *found != BTreeSet::from([*code]))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_only_looks_like_one_is_left_alone() {
    let wrong: Vec<_> = CONSISTENT
        .iter()
        .map(|case| (findings(case), case))
        .filter(|(found, _)| !found.is_empty())
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Pieces of a document, and where they are put.
type Case = &'static [(Place, &'static str)];

const PLANTED: &[(&str, &[Case])] = &[
    (
        "WH663",
        &[
            &[(
                End,
                "## Notes\n\n### Known Issues\n- The API is down on Friday, 5 June 2027.",
            )],
            &[(
                End,
                "## Notes\n\nThe vendor moves to another data centre on 2027-06-05 (Fri).",
            )],
            &[(
                End,
                "## Notes\n\nThe office is closed\nfrom **Tuesday**, June 7th, 2027 on.",
            )],
            &[(Backup, "- Drill: Montag, 08.06.2027")],
            &[(Backup, "- Drill: 2027-06-08, a Monday")],
            &[(Method, "- Handover: Do., 11.06.2027")],
            &[(
                End,
                "## Contacts\n\n| Day | Who |\n|---|---|\n| Sat 2027-06-06 | Ann |",
            )],
        ],
    ),
    (
        "WH664",
        &[
            &[(
                End,
                "## Notes\n\n- Callbacks come from 192.0.2.0/27 and 198.51.100.0/28; our proxy lets those 64 addresses in",
            )],
            &[(
                End,
                "## Notes\n\n- Firewall: 198.51.100.128/29 (16 addresses)",
            )],
            &[(
                End,
                "## Notes\n\nThe vendor calls from 64 IP addresses: `198.51.100.0/27` and `203.0.113.0/28`.",
            )],
            &[(Method, "- Allowed from: 192.0.2.0/24, 512 addresses")],
            &[(
                End,
                "## Notes\n\n| Range | Addresses |\n|---|---|\n| 192.0.2.0/25 | 128 |\n| 192.0.2.128/26 | 128 |",
            )],
            &[(
                End,
                "## Notes\n\nCalls come from 203.0.113.0/30 and 192.0.2.17 (9 addresses).",
            )],
        ],
    ),
    (
        "WH665",
        &[
            &[(
                Metrics,
                "\nWith 99.5% availability about an hour and a half a month may be down.",
            )],
            &[(Metrics, "- Error budget: 2 hours of downtime in 30 days")],
            &[(Metrics, "- Allowed downtime: 30 minutes per month")],
            &[(
                Metrics,
                "- Target: 99.95% uptime, which is 4 h of downtime a year at most",
            )],
            &[(Metrics, "- Downtime budget: 40 h per quarter")],
            &[(
                End,
                "## Notes\n\n- An availability of 99.9% a month leaves 4.3 minutes of downtime.",
            )],
        ],
    ),
    (
        "WH666",
        &[
            &[(
                Roadmap,
                "- Current: v4 (until 2028-02-28)\n- Migration deadline: 2027-11-30\n\n### Migration Steps\n1. Finish the migration on 2027-12-10",
            )],
            &[(
                Roadmap,
                "- Current: v4 (until 2028-02-28)\n\n### Migration Steps\n- Test in staging by January 2028\n- Full rollout: March 2028",
            )],
            &[(
                Roadmap,
                "- Current: v4 (until 28.02.2028)\n- Migration deadline: 30 November 2027\n- Cutover: 14 December 2027",
            )],
            &[(
                Roadmap,
                "- Current: v4 (until 2028-02-28)\n- Migration deadline: 2027-11-30\n\n### Migration Steps\n1. Ask the teams\n2. Switch all traffic to v5 on Dec 3, 2027, and then delete the old client",
            )],
        ],
    ),
    (
        "WH667",
        &[
            &[(
                End,
                "## Notes\n\n- The key of production is replaced next on 1 November 2026",
            )],
            &[(Method, "- Next rotation: 2026-09-30")],
            &[(
                Method,
                "- Key rotation: last on 2026-05-02, next on 30 October 2026",
            )],
            &[(Method, "- Rotation due: October 2026")],
            &[(Method, "- Rotate by: 1.9.2026, by the owner of production")],
        ],
    ),
    (
        "WH668",
        &[
            &[(
                Prices,
                "- Base: $40/month\n- Budget: $200/month, hard\n- Alerts: $100, $180 and $220",
            )],
            &[(
                Prices,
                "- Base: $40/month\n- Budget: $200/month, hard\n- Budget alert: at 110%",
            )],
            &[(
                Prices,
                "- Base: $40/month\n- Hard limit: $200 a month\n- Warning: an email to finance at 250 USD",
            )],
            &[
                (Prices, "- Base: €40/month\n- Budget: €200/month, hard"),
                (Metrics, "- Spend: page the owner at €260 a month"),
            ],
        ],
    ),
    (
        "WH669",
        &[
            &[(
                End,
                "## Notes\n\n| Queue | Jobs |\n|---|---|\n| Fast | 1,200 |\n| Slow | 800 |\n| Total | 2,500 |",
            )],
            &[(
                End,
                "## Notes\n\n- Europe: 60%\n- Asia: 25%\n- Africa: 5%\n- Total: 100%",
            )],
            &[(
                End,
                "## Notes\n\n| Item | Cost | Share |\n|---|---|---|\n| Base | $40.00 | 40% |\n| Storage | $35.00 | 35% |\n| Traffic | $25.00 | 25% |\n| **Total** | $110.00 | 100% |",
            )],
            &[(
                End,
                "## Notes\n\n| Bucket | Size |\n|---|---|\n| all together | 9 TB |\n| photos | 4 TB |\n| films | 7 TB |",
            )],
            &[(
                End,
                "## Notes\n\n| Part | Share |\n|---|---|\n| Reads | 80% |\n| of these, cached | 50% |\n| Writes | 30% |\n| Total | 100% |",
            )],
        ],
    ),
    (
        "WH670",
        &[
            &[(
                Prices,
                "- Base: £47/month\n- Currency: GBP\n- Projected monthly: €58",
            )],
            &[(
                Prices,
                "- Base: $47/month\n- Invoices: everything is billed in euros",
            )],
            &[(
                Prices,
                "- Prices: in CHF, without tax\n- Base: 47 CHF/month\n- Overage: $0.30 per 1000 requests",
            )],
            &[(
                Prices,
                "| Item | Price |\n|---|---|\n| Currency | USD |\n| Storage | 20 EUR a month |",
            )],
        ],
    ),
    (
        "WH671",
        &[
            &[(
                Prices,
                "- Base: $10/month\n- Overage: $2 per 1000 messages\n- Current usage: 31,500 messages per month\n- Projected monthly: $45",
            )],
            &[(
                Prices,
                "- Base: €0/month\n- Free: the first 2,000 scans\n- Overage: €0.05 per scan\n- Current usage: 12,000 scans a month\n- Projected monthly: €600",
            )],
            &[(
                Prices,
                "- Base: $99/month (includes 1M events)\n- Overage: $3 per 100k events beyond the included\n- Current usage: 2.5 million events a month\n- Projected monthly: $99",
            )],
            &[(
                Prices,
                "- Base: $10/month\n- Overage: $0.01 per lookup\n- Current usage: 1,000 lookups a day\n- Projected monthly: $40",
            )],
        ],
    ),
    (
        "WH672",
        &[
            &[(
                Prices,
                "- Base: $30/month\n- Included: 10,000 lookups a month\n- Overage: $2 per 1000 lookups\n- Current usage: 12,400 lookups a month, no overage",
            )],
            &[(
                Prices,
                "- Base: $30/month, 10,000 lookups included\n- Current usage: 12.4k lookups a month\n- Overage: none so far",
            )],
            &[(
                Prices,
                "- Base: $30/month\n- Free: 500 pages\n- Overage: $2 per 100 pages\n- Current usage: 640 pages, which is within the plan",
            )],
        ],
    ),
    (
        "WH673",
        &[
            &[(
                Overview,
                "- Term: six weeks' notice before the end\n- Who wants to quit has to write to the vendor by 12 June 2027 at the latest",
            )],
            &[(
                Overview,
                "- Notice period: three months, at the latest on 2027-04-30",
            )],
            &[(
                Overview,
                "- Cancellation: 30 days before the end, by 15 June 2027",
            )],
            &[(Overview, "- Kündigungsfrist: 6 weeks, last day 01.05.2027")],
            &[(Overview, "- Terms: notice of 90 days, deadline 2027-05-01")],
        ],
    ),
    (
        "WH674",
        &[
            &[
                (Backup, "- RTO: a quarter of an hour"),
                (
                    Procedure,
                    "1. Detect via monitoring\n2. Route lookups to the mirror once it has lasted 25 minutes",
                ),
            ],
            &[
                (Backup, "- RTO: 30 minutes"),
                (
                    Procedure,
                    "1. Detect via monitoring\n2. Start the standby (20 min)\n3. Point DNS at it: 15 minutes",
                ),
            ],
            &[
                (Backup, "- Recovery time objective: 1 hour"),
                (
                    Procedure,
                    "1. Detect via monitoring\n2. Restore the dump, which takes about 90 minutes",
                ),
            ],
            &[(Backup, "- RTO: 3 min")],
            &[(Backup, "- RTO / RPO: RTO 90 s, RPO 1 day")],
            &[
                (Backup, "- Objectives: RTO 2 h, RPO 24 h\n- RTO: 2 h"),
                (Procedure, "1. Rebuild the index (up to three hours)"),
            ],
        ],
    ),
    (
        "WH675",
        &[
            &[(Backup, "- Snapshots: every 6 hours\n- RPO: 1 hour")],
            &[(
                Backup,
                "- RPO: 15 minutes\n- Copies: daily export to the warehouse",
            )],
            &[(
                Backup,
                "- Recovery point objective: 4 h\n- Replication: once a day",
            )],
            &[(Backup, "- RPO: 30 min\n- Dump: overnight, of all parcels")],
            // Letters whose small form has another length.
            &[(
                Backup,
                "- RPO: 15 minutes\n- Copies: \u{130}zmir and \u{130}stanbul, daily",
            )],
            &[(
                Backup,
                "- RPO: 15 minutes\n- Copies: 3 \u{212a}\u{212a}\u{212a}, hourly, daily",
            )],
        ],
    ),
    (
        "WH676",
        &[
            &[(
                End,
                "## Notes\n\n### Tips\n- Records of parcels have to remain in the United States",
            )],
            &[(Overview, "\nCustomer data must be stored within Canada.")],
            &[(Overview, "- Data residency: stays in the United States")],
            &[(Overview, "- Residency: Canada only")],
            &[(Overview, "- Data location: Sydney")],
            &[(Overview, "- Data residency: APAC, in every environment")],
        ],
    ),
];

const CONSISTENT: &[Case] = &[
    // Words that the kinds share.
    &[(
        End,
        "## Notes\n\n- Messages of the sandbox are stored in the US.",
    )],
    &[(
        End,
        "## Notes\n\n- Records are kept in the US for invoices.",
    )],
    &[(
        End,
        "## Notes\n\n- Customer invoices by post stay in Canada with the bookkeeper.",
    )],
    &[(
        End,
        "## Notes\n\n- Anna leaves the team, last day 2026-12-31.",
    )],
    &[(
        End,
        "## Notes\n\n- The vendor calls from 192.0.2.0/28; these 4 addresses answer: .1, .2, .3 and .4.",
    )],
    &[(Overview, "- Personal data: none is stored in the US.")],
    &[(
        Overview,
        "- Notice period: 3 months\n- The warehouse leaves its old building by 2026-12-31 at the latest",
    )],
    &[
        (Backup, "- RTO: 20 min"),
        (
            Procedure,
            "1. Detect via monitoring\n2. Promote the replica once the backup of 24 hours ago is checked\n3. Route calls to the mirror after asking; try it every 2 hours",
        ),
    ],
    &[(
        End,
        "## Notes\n\n- Callbacks come from 192.0.2.0/27 and 198.51.100.0/28; our proxy lets those 48 addresses in",
    )],
    &[(
        Metrics,
        "\nWith 99.5% availability about three hours and a half a month may be down.",
    )],
    &[(
        End,
        "## Notes\n\n- The key of production is replaced next on 28 July 2026",
    )],
    &[(
        Overview,
        "- Term: six weeks' notice before the end\n- Who wants to quit has to write to the vendor by 19 May 2027 at the latest",
    )],
    &[
        (Backup, "- RTO: a quarter of an hour"),
        (
            Procedure,
            "1. Detect via monitoring\n2. Route lookups to the mirror once it has lasted 8 minutes\n3. Route lookups back after 40 minutes of quiet",
        ),
    ],
    &[(
        End,
        "## Notes\n\n### Tips\n- Records of parcels have to remain in the European Union",
    )],
    &[(
        Overview,
        "\nCustomer data must be stored within the EU, backups in Canada.",
    )],
    // WH663
    &[(
        End,
        "## Notes\n\nDown on Saturday, 5 June 2027, and on 2027-06-06 (Sun).",
    )],
    &[(
        End,
        "## Notes\n\nNo calls from Friday to Sunday, 4 to 6 June 2027.",
    )],
    &[(
        End,
        "## Notes\n\nSince 2027-06-01, Monday to Friday, there is a desk. Every Monday, 2027-06-01 aside.",
    )],
    &[(
        End,
        "## Notes\n\n```json\n{ \"date\": \"Fri, 05 Jun 2027 08:00:00 GMT\" }\n```",
    )],
    &[(
        End,
        "## Notes\n\nThe Friday before 2027-06-07, So 2027-06-07 it is, and 03/04/2027, Monday.",
    )],
    // WH664
    &[(
        End,
        "## Notes\n\n198.51.100.0/24 (our 16 addresses), and 192.0.2.0/25 for 20 addresses.",
    )],
    &[(
        End,
        "## Notes\n\n- Firewall: 198.51.100.128/29 (8 addresses, of which 6 are in use)",
    )],
    &[(
        End,
        "## Notes\n\n- Firewall: 198.51.100.128/29 and 203.0.113.64/28 (24 addresses)\n- Ours: 192.0.2.0/24 (254 addresses)",
    )],
    &[(
        End,
        "## Notes\n\nUp to 4 addresses of 192.0.2.0/24 are ours. 10,000 addresses a day are geocoded.",
    )],
    &[(
        End,
        "## Notes\n\n192.0.2.0/28 and 192.0.2.64/28, 16 addresses each.",
    )],
    // WH665
    &[(End, "## Notes\n\n- Failover: 30 s of downtime")],
    &[(
        Metrics,
        "- Uptime last quarter: 99.98%, with 12 minutes of downtime",
    )],
    &[(Metrics, "- Error budget: 3.6 hours of downtime in 30 days")],
    &[(
        Metrics,
        "- Error budget: 10.8 h a quarter, of which 2 h are left",
    )],
    &[(
        Metrics,
        "- Vendor's SLA: 99.99% of a month, 4.3 minutes of downtime",
    )],
    &[(Metrics, "- Planned downtime: 6 hours a month")],
    &[(Metrics, "- Allowed downtime: about 44 hours a year")],
    // WH666
    &[(
        Roadmap,
        "- Current: v4 (until 2028-02-28)\n- Migration deadline: 2027-11-30\n\n### Migration Steps\n1. Full rollout (v5 is supported until 2028-12-31)\n2. Update the docs by 2028-03-10",
    )],
    &[(
        Roadmap,
        "- Current: v4 (until 2028-02-28)\n- Migration deadline: 2027-11-30\n\n### Migration Steps\n1. Full rollout by 2027-11-20\n2. Remove the old client by 2027-12-20",
    )],
    &[(
        Roadmap,
        "- Current: v4 (until 2028-02-28)\n- Migration deadline: 2027-11-30\n- Next: v5 (available 2027-03-01)\n\n### Migration Steps\n1. Switch all traffic by November 2027, review on 2027-12-12",
    )],
    &[(
        Roadmap,
        "- Current: v4 (until 2028-02-28)\n- Migration deadline: 2027-11-30\n\n### Migration Steps\n1. Update reports by 2027-12-12, an extension that the vendor gave",
    )],
    // WH667
    &[(
        Method,
        "- Audit due: 2027-01-31\n- Next rotation of the signing certificate: 2028-01-01",
    )],
    &[(Method, "- Next rotation: 2026-07-31")],
    &[(
        Method,
        "- Next rotation: 2026-10-31, postponed with the consent of security",
    )],
    &[(Method, "- Next rotation: August 2026")],
    &[(Method, "- Next rotation of staging: 2027-01-31")],
    // WH668
    &[(
        Prices,
        "- Base: $40/month, 5,000 pages\n- Budget: $200/month, hard\n- Alerts: at $340 of the whole account",
    )],
    &[(
        Prices,
        "- Base: $40/month\n- Budget: $200/month\n- Alert: at $250",
    )],
    &[(
        Prices,
        "- Base: $40/month\n- Budget: $200/month, hard\n- Alert: when the forecast is above $250",
    )],
    &[(
        Prices,
        "- Base: $40/month\n- Budget: $200/month, hard\n- Alert: at 150% of the usual $100, and at 90% of the budget",
    )],
    &[(
        Prices,
        "- Base: $40/month\n- Budget: $200/month, hard\n- Alert: an email at $2,000 a year",
    )],
    // WH669
    &[(
        End,
        "## Notes\n\n| Pool | Calls | Time |\n|---|---|---|\n| A | 80/min | 20 ms |\n| B | 50/min | 30 ms |\n| Total | 100/min | 35 ms |",
    )],
    &[(
        End,
        "## Notes\n\n| Part | Share |\n|---|---|\n| A | 33.3% |\n| B | 33.3% |\n| C | 33.3% |\n| Total | 100% |",
    )],
    &[(
        End,
        "## Notes\n\n| Part | Hits | Average time |\n|---|---|---|\n| A | 10 | 20 ms |\n| B | 30 | 40 ms |\n| Total | 40 | 35 ms |",
    )],
    &[(
        End,
        "## Notes\n\n| Part | Users |\n|---|---|\n| A | 100 |\n| B | 300 |\n| Total (unique) | 350 |",
    )],
    &[(
        End,
        "## Notes\n\n- Reads: 70%\n- including cached: 20%\n- Writes: 30%\n- Total: 100%",
    )],
    &[(
        End,
        "## Notes\n\n| Part | Cost |\n|---|---|\n| A | $10 |\n| B | €20 |\n| Total | $32 |",
    )],
    // WH670
    &[(
        Prices,
        "- Base: €47/month\n- Currency: EUR\n- Overage: €0.30 per 1000 requests",
    )],
    &[(
        Prices,
        "- Base: €47/month\n- Currency: EUR\n- Rate: 1 EUR = 1.10 USD\n- Projected monthly: $58",
    )],
    &[(
        Prices,
        "- Base: €47/month\n- Currency: EUR, except for SMS\n- Overage: $0.30 per 1000 requests",
    )],
    &[(
        Prices,
        "- Base: €47/month\n- Currency: EUR or USD\n- Overage: $0.30 per 1000 requests",
    )],
    // WH671
    &[(
        Prices,
        "- Base: $10/month\n- Overage: $2 per 1000 messages\n- Current usage: 800 of 31,500 messages\n- Projected monthly: $45",
    )],
    &[(
        Prices,
        "- Base: $10/month\n- Overage: $2 per 1000 messages\n- Current usage: 31,500 messages per month\n- Projected monthly: $73",
    )],
    &[(
        Prices,
        "- Base: $10/month\n- Overage: $2 per 1000 messages\n- Current usage: 31,500 messages per month\n- Projected monthly: $53",
    )],
    &[(
        Prices,
        "- Base: $10/month\n- Overage: $2 per 1000 messages\n- Discount: 20% from the vendor\n- Current usage: 31,500 messages per month\n- Projected monthly: $45",
    )],
    &[(
        Prices,
        "- Base: $10/month\n- Overage: $2 per TB of traffic\n- Current usage: 15 TB stored\n- Projected monthly: $18",
    )],
    // WH672
    &[(
        Prices,
        "- Base: $30/month\n- Included: 10,000 lookups a month\n- Overage: $2 per 1000 lookups\n- Current usage: 9,400 lookups a month, no overage",
    )],
    &[(
        Prices,
        "- Base: $30/month\n- Included: 10,000 lookups\n- Overage: none, because calls are refused\n- Current usage: 12,400 lookups a month",
    )],
    &[(
        Prices,
        "- Base: $30/month\n- Included: 10,000 lookups\n- Overage: $2 per 1000 lookups\n- Current usage: 12,400 records, no overage",
    )],
    // WH673
    &[(
        End,
        "## Notes\n\n- Deprecation notice: 90 days, at the latest 2026-12-01",
    )],
    &[(
        Overview,
        "- Notice period: three months, at the latest on 2027-03-30",
    )],
    &[(
        Overview,
        "- Notice: 30 days before the end; we decide by 2027-04-15",
    )],
    &[(
        Overview,
        "- Cancellation: 30 days before the end, by 15 May 2027",
    )],
    &[(
        Overview,
        "- Notice: three months to the end of a quarter, last day 2026-12-31",
    )],
    // WH674
    &[
        (Backup, "- RTO: 1 hour"),
        (
            Procedure,
            "1. Call the vendor (24 hours)\n2. Serve the cache (12 hours)\n3. Queue labels (up to 72 hours)",
        ),
    ],
    &[
        (Backup, "- RTO: 1 hour"),
        (
            Procedure,
            "1. Detect via monitoring\n2. Start the standby (20 min)\n3. Point DNS at it: 15 minutes\n4. Document incident (2 hours)",
        ),
    ],
    &[
        (Backup, "- RTO: 30 minutes"),
        (
            Procedure,
            "1. Start the standby (20 min)\n2. Import what was missed, afterwards (6 hours)\n3. Warn those who wait for more than 3 hours",
        ),
    ],
    &[
        (
            Backup,
            "- RTO: 15 minutes for production, 8 hours for the rest",
        ),
        (Procedure, "1. Restore (2 hours)"),
    ],
    // WH675
    &[(
        Backup,
        "- Standby: a mirror at another vendor\n- Export: weekly\n- RPO: 1 hour",
    )],
    &[(Backup, "- Snapshots: every 6 hours\n- RPO: 6 hours")],
    &[(
        Backup,
        "- Snapshots: daily\n- Replication: every 5 minutes\n- RPO: 10 minutes",
    )],
    &[(
        Backup,
        "- Replication: continuous\n- Export: weekly\n- RPO: 1 minute",
    )],
    &[(Backup, "- RPO: 1 hour\n- Exports: hourly, kept for 30 days")],
    // WH676
    &[(Overview, "- Data residency: EU (Ireland) only")],
    &[(Overview, "- Data residency: EU or US")],
    &[(
        Overview,
        "- Data residency: United States, except for labels",
    )],
    &[(Overview, "- Support: from the US")],
];
