//! What a credential opens.

/// What a credential opens, as far as its form tells.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Kind {
    /// An Anthropic key of any type.
    Anthropic,
    /// A value behind a name such as `api_key`, of no vendor that is known.
    Assigned,
    /// The id of an AWS access key.
    AwsAccessKeyId,
    /// The secret half of an AWS access key.
    AwsSecretAccessKey,
    /// The signature of an Azure address.
    AzureSignature,
    /// A password inside an address or a list of connection settings.
    ConnectionString,
    /// A Datadog API or application key.
    Datadog,
    /// A Dify app or dataset key.
    Dify,
    /// A Discord bot token, or the address of a Discord webhook.
    Discord,
    /// A Docker Hub access token.
    Docker,
    /// A GitHub token of any type.
    GitHub,
    /// A GitLab token of any type.
    GitLab,
    /// A Google API key.
    GoogleApiKey,
    /// The secret of a Google OAuth client.
    GoogleClientSecret,
    /// The private key of a Google service account.
    GoogleServiceAccount,
    /// A Google OAuth access token.
    GoogleToken,
    /// A Hugging Face access token.
    HuggingFace,
    /// A signed JSON Web Token.
    Jwt,
    /// A Linear API key or OAuth token.
    Linear,
    /// A Mixpanel secret.
    Mixpanel,
    /// The token of a Notion integration.
    Notion,
    /// An npm access token.
    Npm,
    /// An OpenAI API key.
    OpenAi,
    /// A value behind a name such as `password`.
    Password,
    /// The secret of a PayPal app, or a PayPal access token.
    PayPal,
    /// A private key in PEM, OpenSSH or PGP armour.
    PrivateKey,
    /// A SendGrid API key.
    SendGrid,
    /// A Sentry auth token.
    Sentry,
    /// A cookie that holds a session.
    SessionCookie,
    /// A Shopify access token or app secret.
    Shopify,
    /// The signature of an address that was signed for a time.
    SignedAddress,
    /// A Slack token of any type.
    SlackToken,
    /// The address of a Slack webhook.
    SlackWebhook,
    /// A secret or restricted key of Stripe's live mode.
    Stripe,
    /// A secret or restricted key of Stripe's test mode.
    StripeTest,
    /// A Supabase access token, secret key or `service_role` key.
    Supabase,
    /// The address of a Microsoft Teams webhook.
    TeamsWebhook,
    /// A Twilio API key or auth token.
    Twilio,
    /// A token whose form alone tells who issued it; the text names both.
    Vendor(&'static str),
    /// A Vercel token.
    Vercel,
    /// The address of a webhook of another service.
    Webhook,
    /// The signing secret of a webhook, as Stripe and Standard Webhooks write it.
    WebhookSecret,
}

impl Kind {
    /// All kinds that have a name of their own, in its order: without the [vendors](Self::Vendor).
    pub const ALL: [Self; 41] = [
        Self::Anthropic,
        Self::Assigned,
        Self::AwsAccessKeyId,
        Self::AwsSecretAccessKey,
        Self::AzureSignature,
        Self::ConnectionString,
        Self::Datadog,
        Self::Dify,
        Self::Discord,
        Self::Docker,
        Self::GitHub,
        Self::GitLab,
        Self::GoogleApiKey,
        Self::GoogleClientSecret,
        Self::GoogleServiceAccount,
        Self::GoogleToken,
        Self::HuggingFace,
        Self::Jwt,
        Self::Linear,
        Self::Mixpanel,
        Self::Notion,
        Self::Npm,
        Self::OpenAi,
        Self::Password,
        Self::PayPal,
        Self::PrivateKey,
        Self::SendGrid,
        Self::Sentry,
        Self::SessionCookie,
        Self::Shopify,
        Self::SignedAddress,
        Self::SlackToken,
        Self::SlackWebhook,
        Self::Stripe,
        Self::StripeTest,
        Self::Supabase,
        Self::TeamsWebhook,
        Self::Twilio,
        Self::Vercel,
        Self::Webhook,
        Self::WebhookSecret,
    ];

    /// What it is called in a sentence, behind "a live".
    pub fn name(self) -> &'static str {
        match self {
            Self::Anthropic => "Anthropic API key",
            Self::Assigned => "credential",
            Self::AwsAccessKeyId => "AWS access key id",
            Self::AwsSecretAccessKey => "AWS secret access key",
            Self::AzureSignature => "Azure shared access signature",
            Self::ConnectionString => "password of a connection",
            Self::Datadog => "Datadog key",
            Self::Dify => "Dify key",
            Self::Discord => "Discord bot token or webhook",
            Self::Docker => "Docker Hub access token",
            Self::GitHub => "GitHub token",
            Self::GitLab => "GitLab token",
            Self::GoogleApiKey => "Google API key",
            Self::GoogleClientSecret => "Google client secret",
            Self::GoogleServiceAccount => "key of a Google service account",
            Self::GoogleToken => "Google access token",
            Self::HuggingFace => "Hugging Face token",
            Self::Jwt => "JSON Web Token",
            Self::Linear => "Linear API key",
            Self::Mixpanel => "Mixpanel secret",
            Self::Notion => "Notion token",
            Self::Npm => "npm access token",
            Self::OpenAi => "OpenAI API key",
            Self::Password => "password",
            Self::PayPal => "PayPal client secret or access token",
            Self::PrivateKey => "private key",
            Self::SendGrid => "SendGrid API key",
            Self::Sentry => "Sentry auth token",
            Self::SessionCookie => "session cookie",
            Self::Shopify => "Shopify access token or app secret",
            Self::SignedAddress => "signature of a signed address",
            Self::SlackToken => "Slack token",
            Self::SlackWebhook => "Slack webhook address",
            Self::Stripe => "Stripe secret key",
            Self::StripeTest => "Stripe test key",
            Self::Supabase => "Supabase secret key or access token",
            Self::TeamsWebhook => "Microsoft Teams webhook address",
            Self::Twilio => "Twilio API key or auth token",
            Self::Vendor(name) => name,
            Self::Vercel => "Vercel token",
            Self::Webhook => "webhook address",
            Self::WebhookSecret => "webhook signing secret",
        }
    }

    /// Whether it opens test data only.
    pub fn is_test(self) -> bool {
        self == Self::StripeTest
    }
}
