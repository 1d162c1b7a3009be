//! The vendor simulator, made from the documents.
