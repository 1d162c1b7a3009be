//! Steps, and taking them back.
