//! The kind of a statement, as operators tell them apart.

macro_rules! verbs {
    ($($(#[$doc:meta])* $name:ident = $label:literal,)*) => {
        /// What a statement does.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub enum Verb { $($(#[$doc])* $name,)* }

        impl Verb {
            /// All of them, in their order.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its name in metrics and logs.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$name => $label,)* }
            }
        }
    };
}

verbs! {
    /// SELECT, TABLE, VALUES
    Select = "select",
    /// INSERT
    Insert = "insert",
    /// REPLACE
    Replace = "replace",
    /// UPDATE
    Update = "update",
    /// DELETE
    Delete = "delete",
    /// LOAD DATA
    Load = "load",
    /// CALL
    Call = "call",
    /// CREATE, ALTER, DROP, RENAME, TRUNCATE
    Ddl = "ddl",
    /// BEGIN, COMMIT, ROLLBACK, SAVEPOINT, XA, …
    Transaction = "transaction",
    /// SET
    Set = "set",
    /// SHOW, DESCRIBE, EXPLAIN
    Show = "show",
    /// Everything else, and what cannot be read.
    #[default]
    Other = "other",
}
