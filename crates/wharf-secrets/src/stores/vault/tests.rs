//! Vault as a script plays it, and the real server.

mod bad;
mod field;
mod leases;
mod logins;
mod real;
mod routes;
mod support;
