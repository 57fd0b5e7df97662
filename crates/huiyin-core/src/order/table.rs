//! The state table of the manual, printed from the code.
