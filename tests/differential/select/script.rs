//! Files of statements.
//!
//! A statement ends with `;`; in a file without any, each line is one. Lines that begin with `#` are
//! comments. Those that begin with `#:` say something about the next statement, separated by commas:
//!
//! - `error N`: the plain server must answer with this error;
//! - `empty`: the answer may have no rows;
//! - `mysql`, `mariadb`: for this server alone;
//! - `folded`: which of several equal strings is answered is not fixed ('a', 'A');
//! - `list`: the order inside of a list is not fixed (GROUP_CONCAT, JSON_ARRAYAGG);
//! - `count`: only the number of rows is fixed;
//! - `names`: types and lengths of the columns are not compared;
//! - `fewer`: warnings may be missing.
//!
//! `#: file …` says it about all statements of the file.

use std::path::Path;

use shardwell::cli::demo::program::Flavor;

use super::scan::{Kind, tokens};

/// What may differ in rows that are equal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct View {
    pub folded: bool,
    pub list: bool,
    pub count: bool,
    pub names: bool,
    /// Not all warnings are told.
    pub fewer: bool,
    /// Which warnings there are depends on which rows a server looks at.
    pub silent: bool,
}

/// What a file says about a statement.
#[derive(Clone, Copy, Debug, Default)]
pub struct Marks {
    pub error: Option<u16>,
    pub empty: bool,
    pub only: Option<Flavor>,
    pub view: View,
}

impl Marks {
    fn add(&mut self, note: &str) {
        match note.split_once(' ').unwrap_or((note, "")) {
            ("error", code) => self.error = Some(code.parse().expect(note)),
            ("empty", "") => self.empty = true,
            ("mysql", "") => self.only = Some(Flavor::MySql),
            ("mariadb", "") => self.only = Some(Flavor::MariaDb),
            ("folded", "") => self.view.folded = true,
            ("list", "") => self.view.list = true,
            ("count", "") => self.view.count = true,
            ("names", "") => self.view.names = true,
            ("fewer", "") => self.view.fewer = true,
            _ => panic!("what is '{note}'?"),
        }
    }
}

pub struct Statement {
    /// From 1.
    pub line: usize,
    pub text: String,
    pub marks: Marks,
}

/// A file's statements.
pub struct Script {
    pub name: String,
    pub statements: Vec<Statement>,
}

impl Script {
    pub fn read(path: &Path) -> Self {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(path).expect("a file of statements");
        let mut everywhere = Marks::default();
        let pieces = split(&text).into_iter();
        let statements = pieces.map(|piece| {
            let mut marks = everywhere;
            for note in &piece.notes {
                match note.strip_prefix("file ") {
                    Some(note) => {
                        everywhere.add(note);
                        marks.add(note);
                    }
                    None => marks.add(note),
                }
            }
            Statement {
                line: piece.line,
                text: piece.text,
                marks,
            }
        });
        let statements = statements.collect();
        Self { name, statements }
    }
}

/// The files that a path names: itself, or the `.sql` files of a folder in the order of their names.
pub fn scripts(path: &Path) -> Vec<Script> {
    if !path.is_dir() {
        return vec![Script::read(path)];
    }
    let entries = std::fs::read_dir(path).expect("a folder of statements");
    let paths = entries.map(|entry| entry.unwrap().path());
    let is_script = |path: &std::path::PathBuf| path.extension().is_some_and(|kind| kind == "sql");
    let mut paths: Vec<_> = paths.filter(is_script).collect();
    paths.sort();
    paths.iter().map(|path| Script::read(path)).collect()
}

/// A statement and the notes in front of it.
pub struct Piece {
    pub line: usize,
    pub text: String,
    pub notes: Vec<String>,
}

/// Cuts a file into statements.
pub fn split(text: &str) -> Vec<Piece> {
    let all = tokens(text);
    let by_line = !all.iter().any(|token| token.is_symbol(";"));
    let mut pieces = Vec::new();
    let mut notes = Vec::new();
    let mut begun: Option<(usize, usize)> = None;
    for token in &all {
        let line_ends = |from: usize| text[from..token.start].contains('\n');
        if by_line && let Some((start, end)) = begun.take_if(|(_, end)| line_ends(*end)) {
            pieces.push(piece(text, start, end, &mut notes));
        }
        if token.is_symbol(";") {
            if let Some((start, _)) = begun.take() {
                pieces.push(piece(text, start, token.start, &mut notes));
            }
        } else if let Some((_, end)) = &mut begun {
            *end = token.end();
        } else if token.kind != Kind::Comment || token.text.starts_with("/*") {
            begun = Some((token.start, token.end()));
        } else if let Some(note) = token.text.strip_prefix("#:") {
            notes.extend(note.split(',').map(|part| part.trim().to_owned()));
        }
    }
    if let Some((start, end)) = begun {
        pieces.push(piece(text, start, end, &mut notes));
    }
    pieces
}

fn piece(text: &str, start: usize, end: usize, notes: &mut Vec<String>) -> Piece {
    Piece {
        line: 1 + text[..start].matches('\n').count(),
        text: text[start..end].trim_end().to_owned(),
        notes: std::mem::take(notes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_cut_into_statements() {
        let texts =
            |text| -> Vec<String> { split(text).into_iter().map(|piece| piece.text).collect() };
        let cases: [(&str, &[&str]); 5] = [
            ("SELECT 1\n# it's\n\nSELECT 2\n", &["SELECT 1", "SELECT 2"]),
            ("SELECT 1;SELECT 2;", &["SELECT 1", "SELECT 2"]),
            (
                "SELECT ';' -- ;\n, 2;\n-- ;\nSELECT 3",
                &["SELECT ';' -- ;\n, 2", "SELECT 3"],
            ),
            ("/* a; */ SELECT\n`;`;", &["/* a; */ SELECT\n`;`"]),
            (" ; # nothing;\n;", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(texts(text), expected, "{text}");
        }
        let pieces = split("#: error 5, mysql\nSELECT\n1;\n\nSELECT 2;");
        assert_eq!(pieces[0].notes, ["error 5", "mysql"]);
        assert_eq!((pieces[1].line, pieces[1].notes.len()), (5, 0));
    }
}
