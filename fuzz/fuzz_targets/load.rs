//! A file of LOAD DATA LOCAL: any pieces of it give the same rows, which are cut out of the file in order,
//! and each row alone is that row again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shardwell::rewrite::{FileCharset, FileError, FileFormat, FileRows, Separators};

/// Room for every file.
const LONGEST: usize = 1 << 20;

type Rows = (Vec<Vec<u8>>, Option<FileError>);

fuzz_target!(|input: (Vec<Vec<u8>>, u8, bool, u8, &[u8])| {
    let (said, fields, utf8, size, file) = input;
    let mut said = said.into_iter().map(|mut bytes| {
        bytes.truncate(4);
        Some(bytes)
    });
    let mut next = || said.next().flatten();
    let separators = Separators {
        field: next(),
        enclosed: next(),
        escaped: next(),
        line_start: next(),
        line: next(),
    };
    let charset = match utf8 {
        true => FileCharset::Utf8,
        false => FileCharset::SingleByte,
    };
    let Ok(format) = FileFormat::new(separators, true, charset) else {
        return;
    };
    let fields = usize::from(fields % 5) + 1;
    let whole = cut(&format, fields, std::iter::once(file));
    let pieces = cut(&format, fields, file.chunks(usize::from(size) + 1));
    assert_eq!(whole, pieces);
    let mut rest = file;
    for row in &whole.0 {
        let at = rest.windows(row.len().max(1)).position(|window| window == row);
        let at = at.expect("a row is a piece of the file");
        rest = &rest[at + row.len()..];
        let alone = cut(&format, fields, std::iter::once(&row[..]));
        assert_eq!(alone.0.first(), Some(row));
    }
});

fn cut<'f>(format: &FileFormat, fields: usize, pieces: impl Iterator<Item = &'f [u8]>) -> Rows {
    let wanted = (0..fields).collect();
    let mut rows = FileRows::new(format.clone(), (fields, wanted), (0, LONGEST));
    let mut all = Vec::new();
    let mut take = |rows: &mut FileRows| loop {
        match rows.next_row() {
            Ok(Some(row)) => all.push(row.bytes.to_vec()),
            Ok(None) => return None,
            Err(error) => return Some(error),
        }
    };
    for piece in pieces {
        rows.feed(piece);
        if let Some(error) = take(&mut rows) {
            return (all, Some(error));
        }
    }
    rows.finish();
    let error = take(&mut rows);
    (all, error)
}
