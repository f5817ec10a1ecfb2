//! docs/configuration-reference.md, made of what the program itself says: the keys are those that
//! the reader knows, their types and meanings stand beside them in `config::file`, limits and words
//! come from what validation answers to wrong values, and a default is the value that may be
//! written without any effect. `UPDATE_CASES=1` writes the page; review the difference.

mod page;
mod probe;

use super::super::read;

/// A table of the file: the type that serde reads it into, and where it may stand.
struct Section {
    shape: String,
    /// `server.timeouts`; `NAME` stands for any name.
    paths: Vec<String>,
    /// In double brackets.
    repeated: bool,
}

/// The types of `config::file` by name: their fields with types, and what is said of both.
struct Shapes(Vec<Shape>);

struct Shape {
    name: String,
    meaning: String,
    fields: Vec<Field>,
}

#[derive(Clone)]
struct Field {
    name: String,
    /// Without blanks: `Key<String>`.
    of: String,
    meaning: String,
}

const SOURCES: [&str; 4] = [
    include_str!("../file/mod.rs"),
    include_str!("../file/server.rs"),
    include_str!("../file/backend.rs"),
    include_str!("../file/schemas.rs"),
];

impl Shapes {
    fn read() -> Self {
        let files = SOURCES.map(|source| syn::parse_file(source).unwrap());
        let items = files.iter().flat_map(|file| &file.items);
        let structs = items.filter_map(|item| match item {
            syn::Item::Struct(item) => Some(Shape {
                name: item.ident.to_string(),
                meaning: meaning(&item.attrs),
                fields: item.fields.iter().map(Field::read).collect(),
            }),
            _ => None,
        });
        Self(structs.collect())
    }

    fn get(&self, name: &str) -> Option<&Shape> {
        self.0.iter().find(|shape| shape.name == name)
    }

    /// Every table of the file, a table before those inside it; a type that is used in several
    /// places is one section.
    fn sections(&self) -> Vec<Section> {
        let mut sections = Vec::new();
        self.add(&mut sections, "File", String::new(), false);
        sections
    }

    fn add(&self, sections: &mut Vec<Section>, shape: &str, path: String, repeated: bool) {
        if let Some(known) = sections.iter_mut().find(|known| known.shape == shape) {
            known.paths.push(path);
            return;
        }
        sections.push(Section {
            shape: shape.to_owned(),
            paths: vec![path.clone()],
            repeated,
        });
        for field in &self.get(shape).unwrap().fields {
            if let Some(inner) = field.table() {
                let mut path = match path.as_str() {
                    "" => field.name.clone(),
                    path => format!("{path}.{}", field.name),
                };
                if field.of.starts_with("Named<") {
                    path += ".NAME";
                }
                let repeated = field.of.starts_with("Vec<") && shape == "File";
                self.add(sections, inner, path, repeated);
            }
        }
    }

    /// The keys of a table, in the order in which the reader names them.
    fn keys(&self, section: &Section) -> Vec<Field> {
        let shape = self.get(&section.shape).unwrap();
        let known = known_keys(&section.paths[0], section.repeated);
        let field = |key: String| {
            let mut fields = shape.fields.iter();
            let found = fields.find(|field| field.name == key);
            let found = found.unwrap_or_else(|| panic!("`{key}` is not in {}", section.shape));
            assert!(!found.meaning.is_empty(), "nothing is said of `{key}`");
            found.clone()
        };
        known.into_iter().map(field).collect()
    }
}

impl Field {
    fn read(field: &syn::Field) -> Self {
        Self {
            name: field.ident.as_ref().unwrap().to_string(),
            of: type_name(&field.ty),
            meaning: meaning(&field.attrs),
        }
    }

    /// What is optional, or a list of it, without places.
    fn inner(&self) -> &str {
        let mut of = self.of.as_str();
        for around in ["Key<", "Option<", "Vec<", "Spanned<", "Named<"] {
            of = match of.strip_prefix(around) {
                Some(inner) => inner.strip_suffix('>').unwrap(),
                None => of,
            };
        }
        of
    }

    /// The type of the table that it may be; an algorithm's keys are its own.
    fn table(&self) -> Option<&str> {
        let inner = self.inner();
        (inner.ends_with("File") && inner != "AlgorithmFile").then_some(inner)
    }
}

/// `Key<String>`, without the path.
fn type_name(of: &syn::Type) -> String {
    let syn::Type::Path(of) = of else { panic!() };
    let last = of.path.segments.last().unwrap();
    let syn::PathArguments::AngleBracketed(inner) = &last.arguments else {
        return last.ident.to_string();
    };
    match inner.args.first() {
        Some(syn::GenericArgument::Type(inner)) => format!("{}<{}>", last.ident, type_name(inner)),
        _ => panic!("{}", last.ident),
    }
}

/// A doc comment on one line.
fn meaning(attributes: &[syn::Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| {
        let syn::Meta::NameValue(pair) = &attribute.meta else {
            return None;
        };
        match &pair.value {
            syn::Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Str(line),
                ..
            }) if pair.path.is_ident("doc") => Some(line.value().trim().to_owned()),
            _ => None,
        }
    });
    lines.collect::<Vec<_>>().join(" ")
}

/// What the reader says to a key that is none.
fn known_keys(path: &str, repeated: bool) -> Vec<String> {
    const NONE: &str = "no_key_has_this_name = 1";
    let text = match (path, repeated) {
        ("", _) => NONE.to_owned(),
        (path, true) => format!("[[{path}]]\n{NONE}"),
        (path, _) if path.starts_with("users.") => format!("[[users]]\n[{path}]\n{NONE}"),
        (path, false) => format!("[{path}]\n{NONE}"),
    };
    let problems = read::read(&text).err().unwrap();
    let help = problems[0].help.as_deref().unwrap();
    let known = help.strip_prefix("the keys known here are ");
    let known = known.unwrap_or_else(|| panic!("[{path}]: {help}"));
    known.split(", ").map(str::to_owned).collect()
}

#[test]
fn the_page_of_keys_says_what_the_types_say() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(page::PATH);
    let now = page::page(&Shapes::read());
    if std::env::var_os("UPDATE_CASES").is_some() {
        std::fs::write(&file, now).unwrap();
        return;
    }
    let written = std::fs::read_to_string(&file).unwrap();
    for (written, now) in written.lines().zip(now.lines()) {
        assert_eq!(written, now);
    }
    assert_eq!(written, now);
}

#[test]
fn every_table_is_told_once_with_all_of_its_keys() {
    let shapes = Shapes::read();
    let sections = shapes.sections();
    let keys: usize = sections.iter().map(|s| shapes.keys(s).len()).sum();
    assert!(sections.len() > 20, "{}", sections.len());
    assert!(keys > 120, "{keys}");
}
