//! MariaDB's GTIDs: `domain-server-number`, for each domain the last one.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::NotGtids;

/// The last transaction of each domain; those before it go without saying.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DomainPositions(BTreeMap<u32, Last>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Last {
    server: u32,
    number: u64,
}

impl DomainPositions {
    /// Whether there is no transaction in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every domain of `other` is at least as far here.
    pub fn covers(&self, other: &Self) -> bool {
        other.0.iter().all(|(domain, theirs)| {
            let mine = self.0.get(domain);
            mine.is_some_and(|mine| mine.number >= theirs.number)
        })
    }

    /// The further of both, in each domain.
    pub fn add(&mut self, other: &Self) {
        for (domain, theirs) in &other.0 {
            let mine = self.0.entry(*domain).or_insert(*theirs);
            if mine.number < theirs.number {
                *mine = *theirs;
            }
        }
    }
}

impl FromStr for DomainPositions {
    type Err = NotGtids;

    fn from_str(text: &str) -> Result<Self, NotGtids> {
        let wrong = || NotGtids(text.to_owned());
        let mut positions = Self::default();
        let parts = text.split(',').map(str::trim);
        for gtid in parts.filter(|part| !part.is_empty()) {
            let mut numbers = gtid.split('-');
            let mut next = || numbers.next().ok_or_else(wrong);
            let (domain, server, number) = (next()?, next()?, next()?);
            let last = Last {
                server: server.parse().map_err(|_| wrong())?,
                number: number.parse().map_err(|_| wrong())?,
            };
            if numbers.next().is_some() {
                return Err(wrong());
            }
            let domain = domain.parse().map_err(|_| wrong())?;
            positions.add(&Self([(domain, last)].into()));
        }
        Ok(positions)
    }
}

impl fmt::Display for DomainPositions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (domain, last)) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            write!(f, "{comma}{domain}-{}-{}", last.server, last.number)?;
        }
        Ok(())
    }
}
