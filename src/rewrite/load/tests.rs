//! Where rows are cut: by examples, and against the servers' own algorithm written down plainly.

use proptest::prelude::*;

use super::*;

fn format(said: Separators) -> FileFormat {
    FileFormat::new(said, true, FileCharset::Utf8).unwrap()
}

fn csv() -> Separators {
    Separators {
        field: Some(b",".to_vec()),
        enclosed: Some(b"\"".to_vec()),
        ..Separators::default()
    }
}

/// A row's bytes and the values of its fields, `None` for NULL.
type Row = (Vec<u8>, Vec<Option<Vec<u8>>>);

/// All rows of a file that comes in these pieces.
fn cut(format: &FileFormat, fields: usize, ignore: u64, pieces: &[&[u8]]) -> Vec<Row> {
    let all = (0..fields).collect();
    let mut rows = FileRows::new(format.clone(), (fields, all), (ignore, usize::MAX));
    let mut cut = Vec::new();
    let mut take = |rows: &mut FileRows| {
        while let Some(row) = rows.next_row().unwrap() {
            let taken = row.taken.iter().flatten().map(|field| field.value.clone());
            cut.push((row.bytes.to_vec(), taken.collect()));
        }
    };
    for piece in pieces {
        rows.feed(piece);
        take(&mut rows);
    }
    rows.finish();
    take(&mut rows);
    cut
}

/// The same as text; NULL is `~`.
fn told(said: Separators, (fields, ignore): (usize, u64), file: &str) -> Vec<String> {
    let rows = cut(&format(said), fields, ignore, &[file.as_bytes()]);
    let value = |value: &Option<Vec<u8>>| match value {
        Some(bytes) => String::from_utf8(bytes.clone()).unwrap(),
        None => "~".to_owned(),
    };
    let row = |(_, values): &Row| values.iter().map(value).collect::<Vec<_>>().join("|");
    rows.iter().map(row).collect()
}

fn check(said: Separators, cases: &[((usize, u64), &str, &[&str])]) {
    for (fields, file, expected) in cases {
        assert_eq!(told(said.clone(), *fields, file), *expected, "{file:?}");
    }
}

#[test]
fn fields_are_read_as_the_manual_says() {
    let tabs = Separators::default();
    check(
        tabs,
        &[
            ((2, 0), "1\ta\n2\tb\n", &["1|a", "2|b"]),
            ((2, 0), "1\ta\n2\tb", &["1|a", "2|b"]),
            ((2, 0), "1\n\n3\tc\td\n", &["1", "", "3|c"]),
            ((2, 0), "\\N\tN\\N\n1\ta\\\tb\\n", &["~|NN", "1|a\tb\n"]),
            ((1, 0), "NULL\nö\\ä\n", &["NULL", "öä"]),
        ],
    );
    check(
        csv(),
        &[
            ((2, 0), "1,\"a,\nb\"\n\"2\",NULL\n", &["1|a,\nb", "2|~"]),
            ((2, 0), "1,\"a\"\"b\"\n2,\"a\"b\"\n", &["1|a\"b", "2|a\"b"]),
            (
                (2, 0),
                "1,a\"b\n2,\"open\n3,c\n",
                &["1|a\"b", "2|\"open\n3,c\n"],
            ),
            ((2, 0), "\"NULL\",\"\\N\"\n", &["NULL|~"]),
            ((1, 0), "1,\"x\ny\"\n2\n", &["1", "y\"", "2"]),
            ((2, 1), "id,\"na\nme\"\n1,a\n", &["me\"", "1|a"]),
        ],
    );
}

#[test]
fn separators_are_what_the_statement_says() {
    let mut said = csv();
    said.escaped = Some(b"\"".to_vec());
    check(
        said,
        &[((2, 0), "\"a\"\"b\",\"c\"\n1,\"d\"", &["a\"b|c", "1|\"d\""])],
    );
    let mut said = csv();
    said.line_start = Some(b"xxx".to_vec());
    let file = "xxxa,1\nsomething xxxb,2\nnothing\nxxxxc,3\nxxx";
    check(said, &[((2, 0), file, &["a|1", "b|2", "xc|3"])]);
    let said = Separators {
        field: Some(b"<->".to_vec()),
        line: Some(b"\r\n".to_vec()),
        ..Separators::default()
    };
    let file = "1<->a\n<-b\r\n2<->c\r\r\n";
    check(said, &[((2, 0), file, &["1|a\n<-b", "2|c\r"])]);
    let mut said = csv();
    said.escaped = Some(Vec::new());
    check(said, &[((2, 0), "1,a\\\n2,\\N\n", &["1|a\\", "2|\\N"])]);
    let mut said = csv();
    said.line = Some(b",".to_vec());
    check(said, &[((2, 0), "1,a,2,\"b,c\",3", &["1|a", "2|b,c", "3"])]);
}

#[test]
fn what_servers_cut_differently_is_an_error() {
    let rows = |fields, file: &[u8]| {
        let mut rows = FileRows::new(format(csv()), (fields, vec![]), (0, 1000));
        rows.feed(file);
        rows.finish();
        loop {
            match rows.next_row() {
                Ok(Some(_)) => {}
                Ok(None) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    };
    assert_eq!(rows(2, b"1,\xE9\n2,b\n"), Ok(()));
    let unclear = |row| Err(FileError::NotUtf8 { row });
    assert_eq!(rows(1, b"1\n2,\xE9\n3\n"), unclear(2));
    assert_eq!(rows(2, b"1,\\\xE9\n2,b\n"), unclear(1));
}

#[test]
fn a_row_that_does_not_end_is_an_error_once_it_is_too_long() {
    let mut rows = FileRows::new(format(csv()), (2, vec![0]), (0, 100));
    rows.feed(b"1,a\n");
    assert!(matches!(rows.next_row(), Ok(Some(_))));
    for _ in 0..100 {
        rows.feed(b"\"long\n");
        if let Err(error) = rows.next_row() {
            assert_eq!(error, FileError::TooLong { row: 2 });
            assert!(matches!(rows.next_row(), Ok(None)));
            return;
        }
    }
    panic!("a row of 600 bytes passed");
}

#[test]
fn formats_that_cannot_be_cut_are_refused() {
    let of = |change: fn(&mut Separators)| {
        let mut said = csv();
        change(&mut said);
        FileFormat::new(said, true, FileCharset::Utf8)
    };
    let fixed = of(|said| {
        said.field = Some(Vec::new());
        said.enclosed = None;
    });
    assert_eq!(fixed, Err(FormatError::FixedWidth));
    let long = of(|said| said.escaped = Some(b"ab".to_vec()));
    assert_eq!(long, Err(FormatError::Separator));
    let high = of(|said| said.field = Some("§".into()));
    assert_eq!(high, Err(FormatError::NotAscii));
    let twice = of(|said| said.escaped = Some(b",".to_vec()));
    assert_eq!(twice, Err(FormatError::Ambiguous));
}

/// What the servers do, with one byte at a time and a stack of bytes that are looked at again.
struct Servers<'a> {
    format: &'a FileFormat,
    file: &'a [u8],
    at: usize,
    end_of_line: bool,
    end_of_file: bool,
}

impl Servers<'_> {
    fn get(&mut self) -> Option<u8> {
        let byte = self.file.get(self.at).copied();
        self.at += 1;
        byte
    }

    fn back(&mut self) {
        self.at -= 1;
    }

    fn terminator(&mut self, whole: &[u8]) -> bool {
        let here = self.at;
        for byte in whole.iter().skip(1) {
            if self.get() != Some(*byte) {
                self.at = here;
                return false;
            }
        }
        true
    }

    fn starts(&self, whole: &[u8], byte: u8) -> bool {
        whole.first() == Some(&byte)
    }

    fn read_field(&mut self) -> Option<Option<Vec<u8>>> {
        if self.end_of_line {
            return None;
        }
        let Some(first) = self.get() else {
            self.end();
            return None;
        };
        let (mut value, mut null) = (Vec::new(), false);
        let quote = self.format.enclosed.filter(|quote| *quote == first);
        match quote {
            Some(quote) => value.push(quote),
            None => self.back(),
        }
        let enclosed = self.rest_of_field(quote, &mut value, &mut null);
        if enclosed {
            value.remove(0);
        }
        let word = !enclosed && self.format.enclosed.is_some() && value == b"NULL";
        Some((!(word || null && value.len() == 1)).then_some(value))
    }

    fn end(&mut self) {
        (self.end_of_line, self.end_of_file) = (true, true);
    }

    fn rest_of_field(&mut self, quote: Option<u8>, value: &mut Vec<u8>, null: &mut bool) -> bool {
        let format = self.format;
        loop {
            let Some(mut byte) = self.get() else {
                self.end();
                return false;
            };
            if Some(byte) == format.escaped {
                let Some(next) = self.get() else {
                    value.push(byte);
                    self.end();
                    return false;
                };
                if format.escaped != format.enclosed || next == byte {
                    *null |= next == b'N';
                    let plain = b"ntrb0Z".iter().position(|known| *known == next);
                    let plain = plain.and_then(|at| b"\n\t\r\x08\0\x1A".get(at).copied());
                    value.push(plain.unwrap_or(next));
                    continue;
                }
                self.back();
                byte = format.escaped.unwrap();
            }
            if quote.is_none() && self.starts(&format.line, byte) && self.terminator(&format.line) {
                self.end_of_line = true;
                return false;
            }
            if Some(byte) == quote {
                let Some(next) = self.get() else {
                    self.end_of_line = true;
                    return true;
                };
                if Some(next) == quote {
                    value.push(byte);
                    continue;
                }
                if self.starts(&format.line, next) && self.terminator(&format.line) {
                    self.end_of_line = true;
                    return true;
                }
                if self.starts(&format.field, next) && self.terminator(&format.field) {
                    return true;
                }
                self.back();
            } else if quote.is_none()
                && self.starts(&format.field, byte)
                && self.terminator(&format.field)
            {
                return false;
            }
            value.push(byte);
        }
    }

    fn next_line(&mut self) -> bool {
        if self.end_of_line || self.end_of_file {
            self.end_of_line = false;
            return self.end_of_file;
        }
        if self.format.line.is_empty() {
            return false;
        }
        loop {
            let Some(byte) = self.get() else {
                self.end_of_file = true;
                return true;
            };
            if Some(byte) == self.format.escaped {
                if self.get().is_none() {
                    return true;
                }
            } else if self.starts(&self.format.line, byte) && self.terminator(&self.format.line) {
                return false;
            }
        }
    }

    fn find_start(&mut self) -> bool {
        let start = &self.format.line_start;
        let rest = self.file.get(self.at..).unwrap_or_default();
        let found = (0..rest.len()).find(|at| rest[*at..].starts_with(start));
        match found {
            Some(found) => {
                self.at += found + start.len();
                true
            }
            None => start.is_empty(),
        }
    }

    fn rows(mut self, fields: usize, ignore: u64) -> Vec<Vec<Option<Vec<u8>>>> {
        let mut rows = Vec::new();
        for _ in 0..ignore {
            if !self.format.line.is_empty() && self.next_line() {
                break;
            }
        }
        loop {
            if self.end_of_file || !self.find_start() {
                return rows;
            }
            let mut row = Vec::new();
            while row.len() < fields
                && let Some(field) = self.read_field()
            {
                row.push(field);
            }
            if row.is_empty() {
                return rows;
            }
            rows.push(row);
            if self.next_line() {
                return rows;
            }
        }
    }
}

fn separators() -> impl Strategy<Value = Separators> {
    let one_of = |all: &'static [&'static str]| {
        prop::option::of(prop::sample::select(all))
            .prop_map(|one| one.map(|s| s.as_bytes().to_vec()))
    };
    (
        one_of(&[",", "a", "ab", "aab", "\t"]),
        one_of(&["\"", "'", ""]),
        one_of(&["\\", "", "\"", "'"]),
        one_of(&["", "x", "xxa", "xax"]),
        one_of(&["\n", "\r\n", "b", "ba", ","]),
    )
        .prop_map(|(field, enclosed, escaped, line_start, line)| Separators {
            field,
            enclosed,
            escaped,
            line_start,
            line,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn rows_are_cut_where_servers_cut_them_whatever_pieces_come(
        said in separators(),
        file in proptest::string::string_regex("[abx,\t\"'\\\\N\n\r]{0,40}").unwrap(),
        (fields, ignore) in (1..4usize, 0..3u64),
        sizes in prop::collection::vec(1..9usize, 1..8),
    ) {
        let Ok(format) = FileFormat::new(said, true, FileCharset::SingleByte) else {
            return Ok(());
        };
        let file = file.as_bytes();
        let servers = Servers { format: &format, file, at: 0, end_of_line: false, end_of_file: false };
        let expected = servers.rows(fields, ignore);
        let whole = cut(&format, fields, ignore, &[file]);
        let values: Vec<_> = whole.iter().map(|(_, values)| values.clone()).collect();
        prop_assert_eq!(&values, &expected);

        let mut pieces = Vec::new();
        let mut rest = file;
        for size in sizes.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, more) = rest.split_at((*size).min(rest.len()));
            pieces.push(piece);
            rest = more;
        }
        prop_assert_eq!(&cut(&format, fields, ignore, &pieces), &whole);

        // What each server gets of it, it reads as the same rows.
        for odd in [false, true] {
            let mine = |at: &usize| at % 2 == usize::from(odd);
            let kept: Vec<usize> = (0..whole.len()).filter(mine).collect();
            let part: Vec<u8> = kept.iter().flat_map(|at| whole[*at].0.clone()).collect();
            let servers = Servers { format: &format, file: &part, at: 0, end_of_line: false, end_of_file: false };
            let rows: Vec<_> = kept.iter().map(|at| expected[*at].clone()).collect();
            prop_assert_eq!(servers.rows(fields, 0), rows);
        }
    }
}
