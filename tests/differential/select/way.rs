//! How a statement reaches a server: as text, prepared, or prepared with its literals as parameters.

use bytes::BytesMut;
use shardwell::wire::{
    BinaryRows, CapabilityFlags, ColumnDefinition, ColumnType, PrepareOk, Reply,
};

use super::super::prepared::{Param, execute, text};
use super::super::raw::{Expect, Packets, Raw};
use super::answer::Answer;
use super::scan::{Kind, Token, tokens};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    #[default]
    Text,
    /// Rows come as binary ones.
    Prepared,
    /// And what is a literal becomes a parameter, where one may stand.
    Bound,
}

/// ER_UNSUPPORTED_PS: then it is sent as text.
const NOT_PREPARED: u16 = 1295;

impl Way {
    /// A server's answer to a statement.
    pub async fn ask(self, server: &mut Raw, sql: &str, extras: CapabilityFlags) -> Answer {
        if self != Self::Text
            && let Some(answer) = self.prepared(server, sql, extras).await
        {
            return answer;
        }
        Answer::decode(&server.query(sql.as_bytes()).await, extras)
    }

    async fn prepared(
        self,
        server: &mut Raw,
        sql: &str,
        extras: CapabilityFlags,
    ) -> Option<Answer> {
        let (sql, params) = match self {
            Self::Bound => bound(sql),
            _ => (sql.to_owned(), Vec::new()),
        };
        let packet = [&[0x16], sql.as_bytes()].concat();
        let told = server.command(&packet, Expect::Prepared).await;
        let Ok(statement) = PrepareOk::decode(&told[0].payload) else {
            let answer = Answer::decode(&told, extras);
            let other = matches!(&answer, Answer::Error(error) if error.code == NOT_PREPARED);
            return (!other).then_some(answer);
        };
        let packet = |command: u8| [&[command], &statement.statement.to_le_bytes()[..]].concat();
        let rest = execute(&params, true, 0, server.capabilities());
        let answer = server
            .command(&[packet(0x17), rest].concat(), Expect::Results)
            .await;
        server.command(&packet(0x19), Expect::Silence).await;
        Some(Answer::decode(&as_text(answer), extras))
    }
}

/// An answer whose rows are those of the text protocol.
fn as_text(mut answer: Packets) -> Packets {
    let Ok(Reply::ResultSet { columns }) = Reply::decode(&answer[0].payload) else {
        return answer;
    };
    let columns = usize::try_from(columns).unwrap();
    let mut form = BinaryRows::default();
    for packet in &answer[1..=columns] {
        let column = ColumnDefinition::decode(&packet.payload).expect("a column definition");
        form.push(&column).expect("a type that is known");
    }
    for packet in &mut answer[1 + columns..] {
        if packet.payload.first() == Some(&0) {
            let mut text = BytesMut::new();
            form.put_text(&packet.payload, &mut text).expect("a row");
            packet.payload = text.to_vec();
        }
    }
    answer
}

/// Words behind which a literal is a value.
const BEFORE: [&str; 18] = [
    "SELECT", "WHERE", "AND", "OR", "XOR", "NOT", "ON", "HAVING", "WHEN", "THEN", "ELSE",
    "BETWEEN", "LIKE", "LIMIT", "OFFSET", "DIV", "MOD", "IN",
];

/// Words whose parentheses have no values.
const SIZED: [&str; 9] = [
    "CHAR",
    "DECIMAL",
    "DATETIME",
    "BINARY",
    "VARCHAR",
    "TIME",
    "TIMESTAMP",
    "JSON_TABLE",
    "JSON_VALUE",
];

/// A statement with parameters in the place of literals, and their values.
pub fn bound(sql: &str) -> (String, Vec<Param>) {
    let all: Vec<Token> = tokens(sql);
    let (mut out, mut params, mut copied) = (String::new(), Vec::new(), 0);
    // In a list that begins with BY a number is a column's position; one for each open parenthesis.
    let mut by = vec![false];
    let mut at = 0;
    while at < all.len() {
        let token = all[at];
        match token.text {
            "(" => by.push(at > 0 && SIZED.iter().any(|word| all[at - 1].is(word))),
            ")" if by.len() > 1 => drop(by.pop()),
            _ if token.is("BY") => *by.last_mut().unwrap() = true,
            _ if ENDS.iter().any(|word| token.is(word)) => *by.last_mut().unwrap() = false,
            _ => {}
        }
        let end = literal_end(&all, at);
        let Some(end) = end.filter(|_| !by.last().unwrap() && is_value(&all, at)) else {
            at += 1;
            continue;
        };
        let text = &sql[token.start..all[end - 1].end()];
        if let Some(param) = param(text) {
            out.push_str(&sql[copied..token.start]);
            out.push('?');
            copied = all[end - 1].end();
            params.push(param);
        }
        at = end;
    }
    out.push_str(&sql[copied..]);
    (out, params)
}

/// Words that end such a list.
const ENDS: [&str; 8] = [
    "LIMIT",
    "HAVING",
    "SELECT",
    "ROWS",
    "RANGE",
    "SEPARATOR",
    "FOR",
    "WINDOW",
];

/// Where the literal ends that begins here.
fn literal_end(all: &[Token], at: usize) -> Option<usize> {
    let digits = |token: &Token| {
        token.kind == Kind::Word && token.text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let token = &all[at];
    let touches = |at: usize| {
        all.get(at)
            .is_some_and(|next| next.start == all[at - 1].end())
    };
    if token.kind == Kind::Quoted && token.text.starts_with('\'') {
        return Some(at + 1);
    }
    if !digits(token) {
        return None;
    }
    if touches(at + 1) && all[at + 1].is_symbol(".") {
        let fraction = touches(at + 2) && digits(&all[at + 2]);
        return fraction.then_some(at + 3);
    }
    Some(at + 1)
}

/// Whether what stands around a literal lets it be a value.
fn is_value(all: &[Token], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|at| all[at]) else {
        return false;
    };
    let arrow = at > 1 && before.is_symbol(">") && all[at - 2].is_symbol("-");
    let symbol = ["=", "<", ">", "(", ",", "+", "*", "/", "%"];
    let symbol = symbol.iter().any(|symbol| before.is_symbol(symbol)) && !arrow;
    let follows = all.get(at + 1).is_some_and(|next| {
        next.kind == Kind::Quoted
            || next.is("COLLATE")
            || next.is("PRECEDING")
            || next.is("FOLLOWING")
    });
    !follows && (symbol || BEFORE.iter().any(|word| before.is(word)))
}

fn param(literal: &str) -> Option<Param> {
    if let Some(quoted) = literal.strip_prefix('\'') {
        let quoted = quoted.strip_suffix('\'')?;
        let plain = !quoted.contains('\\') && quoted.len() < 251;
        return plain.then(|| text(quoted));
    }
    match literal.parse::<i64>() {
        Ok(number) => Some(super::super::prepared::int(number)),
        Err(_) if literal.contains('.') => {
            let bytes = [&[literal.len() as u8], literal.as_bytes()].concat();
            let kind = ColumnType::MYSQL_TYPE_NEWDECIMAL;
            Some(super::super::prepared::fixed(kind, false, &bytes))
        }
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_become_parameters_where_one_may_stand() {
        let cases = [
            (
                "SELECT 1, 'a' FROM t WHERE a = 1.5",
                "SELECT ?, ? FROM t WHERE a = ?",
                3,
            ),
            (
                "SELECT a FROM t1 ORDER BY 1, 2 LIMIT 3, 4",
                "SELECT a FROM t1 ORDER BY 1, 2 LIMIT ?, ?",
                2,
            ),
            (
                "SELECT a AS 'x', DATE '2024-01-01'",
                "SELECT a AS 'x', DATE '2024-01-01'",
                0,
            ),
            (
                "SELECT CAST(a AS CHAR(3)), f(a, 2)",
                "SELECT CAST(a AS CHAR(3)), f(a, ?)",
                1,
            ),
            (
                "SELECT j->'$.a', _latin1'x', INTERVAL 1 DAY",
                "SELECT j->'$.a', _latin1'x', INTERVAL 1 DAY",
                0,
            ),
            (
                "SELECT SUM(a) OVER (ORDER BY 1 ROWS 2 PRECEDING), 3",
                "SELECT SUM(a) OVER (ORDER BY 1 ROWS 2 PRECEDING), ?",
                1,
            ),
            (
                "SELECT a IN (1, 'it''s', -2)",
                "SELECT a IN (?, 'it''s', -2)",
                1,
            ),
        ];
        for (sql, expected, count) in cases {
            let (text, params) = bound(sql);
            assert_eq!((text.as_str(), params.len()), (expected, count), "{sql}");
        }
    }
}
