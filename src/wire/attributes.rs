//! Query attributes: named values that a client sends beside a statement.

use super::binary::{is_text, skip_binary_value};
use super::codec::Reader;

/// The value of a query attribute that is a string. `attributes` are those of a COM_QUERY as they stand
/// in its packet, see [`QueryCommand`](super::QueryCommand).
pub fn query_attribute<'a>(attributes: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    if attributes.is_empty() {
        return None;
    }
    let mut reader = Reader::new(attributes);
    let count = usize::try_from(reader.lenenc().ok()?).ok()?;
    // One set, and the types behind the bitmap.
    reader.lenenc().ok()?;
    let bitmap = reader.take(count.div_ceil(8)).ok()?;
    reader.u8().ok()?;
    let mut declared = reader.clone();
    for _ in 0..count {
        reader.u16().ok()?;
        reader.lenenc_bytes().ok()?;
    }
    let nulls = bitmap
        .iter()
        .flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1 == 1));
    find_attribute(name, nulls.take(count), &mut declared, &mut reader)
}

/// Looks through types with names, and through the values that are not NULL.
pub(super) fn find_attribute<'a>(
    name: &[u8],
    nulls: impl Iterator<Item = bool>,
    declared: &mut Reader<'a>,
    values: &mut Reader<'a>,
) -> Option<&'a [u8]> {
    for null in nulls {
        let [column_type, _sign] = declared.array().ok()?;
        let found = declared.lenenc_bytes().ok()? == name;
        match null {
            true if found => return None,
            true => {}
            false if found => return is_text(column_type).then(|| values.lenenc_bytes().ok())?,
            false => skip_binary_value(values, column_type).ok()?,
        }
    }
    None
}
