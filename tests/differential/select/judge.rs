//! One statement through the proxy and on the plain server, and whether the answers are the same.

use shardwell::wire::CapabilityFlags;

use super::super::pair::{CLIENTS, Pair};
use super::super::raw::{BASE, Packets};
use super::answer::{Answer, Column, Error, Table, Value, shown};
use super::order::{Key, allowed, joined, ties, within};
use super::outline::Outline;
use super::scan::{Kind, tokens};
use super::script::View;
use super::warned;
use super::way::Way;

/// ER_NOT_SUPPORTED_YET.
const REFUSED: u16 = 1235;

/// How its message begins where the proxy gives it.
const REFUSALS: [&str; 2] = [
    "Shardwell does not support ",
    "This version of Shardwell doesn't yet support ",
];

/// ER_GET_ERRNO of HA_ERR_WRONG_INDEX: what the plain server asks itself in vain proves nothing.
const FAULT: (u16, &str) = (1030, "Got error 124 ");

/// Statements whose answer depends on the statement before.
const FOLLOWERS: [&str; 2] = ["FOUND_ROWS()", "SHOW WARNINGS"];

/// What a comparison came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Same,
    /// The proxy says why it cannot answer.
    Refused(String),
    Wrong(String),
}

/// A session on both sides.
pub struct Session {
    pair: Pair,
    refused: Option<String>,
    /// How what reads is sent.
    way: Way,
    /// The plain server's last answer.
    pub plain: Option<Answer>,
}

impl Session {
    pub fn new(pair: Pair) -> Self {
        Self::sent(pair, Way::Text)
    }

    /// A session that sends what reads in this way.
    pub fn sent(pair: Pair, way: Way) -> Self {
        Self {
            pair,
            refused: None,
            way,
            plain: None,
        }
    }

    /// Runs a statement on both sides. What may write is not run on the plain server if the proxy
    /// refuses it.
    pub async fn judge(&mut self, sql: &str, view: View) -> Verdict {
        if let Some(reason) = self.refused.clone()
            && FOLLOWERS
                .iter()
                .any(|name| sql.to_uppercase().contains(name))
        {
            self.plain = None;
            return Verdict::Refused(reason);
        }
        (self.refused, self.plain) = (None, None);
        let (ours, theirs) = if reads(sql) {
            let (proxy, plain) = (&mut self.pair.proxy, &mut self.pair.plain);
            let (way, known) = (self.way, BASE | client());
            tokio::join!(way.ask(proxy, sql, known), way.ask(plain, sql, known))
        } else {
            let ours = decode(&self.pair.proxy.query(sql.as_bytes()).await);
            if let Some(reason) = refusal(&ours) {
                self.refused = Some(reason.clone());
                return Verdict::Refused(reason);
            }
            (ours, self.ask(sql).await)
        };
        self.plain = Some(theirs.clone());
        if let Some(reason) = refusal(&ours).filter(|_| ours != theirs) {
            self.refused = Some(reason.clone());
            return Verdict::Refused(reason);
        }
        // First: other statements would make the servers forget.
        let warned = self.warned(view, &ours, &theirs).await;
        let compared = match ours == theirs {
            true => Ok(()),
            false => self.compare(sql, view, &ours, &theirs).await,
        };
        match compared.and(warned) {
            Ok(()) => Verdict::Same,
            Err(difference) => Verdict::Wrong(difference),
        }
    }

    async fn warned(&mut self, view: View, ours: &Answer, theirs: &Answer) -> Result<(), String> {
        match (ours, theirs) {
            (Answer::Rows(ours), Answer::Rows(theirs)) if !view.silent => {
                let known = BASE | client();
                warned::compare(&mut self.pair, (ours, theirs), known, view.fewer).await
            }
            _ => Ok(()),
        }
    }

    async fn compare(
        &mut self,
        sql: &str,
        view: View,
        ours: &Answer,
        theirs: &Answer,
    ) -> Result<(), String> {
        match (ours, theirs) {
            (Answer::Rows(ours), Answer::Rows(theirs)) => {
                columns(&ours.columns, &theirs.columns, view)?;
                if view.count {
                    let same = ours.rows.len() == theirs.rows.len();
                    return same.then_some(()).ok_or_else(|| differ(ours, theirs));
                }
                self.rows(sql, view, ours, theirs).await
            }
            (Answer::Error(one), Answer::Error(other))
                if (one.code, &one.state) == (other.code, &other.state) =>
            {
                Ok(())
            }
            (_, Answer::Error(fault))
                if fault.code == FAULT.0 && fault.message.starts_with(FAULT.1) =>
            {
                Ok(())
            }
            _ => Err(format!(
                "proxy: {}\n    plain: {}",
                brief(ours),
                brief(theirs)
            )),
        }
    }

    async fn rows(
        &mut self,
        sql: &str,
        view: View,
        ours: &Table,
        theirs: &Table,
    ) -> Result<(), String> {
        let (one, other) = (keys(ours, view), keys(theirs, view));
        if one == other {
            return Ok(());
        }
        let unclear = |why: String| format!("{why}\n{}", differ(ours, theirs));
        let Some(outline) = Outline::new(sql) else {
            return Err(unclear("cannot be taken apart".to_owned()));
        };
        let range = outline.limit.unwrap_or((0, usize::MAX));
        if !outline.ordered && outline.limit.is_none() {
            let same = one.len() == other.len() && within(&one, &other);
            return same.then_some(()).ok_or_else(|| differ(ours, theirs));
        }
        let mut whole = Vec::new();
        for reversed in [false, true] {
            let sql = outline.whole(theirs.columns.len(), reversed);
            match self.ask(&sql).await {
                Answer::Rows(table) => whole.push(table),
                other => return Err(unclear(format!("{sql}: {}", brief(&other)))),
            }
        }
        // FOUND_ROWS() is asked about the statement itself.
        self.ask(sql).await;
        let all = &keys(&whole[0], view);
        if !outline.ordered {
            let same = one.len() == other.len() && within(&one, all);
            return same.then_some(()).ok_or_else(|| differ(ours, theirs));
        }
        // As exactly as possible: what is folded looks alike where the order tells it apart.
        let exact = View {
            folded: false,
            ..view
        };
        let exact = [keys(&whole[0], exact), keys(&whole[1], exact)];
        let lower = exact.each_ref().map(|all| lowered(all));
        let groups = ties(&exact[0], &exact[1])
            .or_else(|_| ties(&lower[0], &lower[1]))
            .or_else(|_| ties(all, &keys(&whole[1], view)))
            .map_err(unclear)?;
        let fold = |row: &Key| {
            let values = row.iter().zip(&theirs.columns);
            values
                .map(|(value, column)| unordered(value, column))
                .collect()
        };
        let groups = joined(groups, all, fold);
        let same = allowed(&one, all, &groups, range);
        same.then_some(()).ok_or_else(|| differ(ours, theirs))
    }

    /// Whether FOUND_ROWS() of the plain server is the same behind this statement as before it,
    /// whatever it was.
    pub async fn keeps_found_rows(&mut self, sql: &str) -> bool {
        for before in [
            "SELECT 1 UNION SELECT 2",
            "SELECT 1 UNION SELECT 2 UNION SELECT 3",
        ] {
            self.ask(before).await;
            let expected = self.ask("SELECT FOUND_ROWS()").await;
            self.ask(before).await;
            self.ask(sql).await;
            if self.ask("SELECT FOUND_ROWS()").await != expected {
                return false;
            }
        }
        true
    }

    async fn ask(&mut self, sql: &str) -> Answer {
        let way = match self.way {
            Way::Bound => Way::Prepared,
            way => way,
        };
        way.ask(&mut self.pair.plain, sql, BASE | client()).await
    }
}

/// The client that sessions are made with.
pub fn client() -> CapabilityFlags {
    CLIENTS[1].1
}

fn decode(packets: &Packets) -> Answer {
    Answer::decode(packets, BASE | client())
}

/// Why the proxy refused; names and numbers are left out.
fn refusal(answer: &Answer) -> Option<String> {
    let Answer::Error(Error { code, message, .. }) = answer else {
        return None;
    };
    let mut starts = REFUSALS.iter();
    let message = starts.find_map(|start| message.strip_prefix(start))?;
    if *code != REFUSED {
        return None;
    }
    let mut reason = String::new();
    for (at, part) in message.split('\'').enumerate() {
        reason.push_str(if at % 2 == 1 { "'…'" } else { part });
    }
    let parts: Vec<&str> = reason.split(|c: char| c.is_ascii_digit()).collect();
    let mut reason = String::new();
    for (at, part) in parts.iter().enumerate() {
        // Between two digits of one number there is nothing.
        if at > 0 && (at == 1 || !parts[at - 1].is_empty()) {
            reason.push('N');
        }
        reason.push_str(part);
    }
    Some(reason)
}

/// Whether a statement changes nothing.
fn reads(sql: &str) -> bool {
    let all = tokens(sql);
    let mut words = all
        .iter()
        .filter(|token| token.kind != Kind::Comment && !token.is_symbol("("));
    let read = [
        "SELECT", "WITH", "TABLE", "VALUES", "SHOW", "EXPLAIN", "DESCRIBE",
    ];
    words
        .next()
        .is_some_and(|first| read.iter().any(|word| first.is(word)))
}

/// The definitions must be the same.
fn columns(ours: &[Column], theirs: &[Column], view: View) -> Result<(), String> {
    let names = |all: &[Column]| all.iter().map(|one| one.name.clone()).collect::<Vec<_>>();
    if names(ours) != names(theirs) {
        return Err(format!(
            "proxy: {:?}\n    plain: {:?}",
            names(ours),
            names(theirs)
        ));
    }
    let mut pairs = ours.iter().zip(theirs);
    let different = pairs.find(|(one, other)| one.certain(other) != other.certain(one));
    match different {
        Some((one, other)) if !view.names => Err(format!("proxy: {one:?}\n    plain: {other:?}")),
        _ => Ok(()),
    }
}

fn keys(table: &Table, view: View) -> Vec<Key> {
    let rows = table.rows.iter();
    let key = |row: &Vec<Value>| {
        let values = row.iter().zip(&table.columns);
        values
            .map(|(value, column)| form(value, column, view))
            .collect()
    };
    rows.map(key).collect()
}

/// A value without what is not fixed about it.
fn form(value: &Value, column: &Column, view: View) -> Value {
    let Some(bytes) = value else { return None };
    if column.is_float() {
        let number: f64 = std::str::from_utf8(bytes).ok()?.parse().ok()?;
        // A sum's last digits depend on the order of its parts, and the sign of zero does.
        return Some(format!("{:.11e}", number + 0.0).into_bytes());
    }
    let mut value = value.clone();
    if view.folded {
        value = folded(&value);
    }
    if view.list {
        value = value.map(sorted);
    }
    value
}

fn sorted(list: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8_lossy(&list);
    let mut parts: Vec<&str> = text.split([',', '[', ']']).map(str::trim).collect();
    parts.sort_unstable();
    parts.join(",").into_bytes()
}

/// Rows without case and spaces at their ends, but with accents, which some collations tell apart.
fn lowered(rows: &[Key]) -> Vec<Key> {
    let lower = |value: &Value| {
        let bytes = value.as_ref()?;
        let Ok(text) = std::str::from_utf8(bytes) else {
            return Some(bytes.clone());
        };
        Some(text.trim_end().to_lowercase().into_bytes())
    };
    let rows = rows.iter();
    rows.map(|row| row.iter().map(lower).collect()).collect()
}

/// A value as ORDER BY sees it: documents are not ordered.
fn unordered(value: &Value, column: &Column) -> Value {
    match value {
        Some(_) if column.is_json() => Some(Vec::new()),
        _ => folded(value),
    }
}

/// A string without case, accents and spaces at its end, as far as the rows of these tests go.
fn folded(value: &Value) -> Value {
    let text = String::from_utf8(value.clone()?);
    let Ok(text) = text else { return value.clone() };
    let mut found = String::new();
    for c in text.trim_end().to_lowercase().chars() {
        match c {
            'á' | 'ä' | 'å' | 'à' => found.push('a'),
            'é' | 'è' | 'ê' | 'ë' => found.push('e'),
            'ñ' => found.push('n'),
            'ö' | 'ó' => found.push('o'),
            'ü' | 'ù' | 'ú' => found.push('u'),
            'î' => found.push('i'),
            'ß' => found.push_str("ss"),
            'ﬁ' => found.push_str("fi"),
            '😁' => found.push('😀'),
            c => found.push(c),
        }
    }
    Some(found.into_bytes())
}

fn brief(answer: &Answer) -> String {
    match answer {
        Answer::Rows(table) => format!("{} rows", table.rows.len()),
        other => format!("{other:?}"),
    }
}

/// Where two answers differ first, with some of what is around.
fn differ(ours: &Table, theirs: &Table) -> String {
    let (one, other) = (&ours.rows, &theirs.rows);
    let at = one.iter().zip(other).position(|(one, other)| one != other);
    let at = at.unwrap_or(one.len().min(other.len()));
    let mut text = format!(
        "{} rows, and {} on the plain server; from row {at} on",
        one.len(),
        other.len()
    );
    for (name, rows) in [("proxy", one), ("plain", other)] {
        for row in rows.iter().skip(at).take(4) {
            text.push_str(&format!("\n    {name}: {}", shown(row)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_without_names_and_numbers() {
        let error = |code, message: &str| {
            Answer::Error(Error {
                code,
                state: "42000".to_owned(),
                message: message.to_owned(),
            })
        };
        let text = "Shardwell does not support 14 of the 4 shards of 'shop': line 28, not 'x'";
        let reason = "N of the N shards of '…': line N, not '…'".to_owned();
        assert_eq!(refusal(&error(1235, text)), Some(reason));
        assert_eq!(refusal(&error(1105, text)), None);
        assert_eq!(refusal(&error(1235, "MySQL does not support this")), None);
    }

    #[test]
    fn what_is_not_fixed_about_a_value_is_left_out() {
        let column = |kind| Column {
            name: String::new(),
            origin: Default::default(),
            kind,
            collation: 45,
            length: 0,
            flags: 0,
            decimals: 0,
        };
        let same = |kind, view, one: &str, other: &str| {
            let value = |text: &str| form(&Some(text.as_bytes().to_vec()), &column(kind), view);
            value(one) == value(other)
        };
        const TEXT: u8 = 253;
        const DOUBLE: u8 = 5;
        let exact = View::default();
        let folded = View {
            folded: true,
            ..exact
        };
        let list = View {
            list: true,
            ..exact
        };
        let cases = [
            (TEXT, exact, "a", "A", false),
            (TEXT, folded, "Äa ", "aA", true),
            (TEXT, folded, "a", "b", false),
            (TEXT, list, "[1, 2]", "[2, 1]", true),
            (TEXT, list, "1,1,2", "1,2,2", false),
            (TEXT, exact, "0.30000000000000004", "0.3", false),
            (DOUBLE, exact, "0.30000000000000004", "0.3", true),
            (DOUBLE, exact, "0.3001", "0.3", false),
            (DOUBLE, exact, "-0", "0", true),
        ];
        for (kind, view, one, other, expected) in cases {
            assert_eq!(same(kind, view, one, other), expected, "{one} and {other}");
        }
    }
}
