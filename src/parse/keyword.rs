//! Reserved words: the only bare words that cannot be names, so the only ones whose case may be
//! dropped without mixing up two tables.
//!
//! The list holds what both MySQL 5.7 and MySQL 9 reserve
//! (<https://dev.mysql.com/doc/refman/9.4/en/keywords.html>); a word that only some version
//! reserves may be a table's name on another.

/// What may follow a reserved word, as far as literals depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// An operand or another word: a sign here is a sign, a string here is a value.
    Plain,
    /// The word ends an operand: a sign here is an operator, a string here is an alias.
    Operand,
    /// `NULL`
    Null,
    /// `TRUE` or `FALSE`
    Bool,
    /// `AS`: a string here is a name.
    As,
    /// `IN`: a parenthesis here may open a list of literals.
    In,
    /// `VALUES`: a parenthesis here may open rows of literals.
    Values,
    /// `BY`: an integer here, or behind a comma of its list, may be the number of a select item.
    By,
    /// No item of a list behind `BY` stands behind it.
    EndsBy,
}

/// A reserved word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reserved {
    /// In upper case, blanks behind it.
    pub(super) upper: [u8; WIDTH],
    /// Bytes of the word.
    pub(super) length: u8,
    pub(super) role: Role,
    /// CREATE or ALTER: a stored routine may follow.
    pub(super) opens_definition: bool,
}

/// Room for the longest word and a blank.
const WIDTH: usize = 24;

impl Reserved {
    const fn new(text: &str, role: Role) -> Self {
        let bytes = text.as_bytes();
        let mut upper = [b' '; WIDTH];
        let mut i = 0;
        while i < bytes.len() {
            upper[i] = bytes[i];
            i += 1;
        }
        Self {
            upper,
            length: bytes.len() as u8,
            role,
            opens_definition: matches!(bytes, b"CREATE" | b"ALTER"),
        }
    }

    #[inline]
    fn is(&self, word: &[u8]) -> bool {
        usize::from(self.length) == word.len()
            && self
                .upper
                .iter()
                .zip(word)
                .fold(0, |other, (upper, byte)| other | ((upper ^ byte) & !CASE))
                == 0
    }
}

const SPECIAL: &[(&str, Role)] = &[
    ("NULL", Role::Null),
    ("TRUE", Role::Bool),
    ("FALSE", Role::Bool),
    ("AS", Role::As),
    ("IN", Role::In),
    ("VALUES", Role::Values),
    ("BY", Role::By),
    ("LIMIT", Role::EndsBy),
    ("SELECT", Role::EndsBy),
    ("CURRENT_DATE", Role::Operand),
    ("CURRENT_TIME", Role::Operand),
    ("CURRENT_TIMESTAMP", Role::Operand),
    ("CURRENT_USER", Role::Operand),
    ("DAY_HOUR", Role::Operand),
    ("DAY_MICROSECOND", Role::Operand),
    ("DAY_MINUTE", Role::Operand),
    ("DAY_SECOND", Role::Operand),
    ("DEFAULT", Role::Operand),
    ("HOUR_MICROSECOND", Role::Operand),
    ("HOUR_MINUTE", Role::Operand),
    ("HOUR_SECOND", Role::Operand),
    ("LOCALTIME", Role::Operand),
    ("LOCALTIMESTAMP", Role::Operand),
    ("MAXVALUE", Role::Operand),
    ("MINUTE_MICROSECOND", Role::Operand),
    ("MINUTE_SECOND", Role::Operand),
    ("SECOND_MICROSECOND", Role::Operand),
    ("UTC_DATE", Role::Operand),
    ("UTC_TIME", Role::Operand),
    ("UTC_TIMESTAMP", Role::Operand),
    ("YEAR_MONTH", Role::Operand),
];

#[rustfmt::skip]
const PLAIN: &[&str] = &[
    "ACCESSIBLE", "ADD", "ALL", "ALTER", "ANALYZE", "AND", "ASC", "ASENSITIVE", "BEFORE",
    "BETWEEN", "BIGINT", "BINARY", "BLOB", "BOTH", "CALL", "CASCADE", "CASE", "CHANGE",
    "CHAR", "CHARACTER", "CHECK", "COLLATE", "COLUMN", "CONDITION", "CONSTRAINT", "CONTINUE",
    "CONVERT", "CREATE", "CROSS", "CURSOR", "DATABASE", "DATABASES", "DEC", "DECIMAL", "DECLARE",
    "DELAYED", "DELETE", "DESC", "DESCRIBE", "DETERMINISTIC", "DISTINCT", "DISTINCTROW", "DIV",
    "DOUBLE", "DROP", "DUAL", "EACH", "ELSE", "ELSEIF", "ENCLOSED", "ESCAPED", "EXISTS", "EXIT",
    "EXPLAIN", "FETCH", "FLOAT", "FLOAT4", "FLOAT8", "FOR", "FORCE", "FOREIGN", "FROM",
    "FULLTEXT", "GENERATED", "GET", "GRANT", "GROUP", "HAVING", "HIGH_PRIORITY", "IF", "IGNORE",
    "INDEX", "INFILE", "INNER", "INOUT", "INSENSITIVE", "INSERT", "INT", "INT1", "INT2", "INT3",
    "INT4", "INT8", "INTEGER", "INTERVAL", "INTO", "IO_AFTER_GTIDS", "IO_BEFORE_GTIDS", "IS",
    "ITERATE", "JOIN", "KEY", "KEYS", "KILL", "LEADING", "LEAVE", "LEFT", "LIKE",
    "LINEAR", "LINES", "LOAD", "LOCK", "LONG", "LONGBLOB", "LONGTEXT", "LOOP", "LOW_PRIORITY",
    "MATCH", "MEDIUMBLOB", "MEDIUMINT", "MEDIUMTEXT", "MIDDLEINT", "MOD", "MODIFIES", "NATURAL",
    "NOT", "NO_WRITE_TO_BINLOG", "NUMERIC", "ON", "OPTIMIZE", "OPTIMIZER_COSTS", "OPTION",
    "OPTIONALLY", "OR", "ORDER", "OUT", "OUTER", "OUTFILE", "PARTITION", "PRECISION", "PRIMARY",
    "PROCEDURE", "PURGE", "RANGE", "READ", "READS", "READ_WRITE", "REAL", "REFERENCES", "REGEXP",
    "RELEASE", "RENAME", "REPEAT", "REPLACE", "REQUIRE", "RESIGNAL", "RESTRICT", "RETURN",
    "REVOKE", "RIGHT", "RLIKE", "SCHEMA", "SCHEMAS", "SENSITIVE", "SEPARATOR", "SET",
    "SHOW", "SIGNAL", "SMALLINT", "SPATIAL", "SPECIFIC", "SQL", "SQLEXCEPTION", "SQLSTATE",
    "SQLWARNING", "SQL_BIG_RESULT", "SQL_CALC_FOUND_ROWS", "SQL_SMALL_RESULT", "SSL", "STARTING",
    "STORED", "STRAIGHT_JOIN", "TABLE", "TERMINATED", "THEN", "TINYBLOB", "TINYINT", "TINYTEXT",
    "TO", "TRAILING", "TRIGGER", "UNDO", "UNION", "UNIQUE", "UNLOCK", "UNSIGNED", "UPDATE",
    "USAGE", "USE", "USING", "VARBINARY", "VARCHAR", "VARCHARACTER", "VARYING", "VIRTUAL", "WHEN",
    "WHERE", "WHILE", "WITH", "WRITE", "XOR", "ZEROFILL",
];

const BUCKETS: usize = 1024;

/// Open addressing over [`bucket`]; the table is at most a quarter full.
static TABLE: [Option<Reserved>; BUCKETS] = build();

/// The bit in which a letter's cases differ. Of all bytes that words are made of, only the other
/// case of the same letter differs in it alone from a byte of a reserved word.
const CASE: u8 = 0x20;

const fn bucket(word: &[u8]) -> usize {
    let first = (word[0] & !CASE) as usize;
    let second = (word[1] & !CASE) as usize;
    let last = (word[word.len() - 1] & !CASE) as usize;
    let middle = (word[word.len() / 2] & !CASE) as usize;
    (first * 31 + second * 167 + last * 7 + middle * 59 + word.len() * 613) % BUCKETS
}

const fn build() -> [Option<Reserved>; BUCKETS] {
    let mut table = [None; BUCKETS];
    let mut i = 0;
    while i < PLAIN.len() + SPECIAL.len() {
        let (text, role) = if i < PLAIN.len() {
            (PLAIN[i], Role::Plain)
        } else {
            SPECIAL[i - PLAIN.len()]
        };
        let mut at = bucket(text.as_bytes());
        while table[at].is_some() {
            at = (at + 1) % BUCKETS;
        }
        table[at] = Some(Reserved::new(text, role));
        i += 1;
    }
    table
}

const LONGEST: usize = "SQL_CALC_FOUND_ROWS".len();

/// The reserved word that these bytes spell in any case.
#[inline]
pub(super) fn reserved(word: &[u8]) -> Option<&'static Reserved> {
    if word.len() < 2 || word.len() > LONGEST {
        return None;
    }
    let mut at = bucket(word);
    while let Some(Some(entry)) = TABLE.get(at) {
        if entry.is(word) {
            return Some(entry);
        }
        at = (at + 1) % BUCKETS;
    }
    None
}

/// The character sets that an introducer (`_latin1'x'`) may name.
#[rustfmt::skip]
const CHARSETS: &[&str] = &[
    "utf8mb4", "binary", "latin1", "utf8", "utf8mb3", "armscii8", "ascii", "big5", "cp1250",
    "cp1251", "cp1256", "cp1257", "cp850", "cp852", "cp866", "cp932", "dec8", "eucjpms", "euckr",
    "gb18030", "gb2312", "gbk", "geostd8", "greek", "hebrew", "hp8", "keybcs2", "koi8r", "koi8u",
    "latin2", "latin5", "latin7", "macce", "macroman", "sjis", "swe7", "tis620", "ucs2", "ujis",
    "utf16", "utf16le", "utf32",
];

/// Whether a word is an introducer: `_` and the name of a character set.
pub(super) fn is_introducer(word: &[u8]) -> bool {
    let Some(name) = word.strip_prefix(b"_") else {
        return false;
    };
    CHARSETS
        .iter()
        .any(|charset| charset.as_bytes().eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reserved_word_is_found_in_any_case() {
        for word in PLAIN.iter().chain(SPECIAL.iter().map(|(word, _)| word)) {
            for spelling in [word.to_lowercase(), word.to_uppercase()] {
                let found = reserved(spelling.as_bytes()).unwrap();
                assert!(found.is(word.as_bytes()), "{spelling}");
            }
            assert!(word.len() <= LONGEST, "{word}");
        }
    }

    #[test]
    fn names_are_not_reserved() {
        for word in [
            "a", "id", "users", "status", "rank", "begin", "selec", "select_", "\u{e9}t",
        ] {
            assert!(reserved(word.as_bytes()).is_none(), "{word}");
        }
    }
}
