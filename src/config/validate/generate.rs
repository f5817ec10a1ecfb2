//! `generate = { column = "order_id", kind = "snowflake" }`: what gives rows their ids.

use toml::Spanned;

use super::super::defaults;
use super::super::file::GenerateFile;
use super::super::generate::{GenerateConfig, IdKind};
use super::problems::Problems;
use super::scalar;

/// What `kind` can be.
#[derive(Clone, Copy)]
enum Kind {
    Snowflake,
    Segment,
    UuidV7,
}

const KINDS: [(&str, Kind); 3] = [
    ("snowflake", Kind::Snowflake),
    ("segment", Kind::Segment),
    ("uuid_v7", Kind::UuidV7),
];

/// Reads what gives a sharded table's rows their ids; `None`: nothing does, or it is wrong and that
/// has been noted.
pub(super) fn generate(
    file: Option<&Spanned<GenerateFile>>,
    problems: &mut Problems,
) -> Option<GenerateConfig> {
    let file = file?;
    let content = file.get_ref();
    let column = column(file, problems);
    let Some(kind) = &content.kind else {
        let help = "add kind = \"snowflake\", kind = \"segment\" or kind = \"uuid_v7\"";
        problems.add(file.span(), "`generate` has no kind", help);
        return None;
    };
    let kind = match scalar::choice(kind, "kind", &KINDS, problems)? {
        Kind::Snowflake => no_blocks(content, IdKind::Snowflake, problems),
        Kind::UuidV7 => no_blocks(content, IdKind::UuidV7, problems),
        Kind::Segment => IdKind::Segment {
            block: block(content, problems),
            start: start(content, problems),
        },
    };
    let column = column?;
    Some(GenerateConfig { column, kind })
}

/// A kind that has nothing to do with blocks.
fn no_blocks(file: &GenerateFile, kind: IdKind, problems: &mut Problems) -> IdKind {
    let why = format!("with kind = \"{}\"", kind.name());
    problems.useless(file.block.as_ref(), "block", &why);
    problems.useless(file.start.as_ref(), "start", &why);
    kind
}

fn column(file: &Spanned<GenerateFile>, problems: &mut Problems) -> Option<String> {
    let Some(column) = &file.get_ref().column else {
        let help = "add column = \"…\": the column that gets the ids";
        problems.add(file.span(), "`generate` has no column", help);
        return None;
    };
    let (name, most) = (column.get_ref(), defaults::NAME_CHARS);
    scalar::check_name(column.span(), "column name", name, most, problems);
    Some(name.to_lowercase())
}

fn block(file: &GenerateFile, problems: &mut Problems) -> u32 {
    let (limits, block) = (defaults::SEGMENT_BLOCKS, file.block.as_ref());
    let block = scalar::number(block, "block", limits, problems);
    block.unwrap_or(defaults::SEGMENT_BLOCK)
}

fn start(file: &GenerateFile, problems: &mut Problems) -> u64 {
    let Some(start) = &file.start else {
        return defaults::SEGMENT_START;
    };
    match u64::try_from(*start.get_ref()) {
        Ok(number @ 1..) => number,
        _ => {
            let message = format!("`start` cannot be {}", start.get_ref());
            problems.add(start.span(), message, "a number from 1 on");
            defaults::SEGMENT_START
        }
    }
}
