//! How many connections to a server may be opened at the same time.
//!
//! A server that has just come back, with all its clients waiting, must not be met by all of them at
//! once: logins cost it more than statements. After a failure one connection at a time is opened,
//! and each success allows one more.

/// So many at once where nothing fails.
const MOST: u32 = 8;

/// The connections that are being opened.
#[derive(Debug)]
pub(super) struct Ramp {
    opening: u32,
    most: u32,
}

impl Default for Ramp {
    fn default() -> Self {
        Self {
            opening: 0,
            most: MOST,
        }
    }
}

impl Ramp {
    /// How many are being opened.
    pub fn opening(&self) -> u32 {
        self.opening
    }

    /// Whether one more may be opened now.
    pub fn allows(&self) -> bool {
        self.opening < self.most
    }

    /// One begins to be opened.
    pub fn begin(&mut self) {
        self.opening += 1;
    }

    /// One was opened.
    pub fn succeeded(&mut self) {
        self.opening -= 1;
        self.most = (self.most + 1).min(MOST);
    }

    /// One could not be opened.
    pub fn failed(&mut self) {
        self.opening -= 1;
        self.most = 1;
    }

    /// One is not wanted any more.
    pub fn abandoned(&mut self) {
        self.opening -= 1;
    }
}
