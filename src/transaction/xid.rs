//! The names of transactions and of their branches.
//!
//! An XA identifier has a format number, a global part of up to 64 bytes and a branch part of up to
//! 64 bytes. Ours say everything that recovery needs: the global part names the transaction, the
//! branch part the replica set that decides and the branch's number. Both are plain ASCII.

use std::fmt;

/// The format number of our identifiers: `SWL1` in ASCII.
pub const FORMAT: u32 = 0x5357_4C31;

/// The length of a transaction's name, and of an identity.
const HEX: usize = 32;

/// A transaction's name, unique among all proxies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Gtrid {
    /// The proxy process, drawn at random when it starts.
    pub instance: u64,
    /// The transaction's number there.
    pub number: u64,
}

impl fmt::Display for Gtrid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{:016x}", self.instance, self.number)
    }
}

impl Gtrid {
    /// From 32 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let (instance, number) = text.split_at_checked(HEX / 2)?;
        Some(Self {
            instance: hexadecimal(instance, HEX / 2)?,
            number: hexadecimal(number, HEX / 2)?,
        })
    }
}

/// Which replica set it is, whatever configurations and addresses call it: a number that was drawn
/// at random and stands in the proxy's own database there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity {
    high: u64,
    low: u64,
}

impl Identity {
    /// From a random number.
    pub const fn new(high: u64, low: u64) -> Self {
        Self { high, low }
    }

    /// From 32 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let (high, low) = text.split_at_checked(HEX / 2)?;
        Some(Self {
            high: hexadecimal(high, HEX / 2)?,
            low: hexadecimal(low, HEX / 2)?,
        })
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{:016x}", self.high, self.low)
    }
}

/// Lower-case digits only, exactly `digits` of them: every number has one spelling.
fn hexadecimal(text: &str, digits: usize) -> Option<u64> {
    let exact = text.len() == digits
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    exact.then(|| u64::from_str_radix(text, 16).ok()).flatten()
}

/// A branch of a transaction on one server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Xid {
    /// The transaction.
    pub gtrid: Gtrid,
    /// The replica set whose decision table decides.
    pub home: Identity,
    /// The branch's number within the transaction.
    pub branch: u32,
}

/// As it stands in XA statements.
impl fmt::Display for Xid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            gtrid,
            home,
            branch,
        } = self;
        write!(f, "'{gtrid}','{home}-{branch}',{FORMAT}")
    }
}

impl Xid {
    /// From a row of XA RECOVER: format number, the lengths of both parts, both parts. `None`: it is
    /// none of ours.
    pub fn of_row(row: &[Option<Vec<u8>>]) -> Option<Self> {
        let [Some(format), Some(global), Some(branch), Some(data)] = row else {
            return None;
        };
        let number = |text: &[u8]| -> Option<u32> { std::str::from_utf8(text).ok()?.parse().ok() };
        let data = std::str::from_utf8(data).ok()?;
        let (global, branch) = (number(global)? as usize, number(branch)? as usize);
        if number(format)? != FORMAT || data.len() != global.checked_add(branch)? {
            return None;
        }
        let (gtrid, branch) = data.split_at_checked(global)?;
        let (home, branch) = branch.split_once('-')?;
        let xid = Self {
            gtrid: Gtrid::parse(gtrid)?,
            home: Identity::parse(home)?,
            branch: branch.parse().ok()?,
        };
        // A spelling of the number that is not ours would not be found under our name.
        (branch == xid.branch.to_string()).then_some(xid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(format: &str, global: &str, branch: &str, data: &str) -> Vec<Option<Vec<u8>>> {
        let cell = |text: &str| Some(text.as_bytes().to_vec());
        vec![cell(format), cell(global), cell(branch), cell(data)]
    }

    const GTRID: &str = "00000000000000ff0000000000000007";
    const HOME: &str = "0123456789abcdef00000000deadbeef";

    #[test]
    fn a_branch_is_found_again_in_what_xa_recover_lists() {
        let format = FORMAT.to_string();
        let xid = Xid {
            gtrid: Gtrid {
                instance: 255,
                number: 7,
            },
            home: Identity::new(0x0123_4567_89ab_cdef, 0xdead_beef),
            branch: 12,
        };
        assert_eq!(xid.to_string(), format!("'{GTRID}','{HOME}-12',{format}"));
        let listed = row(&format, "32", "35", &format!("{GTRID}{HOME}-12"));
        assert_eq!(Xid::of_row(&listed), Some(xid));
    }

    #[test]
    fn the_branches_of_others_are_left_alone() {
        let ours = FORMAT.to_string();
        let upper = HOME.to_uppercase();
        let cases = [
            row("1", "32", "34", &format!("{GTRID}{HOME}-1")),
            row(&ours, "3", "3", "abcdef"),
            row(&ours, "32", "34", &format!("{GTRID}{upper}-1")),
            row(&ours, "32", "35", &format!("{GTRID}{HOME}-01")),
            row(&ours, "32", "35", &format!("{GTRID}{HOME}-+1")),
            row(&ours, "32", "33", &format!("{GTRID}{HOME}-")),
            row(&ours, "33", "34", &format!("{GTRID}{HOME}-1")),
            row(&ours, "4294967295", "4294967295", "x"),
            vec![None, None, None, None],
            Vec::new(),
        ];
        for case in cases {
            assert_eq!(Xid::of_row(&case), None, "{case:?}");
        }
    }
}
