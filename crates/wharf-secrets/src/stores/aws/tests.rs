//! AWS Secrets Manager by scripted answers, and by a server of others.

mod bad;
mod field;
mod life;
mod real;
mod routes;
mod support;
