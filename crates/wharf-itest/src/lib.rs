//! Tests of the whole program against scripted vendors and real clients.
//!
//! The tests are in `tests/it`: a gateway on loopback, callers in front of it, and behind it
//! vendors that misbehave as they are told.
