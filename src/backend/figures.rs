//! How a pool stands.

/// Figures of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolFigures {
    /// Connections idle, busy or being opened.
    pub open: u32,
    /// Those that are idle.
    pub idle: usize,
    /// Statements waiting for one.
    pub waiting: usize,
}

impl PoolFigures {
    /// Connections that are not idle.
    pub fn busy(&self) -> usize {
        (self.open as usize).saturating_sub(self.idle)
    }
}
