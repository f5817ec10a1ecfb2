//! Ids for new rows, as they are written into a column.

/// What a column that gets ids holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdForm {
    /// Whole numbers up to this one.
    Number {
        /// The largest that it holds.
        max: u64,
    },
    /// The 16 bytes of a UUID.
    UuidBytes,
    /// A UUID as a text of 36 characters.
    UuidText,
}

impl IdForm {
    /// Ids are numbers, as AUTO_INCREMENT makes them: a new row's is its statement's insert id.
    pub const fn is_number(self) -> bool {
        matches!(self, Self::Number { .. })
    }
}

/// The id of a new row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewId {
    /// A number.
    Number(u64),
    /// A UUID for a column of bytes.
    UuidBytes([u8; 16]),
    /// A UUID for a column of text.
    UuidText([u8; 16]),
}

impl NewId {
    /// A literal that means the same under every sql_mode and in every character set of clients.
    pub fn put_literal(self, out: &mut Vec<u8>) {
        match self {
            Self::Number(number) => out.extend_from_slice(number.to_string().as_bytes()),
            Self::UuidBytes(id) => {
                out.extend_from_slice(b"0x");
                out.extend_from_slice(hex::encode(id).as_bytes());
            }
            Self::UuidText(id) => {
                out.push(b'\'');
                out.extend_from_slice(&hyphenated(id));
                out.push(b'\'');
            }
        }
    }

    /// The value as a text; `None`: it is none.
    pub fn text(self) -> Option<Vec<u8>> {
        match self {
            Self::Number(number) => Some(number.to_string().into_bytes()),
            Self::UuidBytes(_) => None,
            Self::UuidText(id) => Some(hyphenated(id).to_vec()),
        }
    }
}

/// Ids for the rows of a statement, each one greater than the one before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewIds {
    /// Numbers that follow each other, from this one on.
    Numbers(u64),
    /// UUIDs in a form that is not [`IdForm::Number`].
    Uuids(IdForm, Vec<[u8; 16]>),
}

impl NewIds {
    /// Ids that stand for those to come, where nothing is stored: they have the numbers from `first`
    /// on.
    pub fn examples(form: IdForm, first: u64, count: usize) -> Self {
        if form.is_number() {
            return Self::Numbers(first);
        }
        let id = |number: u64| {
            let mut id = [0; 16];
            let (time, number_bytes) = id.split_at_mut(8);
            time.copy_from_slice(&[0, 0, 0, 0, 0, 0, 0x70, 0]);
            number_bytes.copy_from_slice(&(number | 1 << 63).to_be_bytes());
            id
        };
        Self::Uuids(form, (first..).take(count).map(id).collect())
    }

    /// The ids in their order.
    pub fn iter(&self) -> impl Iterator<Item = NewId> {
        (0..).map_while(|at| self.get(at))
    }

    fn get(&self, at: usize) -> Option<NewId> {
        match self {
            Self::Numbers(first) => {
                let at = u64::try_from(at).ok()?;
                first.checked_add(at).map(NewId::Number)
            }
            Self::Uuids(IdForm::UuidText, ids) => ids.get(at).copied().map(NewId::UuidText),
            Self::Uuids(_, ids) => ids.get(at).copied().map(NewId::UuidBytes),
        }
    }
}

/// As RFC 9562 writes a UUID, in lower case.
fn hyphenated(id: [u8; 16]) -> [u8; 36] {
    let mut out = [0; 36];
    uuid::Uuid::from_bytes(id)
        .hyphenated()
        .encode_lower(&mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const BYTES: [u8; 16] = [
        0x01, 0x93, 0x5b, 0x7e, 0x0a, 0xff, 0x7c, 0x01, 0x80, 0, 0, 0, 0, 0, 0, 0x0f,
    ];

    #[test]
    fn an_id_is_written_as_its_column_holds_it() {
        let text = "01935b7e-0aff-7c01-8000-00000000000f";
        let cases = [
            (NewId::Number(u64::MAX), "18446744073709551615".to_owned()),
            (
                NewId::UuidBytes(BYTES),
                "0x01935b7e0aff7c01800000000000000f".to_owned(),
            ),
            (NewId::UuidText(BYTES), format!("'{text}'")),
        ];
        for (id, expected) in cases {
            let mut out = Vec::new();
            id.put_literal(&mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
        assert_eq!(NewId::UuidText(BYTES).text(), Some(text.into()));
        assert_eq!(NewId::UuidBytes(BYTES).text(), None);
    }

    #[test]
    fn ids_end_where_there_are_no_more() {
        let last = NewIds::Numbers(u64::MAX - 1).iter().collect::<Vec<_>>();
        let expected = [NewId::Number(u64::MAX - 1), NewId::Number(u64::MAX)];
        assert_eq!(last, expected);
        let ids = NewIds::Uuids(IdForm::UuidBytes, vec![BYTES]);
        assert_eq!(ids.iter().collect::<Vec<_>>(), [NewId::UuidBytes(BYTES)]);
        let examples = NewIds::examples(IdForm::UuidText, 7, 2);
        let texts = examples.iter().filter_map(NewId::text);
        let texts: Vec<_> = texts.map(|text| String::from_utf8(text).unwrap()).collect();
        let expected = [
            "00000000-0000-7000-8000-000000000007",
            "00000000-0000-7000-8000-000000000008",
        ];
        assert_eq!(texts, expected);
    }
}
