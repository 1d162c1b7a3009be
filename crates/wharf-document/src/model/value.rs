//! Values with units that appear in several sections.

use std::fmt;
use std::time::Duration;

use rust_decimal::Decimal;

/// `http` or `https`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scheme {
    /// Clear text, for local services.
    Http,
    /// TLS. The default where a cell names no scheme.
    Https,
}

/// Scheme, host, port and path that every call of an environment starts with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BaseUrl {
    /// `https` unless the cell says `http://`.
    pub scheme: Scheme,
    /// Host name or address in lower case; IPv6 addresses keep their brackets.
    pub host: String,
    /// Port; the scheme's own where the cell names none.
    pub port: u16,
    /// Path without a slash at the end: empty, or `/` and segments.
    pub path: String,
}

impl BaseUrl {
    /// Whether the port is the one the scheme implies.
    pub const fn has_default_port(&self) -> bool {
        matches!(
            (self.scheme, self.port),
            (Scheme::Http, 80) | (Scheme::Https, 443)
        )
    }

    /// `host` or `host:port`, as in the `Host` header.
    pub fn authority(&self) -> String {
        if self.has_default_port() {
            self.host.clone()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
        };
        write!(f, "{scheme}://{}{}", self.authority(), self.path)
    }
}

/// Where a service is reached that does not speak HTTP over a network: a database, a queue, a
/// local socket.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Connection {
    /// In lower case, for example `postgres`; never `http` or `https`.
    pub scheme: String,
    /// The user name, as written. A password is never part of a document.
    pub user: Option<String>,
    /// Host name or address in lower case; IPv6 addresses keep their brackets. `None` for a
    /// local socket, `unix`.
    pub host: Option<String>,
    /// `None` where the cell names none.
    pub port: Option<u16>,
    /// Path without a slash at the end: empty, or `/` and segments; the file of a local socket.
    pub path: String,
}

impl Connection {
    /// The scheme of a local socket.
    pub const SOCKET: &str = "unix";

    /// Whether it is a local socket, which may well carry HTTP.
    pub fn is_socket(&self) -> bool {
        self.scheme == Self::SOCKET
    }
}

impl fmt::Display for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://", self.scheme)?;
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        f.write_str(self.host.as_deref().unwrap_or_default())?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        f.write_str(&self.path)
    }
}

/// So many calls per so much time, for example `100/min`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    /// Calls; at least 1.
    pub count: u64,
    /// The period; longer than zero.
    pub period: Duration,
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.period.as_secs();
        match seconds {
            1 => write!(f, "{}/s", self.count),
            60 => write!(f, "{}/min", self.count),
            3_600 => write!(f, "{}/hour", self.count),
            86_400 => write!(f, "{}/day", self.count),
            _ if seconds.is_multiple_of(3_600) => write!(f, "{}/{}h", self.count, seconds / 3_600),
            _ if seconds.is_multiple_of(60) => write!(f, "{}/{}min", self.count, seconds / 60),
            _ => write!(f, "{}/{seconds}s", self.count),
        }
    }
}

/// A limit as a vendor states it: a rate, and what it is counted over.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RateLimit {
    /// So many calls in every window of the period; with a burst, so fast a bucket is refilled.
    pub rate: Rate,
    /// The size of the bucket; at least 1. `None`: there is no bucket.
    pub burst: Option<u64>,
    /// One counter for each value of it. `None`: one for all calls.
    pub per: Option<CountedPer>,
    /// Rows with the same name share one counter.
    pub shared: Option<String>,
}

/// What each has a counter of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CountedPer {
    /// Each of our callers.
    Caller,
    /// Each value of a parameter of the path, or of a field of the query or the form.
    Parameter(String),
    /// Each value at a JSON pointer into the request (RFC 6901).
    Field(String),
}

impl RateLimit {
    /// Whether its counter is that of all calls it is about, so that it can be compared with
    /// others by its rate.
    pub const fn is_plain(&self) -> bool {
        self.per.is_none() && self.shared.is_none()
    }
}

impl From<Rate> for RateLimit {
    fn from(rate: Rate) -> Self {
        Self {
            rate,
            burst: None,
            per: None,
            shared: None,
        }
    }
}

impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rate.fmt(f)?;
        if let Some(burst) = self.burst {
            write!(f, ", burst {burst}")?;
        }
        match &self.per {
            None => {}
            Some(CountedPer::Caller) => f.write_str(" per caller")?,
            Some(CountedPer::Parameter(name)) => write!(f, " per {{{name}}}")?,
            Some(CountedPer::Field(pointer)) => write!(f, " per {pointer}")?,
        }
        self.shared
            .iter()
            .try_for_each(|name| write!(f, " shared {name}"))
    }
}

/// A size in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ByteCount(pub u64);

/// A currency: three capital letters of ISO 4217.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Takes three ASCII letters of any case.
    pub fn new(code: &str) -> Option<Self> {
        let bytes: [u8; 3] = code.as_bytes().try_into().ok()?;
        let is_code = bytes.iter().all(u8::is_ascii_alphabetic);
        is_code.then(|| Self(bytes.map(|byte| byte.to_ascii_uppercase())))
    }

    /// The code, for example `EUR`.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An amount in a currency, exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    /// The amount; never negative.
    pub amount: Decimal,
    /// What it is an amount of.
    pub currency: Currency,
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.currency.as_str() {
            "USD" => "$",
            "EUR" => "€",
            "GBP" => "£",
            other => return write!(f, "{} {other}", self.amount),
        };
        write!(f, "{sign}{}", self.amount)
    }
}

/// Money for something, for example `$20/month` or `$0.40 per 1000 requests`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// What is paid.
    pub money: Money,
    /// For what. `None`: the text names only the money.
    pub per: Option<PricePer>,
}

/// What a [`Price`] is paid for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PricePer {
    /// A span of time; a month has 30 days and a year 365.
    Period(Duration),
    /// So many of something.
    Units {
        /// How many; at least 1.
        count: u64,
        /// Of what, as written, for example `requests`.
        unit: String,
    },
}

impl Price {
    /// What a price per period comes to in a month. `None` for a price per use.
    pub fn per_month(&self) -> Option<Money> {
        const MONTH_SECONDS: u64 = 30 * 86_400;
        const YEAR_SECONDS: u64 = 365 * 86_400;
        let Some(PricePer::Period(period)) = &self.per else {
            return None;
        };
        // A year is twelve months, which no number of days is.
        let amount = match period.as_secs() {
            0 => return None,
            MONTH_SECONDS => self.money.amount,
            // So are several.
            seconds if seconds.is_multiple_of(YEAR_SECONDS) => self
                .money
                .amount
                .checked_div(Decimal::from(seconds / YEAR_SECONDS * 12))?,
            seconds => self
                .money
                .amount
                .checked_mul(Decimal::from(MONTH_SECONDS))?
                .checked_div(Decimal::from(seconds))?,
        };
        Some(Money {
            amount: amount.round_dp(2).normalize(),
            currency: self.money.currency,
        })
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.money)?;
        match &self.per {
            None => Ok(()),
            Some(PricePer::Units { count: 1, unit }) => write!(f, " per {unit}"),
            Some(PricePer::Units { count, unit }) => write!(f, " per {count} {unit}"),
            Some(PricePer::Period(period)) => match period.as_secs() / 86_400 {
                0 => write!(f, "/{}h", period.as_secs() / 3_600),
                1 => f.write_str("/day"),
                7 => f.write_str("/week"),
                30 => f.write_str("/month"),
                365 => f.write_str("/year"),
                days => write!(f, "/{days} days"),
            },
        }
    }
}

/// A bound on a number that is measured, for example `< 500ms p95`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// Which side is good.
    pub operator: Operator,
    /// What it is compared with.
    pub bound: Bound,
    /// `p95`: the share of the values that has to be within the bound, above 0 and up to 100.
    pub percentile: Option<f64>,
    /// `per month`, `over 30 days`: the time that is looked at together; longer than zero.
    pub window: Option<Duration>,
}

/// How a measured value is compared with the bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `<`
    Less,
    /// `<=` or `≤`
    AtMost,
    /// `>`
    Greater,
    /// `>=` or `≥`
    AtLeast,
}

impl Operator {
    /// Whether smaller values are the good ones.
    pub const fn wants_less(self) -> bool {
        matches!(self, Self::Less | Self::AtMost)
    }

    /// The sign that documents write.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
        }
    }
}

/// The number of a [`Comparison`] with its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// A time.
    Duration(Duration),
    /// Percent, so that 99.9 means 99.9 %.
    Percent(f64),
    /// A number without a unit.
    Number(f64),
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Duration(duration) => write!(f, "{duration:?}"),
            Self::Percent(percent) => write!(f, "{percent}%"),
            Self::Number(number) => write!(f, "{number}"),
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.operator.as_str(), self.bound)?;
        match self.percentile {
            Some(percentile) => write!(f, " p{percentile}"),
            None => Ok(()),
        }
    }
}
