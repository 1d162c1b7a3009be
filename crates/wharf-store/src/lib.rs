//! What must survive a restart, behind one handle.
