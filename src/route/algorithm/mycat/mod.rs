//! The rules of Mycat 1.6 (`rule.xml`): existing data stays where Mycat put it.
//!
//! One file per class of `io.mycat.route.function`. Facts: the classes' sources at
//! MyCATApache/Mycat-Server 243539fb. Mycat places the literal's text; integers are taken here as
//! their digits, strings as they are. Mycat cuts blanks and quotes off the ends of a string before
//! it looks at it ([`text`]), in some versions only: such strings have no place.

mod crc32_slot;
mod date;
mod file_map;
mod jump_consistent_hash;
mod long;
mod map;
mod modulo;
mod month;
mod murmur;
mod murmur_hash;
mod pattern;
mod prefix_pattern;
mod range_long;
mod segments;
mod string;
mod text;

use super::Constructor;

/// Every rule by its name in the configuration.
pub(super) const ALGORITHMS: [(&str, Constructor); 12] = [
    (modulo::NAME, modulo::build),
    (crc32_slot::NAME, crc32_slot::build),
    (murmur::NAME, murmur::build),
    (jump_consistent_hash::NAME, jump_consistent_hash::build),
    (range_long::NAME, range_long::build),
    (file_map::NAME, file_map::build),
    (long::NAME, long::build),
    (string::NAME, string::build),
    (pattern::NAME, pattern::build),
    (prefix_pattern::NAME, prefix_pattern::build),
    (date::NAME, date::build),
    (month::NAME, month::build),
];

#[cfg(test)]
mod tests;
