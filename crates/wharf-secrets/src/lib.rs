//! Credentials from the environment and from files.
