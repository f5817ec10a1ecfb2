//! Collations by name: how they compare, as far as it can be reproduced.
//!
//! Facts: MySQL 8.4 reference manual, "Unicode Character Sets" and "Collation Pad Attribute";
//! MariaDB knowledge base, "Supported Character Sets and Collations" (`nopad`, `uca1400`).

use super::column::{ColumnFacts, Folding, KeyCollation, KeyTypeRefused};

const PAD: bool = true;
const NO_PAD: bool = false;

/// Collations of the Unicode character sets, without the character set's name. In the neutral
/// ones no printable ASCII character is ignored, expanded or contracted.
const UNICODE: &[(&str, Folding, bool)] = &[
    ("bin", Folding::Exact, PAD),
    ("nopad_bin", Folding::Exact, NO_PAD),
    ("0900_bin", Folding::Exact, NO_PAD),
    ("general_ci", Folding::AsciiCase, PAD),
    ("general_nopad_ci", Folding::AsciiCase, NO_PAD),
    ("unicode_ci", Folding::AsciiCase, PAD),
    ("unicode_nopad_ci", Folding::AsciiCase, NO_PAD),
    ("unicode_520_ci", Folding::AsciiCase, PAD),
    ("unicode_520_nopad_ci", Folding::AsciiCase, NO_PAD),
    ("0900_ai_ci", Folding::AsciiCase, NO_PAD),
    ("0900_as_ci", Folding::AsciiCase, NO_PAD),
    ("0900_as_cs", Folding::AsciiExact, NO_PAD),
    ("uca1400_ai_ci", Folding::AsciiCase, PAD),
    ("uca1400_as_ci", Folding::AsciiCase, PAD),
    ("uca1400_ai_cs", Folding::AsciiExact, PAD),
    ("uca1400_as_cs", Folding::AsciiExact, PAD),
    ("uca1400_nopad_ai_ci", Folding::AsciiCase, NO_PAD),
    ("uca1400_nopad_as_ci", Folding::AsciiCase, NO_PAD),
    ("uca1400_nopad_ai_cs", Folding::AsciiExact, NO_PAD),
    ("uca1400_nopad_as_cs", Folding::AsciiExact, NO_PAD),
];

const LATIN1: &[(&str, Folding, bool)] = &[
    ("bin", Folding::Exact, PAD),
    ("nopad_bin", Folding::Exact, NO_PAD),
    ("swedish_ci", Folding::AsciiCase, PAD),
    ("swedish_nopad_ci", Folding::AsciiCase, NO_PAD),
    ("general_ci", Folding::AsciiCase, PAD),
    ("general_cs", Folding::AsciiExact, PAD),
];

const ASCII: &[(&str, Folding, bool)] = &[
    ("bin", Folding::Exact, PAD),
    ("nopad_bin", Folding::Exact, NO_PAD),
    ("general_ci", Folding::AsciiCase, PAD),
    ("general_nopad_ci", Folding::AsciiCase, NO_PAD),
];

/// How a character column compares.
///
/// # Errors
/// Its collation has rules of a language (contractions, tailorings), or its character set
/// is not among the common ones.
pub(super) fn key_collation(column: &ColumnFacts<'_>) -> Result<KeyCollation, KeyTypeRefused> {
    let (Some(charset), Some(collation)) = (column.charset, column.collation) else {
        return Err(KeyTypeRefused::new("the column's collation is not known"));
    };
    let known = match charset {
        "utf8mb4" | "utf8mb3" | "utf8" => UNICODE,
        "latin1" => LATIN1,
        "ascii" => ASCII,
        _ => {
            let reason = format!(
                "character set {charset}: a sharding key needs utf8mb4, utf8mb3, latin1 or ascii"
            );
            return Err(KeyTypeRefused::new(reason));
        }
    };
    let suffix = own_part(charset, collation);
    let found = known.iter().find(|(name, ..)| Some(*name) == suffix);
    let Some((_, folding, pad_space)) = found else {
        return Err(refused(charset, collation));
    };
    Ok(KeyCollation {
        name: collation.to_owned(),
        charset: charset.to_owned(),
        pad_space: *pad_space,
        folding: *folding,
    })
}

/// The collation's name without its character set's. `utf8` and `utf8mb3` are one, and versions
/// mix the two names; MariaDB may leave the character set out of `uca1400_…`.
fn own_part<'a>(charset: &str, collation: &'a str) -> Option<&'a str> {
    if collation.starts_with("uca1400_") {
        return Some(collation);
    }
    let (prefix, suffix) = collation.split_once('_')?;
    let folded = |name| if name == "utf8" { "utf8mb3" } else { name };
    (folded(prefix) == folded(charset)).then_some(suffix)
}

fn refused(charset: &str, collation: &str) -> KeyTypeRefused {
    let neutral = match charset {
        "latin1" => "latin1_swedish_ci",
        "ascii" => "ascii_general_ci",
        "utf8mb4" => "utf8mb4_0900_ai_ci or utf8mb4_general_ci",
        _ => "utf8mb3_general_ci",
    };
    KeyTypeRefused::new(format!(
        "collation {collation}: what it holds equal cannot be reproduced outside MySQL; \
         use {charset}_bin, or the neutral {neutral}"
    ))
}

/// The collation that a MySQL server gives to a character set without one.
pub(super) fn default_collation(charset: &str) -> Option<&'static str> {
    Some(match charset {
        "utf8mb4" => "utf8mb4_0900_ai_ci",
        "utf8" | "utf8mb3" => "utf8mb3_general_ci",
        "latin1" => "latin1_swedish_ci",
        "ascii" => "ascii_general_ci",
        _ => return None,
    })
}
