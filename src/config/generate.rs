//! `generate = { … }`: what gives a table's rows their ids.

/// A column that is filled where an INSERT leaves it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GenerateConfig {
    /// The column's name, in lower case.
    pub column: String,
    /// What its ids are made of.
    pub kind: IdKind,
}

/// What ids are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IdKind {
    /// Time, the proxy's worker number, and a count within the millisecond.
    Snowflake,
    /// Numbers from a table on a server, a block at a time.
    Segment {
        /// How many numbers a proxy takes at a time.
        block: u32,
        /// The first number that was ever given.
        start: u64,
    },
    /// UUIDs of version 7: time and random bits.
    UuidV7,
}

impl IdKind {
    /// As in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Snowflake => "snowflake",
            Self::Segment { .. } => "segment",
            Self::UuidV7 => "uuid_v7",
        }
    }
}
