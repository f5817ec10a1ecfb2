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
}

const KINDS: [(&str, Kind); 2] = [("snowflake", Kind::Snowflake), ("segment", Kind::Segment)];

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
        let help = "add kind = \"snowflake\" or kind = \"segment\"";
        problems.add(file.span(), "`generate` has no kind", help);
        return None;
    };
    let kind = match scalar::choice(kind, "kind", &KINDS, problems)? {
        Kind::Snowflake => {
            let why = "with kind = \"snowflake\"";
            problems.useless(content.block.as_ref(), "block", why);
            problems.useless(content.start.as_ref(), "start", why);
            IdKind::Snowflake
        }
        Kind::Segment => IdKind::Segment {
            block: block(content, problems),
            start: start(content, problems),
        },
    };
    let column = column?;
    Some(GenerateConfig { column, kind })
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
