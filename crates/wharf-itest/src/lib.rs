//! Tests of the whole program against scripted vendors and real clients.
