//! Proofs over what is stored.
