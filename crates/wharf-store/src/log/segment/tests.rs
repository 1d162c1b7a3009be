//! Frames that are whole, and others.
