//! The same statement written in other ways: case, spaces and comments.

use super::super::super::dice::Dice;
use super::super::scan::{Kind, tokens};

/// Words whose case means nothing. Not column names: case shows in the answer.
const WORDS: &[&str] = &[
    "SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "IN", "IS", "NULL", "GROUP", "BY", "ORDER",
    "HAVING", "LIMIT", "OFFSET", "UNION", "ALL", "DISTINCT", "AS", "JOIN", "LEFT", "RIGHT",
    "INNER", "CROSS", "ON", "USING", "BETWEEN", "LIKE", "EXISTS", "WITH", "DESC", "ASC", "CASE",
    "WHEN", "THEN", "ELSE", "END",
];

const GAPS: &[&str] = &[
    "  ",
    "\n",
    "\t",
    "\r\n",
    " /* ; */ ",
    "/**/",
    " -- it's\n",
    " # `\n",
    "\n/* ' */\n",
];

/// The statement in another costume.
pub fn dressed(sql: &str, dice: &mut Dice) -> String {
    let mut text = String::new();
    let mut end = 0;
    let lower = dice.roll(3);
    for token in tokens(sql) {
        if token.start > end {
            let gap = if dice.once_in(8) {
                dice.pick(GAPS)
            } else {
                " "
            };
            text.push_str(gap);
        }
        end = token.end();
        let known = token.kind == Kind::Word
            && WORDS
                .iter()
                .any(|word| token.text.eq_ignore_ascii_case(word));
        if known && (lower == 0 || dice.once_in(9)) {
            text.push_str(&token.text.to_lowercase());
        } else {
            text.push_str(token.text);
        }
    }
    if dice.once_in(12) {
        text.insert_str(0, dice.pick(&["/* a */ ", " ", "\n", "-- b\n"]));
    }
    text.push_str(dice.pick(&["", "", "", "", "", "", " ", ";", " ; ", " /* end */"]));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_costume_changes_no_token() {
        let sql = "SELECT COUNT(*), u.`a b`, 'x  y', -1.5e3 FROM t WHERE a<=>b AND c NOT IN (1, 2)";
        let plain = |text: &str| -> Vec<String> {
            let all = tokens(text).into_iter();
            let all = all.filter(|token| token.kind != Kind::Comment && token.text != ";");
            all.map(|token| token.text.to_uppercase()).collect()
        };
        let mut dice = Dice(77);
        let all: Vec<String> = (0..200).map(|_| dressed(sql, &mut dice)).collect();
        assert!(all.iter().all(|text| plain(text) == plain(sql)));
        assert!(all.iter().any(|text| text.contains("/*")));
        assert!(
            all.iter()
                .any(|text| text.contains("select count(*)") || text.contains("select COUNT(*)"))
        );
    }
}
