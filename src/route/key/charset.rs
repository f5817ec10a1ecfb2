//! What is known of a character set, as far as keys need it.

/// What the bytes of a string mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Charset {
    /// UTF-8 of up to four bytes.
    #[default]
    Utf8mb4,
    /// UTF-8 of up to three bytes.
    Utf8mb3,
    /// Arbitrary bytes that reach the column as they are; the low half is ASCII. For a client:
    /// one such set for both character_set_client and character_set_connection.
    SingleByte,
    /// The low half is ASCII; the high half is converted on the way, or unknown.
    AsciiOnly,
    /// An East Asian set: ASCII, except that `\` and `~` may be other characters.
    Multibyte,
    /// Nothing is certain of it.
    Opaque,
}

/// Eight-bit supersets of ASCII.
const SINGLE_BYTE: [&str; 20] = [
    "ascii", "binary", "cp1250", "cp1251", "cp1256", "cp1257", "cp850", "cp852", "cp866", "greek",
    "hebrew", "koi8r", "koi8u", "latin1", "latin2", "latin5", "latin7", "macce", "macroman",
    "tis620",
];

const MULTIBYTE: [&str; 9] = [
    "big5", "cp932", "eucjpms", "euckr", "gb18030", "gb2312", "gbk", "sjis", "ujis",
];

impl Charset {
    /// The class of one MySQL character set, by its name in any case.
    pub fn named(name: &str) -> Self {
        let is = |other: &&str| name.eq_ignore_ascii_case(other);
        if is(&"utf8mb4") {
            Self::Utf8mb4
        } else if is(&"utf8mb3") || is(&"utf8") {
            Self::Utf8mb3
        } else if SINGLE_BYTE.iter().any(is) {
            Self::SingleByte
        } else if MULTIBYTE.iter().any(is) {
            Self::Multibyte
        } else {
            Self::Opaque
        }
    }

    /// The class of a session's string literals, which arrive in `client`
    /// (character_set_client) and are compared in `connection` (character_set_connection).
    pub fn of_session(client: &str, connection: &str) -> Self {
        let (from, to) = (Self::named(client), Self::named(connection));
        match (from, to) {
            _ if client.eq_ignore_ascii_case(connection) => from,
            (Self::Opaque, _) | (_, Self::Opaque) => Self::Opaque,
            (Self::Multibyte, _) | (_, Self::Multibyte) => Self::Multibyte,
            (Self::Utf8mb4 | Self::Utf8mb3, Self::Utf8mb4 | Self::Utf8mb3) => Self::Utf8mb3,
            _ => Self::AsciiOnly,
        }
    }

    /// Whether these bytes are certainly the ASCII characters that they look like.
    pub fn is_ascii(self, bytes: &[u8]) -> bool {
        match self {
            Self::Opaque => false,
            Self::Multibyte => bytes.iter().all(|b| b.is_ascii() && !b"\\~".contains(b)),
            _ => bytes.is_ascii(),
        }
    }

    /// Whether these bytes, sent in `self`, are in a column of `column` exactly as they are.
    pub fn survives(self, column: Self, bytes: &[u8]) -> bool {
        if self.is_ascii(bytes) {
            return column.is_ascii(bytes);
        }
        let utf8 = [Self::Utf8mb4, Self::Utf8mb3];
        let four_bytes = || bytes.iter().any(|b| *b >= 0xF0);
        utf8.contains(&self)
            && utf8.contains(&column)
            && std::str::from_utf8(bytes).is_ok()
            && (self == Self::Utf8mb4 && column == Self::Utf8mb4 || !four_bytes())
    }
}
