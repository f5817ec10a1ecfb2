//! What each statement is recognised as.
