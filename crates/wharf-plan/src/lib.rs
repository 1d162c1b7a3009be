//! A workspace of integrations compiled into one immutable plan.
