//! What the service costs.

use std::fmt;

use wharf_diag::{Span, Spanned};

use super::{Money, Price};

/// The Costs section.
#[derive(Clone, Debug, Default)]
pub struct Costs {
    /// `Base`: what is paid in any case.
    pub base: Option<Spanned<Price>>,
    /// `Overage` lines that could be read as a price, in the document's order.
    pub overage: Vec<Spanned<Price>>,
    /// `Overage` in words.
    pub overage_words: Option<Spanned<String>>,
    /// `Current usage`, as written.
    pub current_usage: Option<Spanned<String>>,
    /// `Projected monthly`.
    pub projected_monthly: Option<Spanned<Money>>,
    /// `Budget`.
    pub budget: Option<Spanned<Budget>>,
    /// Optimization Opportunities.
    pub opportunities: Vec<Task>,
}

/// The most that calls may cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Money per period.
    pub price: Price,
    /// Calls above it are refused.
    pub hard: bool,
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.price.fmt(f)?;
        f.write_str(if self.hard { ", hard" } else { "" })
    }
}

/// One line of a task list.
#[derive(Clone, Debug)]
pub struct Task {
    /// The whole line without its mark.
    pub text: Spanned<String>,
    /// `[x]` stands in front of it.
    pub done: bool,
    /// The mark, `[ ]` or `[x]`; empty where there is none.
    pub mark: Span,
}
