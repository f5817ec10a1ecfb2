//! How a pool stands.

/// Figures of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolFigures {
    /// Connections idle, busy or being opened.
    pub open: u32,
    /// Those that are idle.
    pub idle: usize,
    /// Those that are being opened.
    pub opening: u32,
    /// Statements waiting for one.
    pub waiting: usize,
    /// How many connections there may be.
    pub most: u32,
    /// How many statements may wait.
    pub most_waiting: u32,
}

impl PoolFigures {
    /// Connections that somebody uses.
    pub fn busy(&self) -> usize {
        (self.open.saturating_sub(self.opening) as usize).saturating_sub(self.idle)
    }
}
