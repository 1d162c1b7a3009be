//! Which of the vendors' own descriptions belong to which document, and what they cannot have.

/// A document and its vendor's descriptions.
pub(crate) struct Vendor {
    /// The id of the integration.
    pub(crate) id: &'static str,
    /// Files below the folder of descriptions.
    pub(crate) files: &'static [&'static str],
    /// Rows that the descriptions cannot have.
    pub(crate) absent: &'static [Absent],
}

/// Rows that are not compared.
pub(crate) struct Absent {
    /// The id of an operation, or `/` and the start of a path.
    rows: &'static [&'static str],
    /// Why the vendor's file has them not.
    pub(crate) why: &'static str,
}

impl Absent {
    /// Whether an operation is one of these.
    pub(crate) fn covers(&self, id: &str, path: &str) -> bool {
        self.rows
            .iter()
            .any(|row| *row == id || row.starts_with('/') && path.starts_with(row))
    }
}

/// Documents whose vendor publishes no description that could be had.
pub(crate) const UNDESCRIBED: &[(&str, &str)] = &[
    ("postgres", "it has no HTTP operations"),
    ("sentry", "no description is at hand"),
    ("shopify", "the vendor publishes none"),
];

/// Documents with a description. Those of Slack (2021), Stripe (2023), `PayPal` (2024) and Vercel
/// (2025) are old.
pub(crate) const DESCRIBED: &[Vendor] = &[
    Vendor {
        id: "datadog",
        files: &["datadog/v1.openapi.yaml"],
        absent: &[Absent {
            rows: &["/api/v2/"],
            why: "the description is of version 1",
        }],
    },
    whole("dify-api", &["dify/openapi_service.json"]),
    whole("discord", &["discord/openapi.json"]),
    whole("docker", &["docker/engine-v1.55.yaml"]),
    whole("github", &["github/api.github.com.json"]),
    whole(
        "google-analytics",
        &[
            "google-analytics/analyticsdata.v1beta.json",
            "google-analytics/analyticsdata.v1alpha.json",
            "google-analytics/analyticsadmin.v1beta.json",
            "google-analytics/analyticsadmin.v1alpha.json",
        ],
    ),
    whole("kubernetes", &["kubernetes/swagger.json"]),
    Vendor {
        id: "mixpanel",
        files: &[
            "mixpanel/ingestion.openapi.yaml",
            "mixpanel/identity.openapi.yaml",
            "mixpanel/feature-flags.openapi.yaml",
            "mixpanel/query.openapi.yaml",
            "mixpanel/export.openapi.yaml",
            "mixpanel/data-pipelines.openapi.yaml",
            "mixpanel/annotations.openapi.yaml",
            "mixpanel/gdpr.openapi.yaml",
            "mixpanel/lexicon-schemas.openapi.yaml",
            "mixpanel/service-accounts.openapi.yaml",
        ],
        absent: &[Absent {
            rows: &["get-me"],
            why: "it stands in the vendor's guide on service accounts only",
        }],
    },
    whole("openai-api", &["openai/openapi.yaml"]),
    Vendor {
        id: "paypal",
        files: &[
            "paypal/checkout_orders_v2.json",
            "paypal/payments_payment_v2.json",
            "paypal/notifications_webhooks_v1.json",
        ],
        absent: &[Absent {
            rows: &["/v1/billing/", "/v3/vault/"],
            why: "the vendor's files at hand are of orders, payments and webhooks",
        }],
    },
    whole(
        "sendgrid",
        &[
            "sendgrid/tsg_mail_v3.json",
            "sendgrid/tsg_scheduled_sends_v3.json",
            "sendgrid/tsg_templates_v3.json",
            "sendgrid/tsg_suppressions_v3.json",
            "sendgrid/tsg_stats_v3.json",
            "sendgrid/tsg_scopes_v3.json",
            "sendgrid/tsg_user_v3.json",
            "sendgrid/tsg_webhooks_v3.json",
            "sendgrid/tsg_verified_senders_v3.json",
            "sendgrid/tsg_email_activity_v3.json",
            "sendgrid/tsg_api_keys_v3.json",
        ],
    ),
    Vendor {
        id: "slack",
        files: &["slack/slack_web_openapi_v2.json"],
        absent: &[Absent {
            rows: &[
                "open-view",
                "update-view",
                "publish-view",
                "get-upload-address",
                "complete-upload",
            ],
            why: "the description of 2021 has views with GET only, and the older upload",
        }],
    },
    whole("stripe", &["stripe/spec3.2023-09-12.yaml"]),
    whole("supabase", &["supabase/management-api.openapi.json"]),
    Vendor {
        id: "supabase-project",
        files: &["supabase/auth.openapi.yaml"],
        absent: &[
            Absent {
                rows: &["/rest/v1/", "/storage/v1/", "/functions/v1/"],
                why: "the vendor describes its Auth API only",
            },
            Absent {
                rows: &["create-user"],
                why: "the description forgot it; the vendor's library calls it",
            },
        ],
    },
    whole("twilio", &["twilio/twilio_api_v2010.json"]),
    Vendor {
        id: "vercel",
        files: &["vercel/vercel-spec.2025-10-27.json"],
        absent: &[Absent {
            rows: &["list-deployments", "roll-back-deployment"],
            why: "the description of 2025 has version 6 of the one and lacks the other",
        }],
    },
];

const fn whole(id: &'static str, files: &'static [&'static str]) -> Vendor {
    Vendor {
        id,
        files,
        absent: &[],
    }
}
