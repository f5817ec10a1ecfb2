//! What is read from DML, and what is not trusted.
