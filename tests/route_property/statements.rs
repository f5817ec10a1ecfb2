//! Random conditions, and random statements with joins, subqueries and derived tables.

use super::dice::Dice;
use super::setups::Setup;

const ORDERS: &[&str] = &["<", "<=", ">", ">="];

/// A column of one of the tables that `prefixes` name, with literals for it.
fn column(setup: &Setup, dice: &mut Dice, prefixes: &[&str]) -> (String, &'static [&'static str]) {
    let prefix = dice.pick(prefixes);
    if dice.once_in(9) {
        return (format!("{prefix}v"), &["0", "1", "2", "3", "NULL"]);
    }
    let at = dice.roll(setup.keys.len());
    (format!("{prefix}k{at}"), setup.keys[at].literals)
}

/// A condition on the columns of some tables, nested up to `depth`.
pub fn condition(setup: &Setup, dice: &mut Dice, prefixes: &[&str], depth: usize) -> String {
    if depth > 0 && !dice.once_in(3) {
        let count = 2 + dice.roll(2);
        let parts = (0..count).map(|_| condition(setup, dice, prefixes, depth - 1));
        let parts: Vec<String> = parts.collect();
        return match dice.roll(7) {
            0 | 1 => format!("({})", parts.join(" OR ")),
            2 => format!("NOT ({})", parts.join(" OR ")),
            3 => format!("NOT ({})", parts.join(" AND ")),
            _ => parts.join(" AND "),
        };
    }
    leaf(setup, dice, prefixes)
}

fn leaf(setup: &Setup, dice: &mut Dice, prefixes: &[&str]) -> String {
    let (name, values) = column(setup, dice, prefixes);
    let (a, b, c) = (dice.pick(values), dice.pick(values), dice.pick(values));
    let order = dice.pick(ORDERS);
    match dice.roll(18) {
        0..=3 => format!("{name} = {a}"),
        4 => format!("{a} = {name}"),
        5 => format!("{name} <=> {a}"),
        6 => format!("{name} <> {a}"),
        7 | 8 => format!("{name} IN ({a}, {b}, {c})"),
        9 => format!("{name} NOT IN ({a}, {b})"),
        10 => format!("{name} {order} {a}"),
        11 => format!("{a} {order} {name}"),
        12 => format!("{name} BETWEEN {a} AND {b}"),
        13 => format!("{name} NOT BETWEEN {a} AND {b}"),
        14 => format!("NOT {name} {order} {a}"),
        15 => format!("{name} > {a} AND {name} <= {b}"),
        16 => rows(setup, dice, prefixes),
        _ => format!("{name} IS NOT NULL"),
    }
}

fn rows(setup: &Setup, dice: &mut Dice, prefixes: &[&str]) -> String {
    let (one, ones) = column(setup, dice, prefixes);
    let (two, twos) = column(setup, dice, prefixes);
    let row = |dice: &mut Dice| format!("({}, {})", dice.pick(ones), dice.pick(twos));
    let op = ["=", "<=>", "<>", "<", ">="][dice.roll(5)];
    let (a, b) = (row(dice), row(dice));
    match dice.roll(4) {
        0 => format!("({one}, {two}) {op} {a}"),
        1 => format!("{a} {op} ({one}, {two})"),
        2 => format!("({one}, {two}) NOT IN ({a}, {b})"),
        _ => format!("({one}, {two}) IN ({a}, {b})"),
    }
}

/// Something that often names one value of the key.
fn point(setup: &Setup, dice: &mut Dice, prefix: &str) -> String {
    let parts = setup.keys.iter().enumerate().map(|(at, key)| {
        let (a, b) = (dice.pick(key.literals), dice.pick(key.literals));
        match dice.roll(6) {
            0 => format!("{prefix}k{at} IN ({a}, {b})"),
            1 => format!("{prefix}k{at} >= {a} AND {prefix}k{at} <= {a}"),
            _ => format!("{prefix}k{at} = {a}"),
        }
    });
    let parts: Vec<String> = parts.collect();
    parts.join(" AND ")
}

/// The keys of two tables are equal.
fn equal(setup: &Setup, one: &str, other: &str) -> String {
    let parts = (0..setup.keys.len()).map(|at| format!("{one}k{at} = {other}k{at}"));
    let parts: Vec<String> = parts.collect();
    parts.join(" AND ")
}

fn keys(setup: &Setup, prefix: &str) -> String {
    let names: Vec<String> = (0..setup.keys.len())
        .map(|at| format!("{prefix}k{at}"))
        .collect();
    names.join(", ")
}

/// A SELECT on several tables.
pub fn statement(setup: &Setup, dice: &mut Dice) -> String {
    match dice.roll(5) {
        0 | 1 => join(setup, dice),
        2 => subquery(setup, dice),
        _ => derived(setup, dice),
    }
}

fn filter(setup: &Setup, dice: &mut Dice, prefixes: &[&str]) -> String {
    let prefix = dice.pick(prefixes);
    let point = point(setup, dice, prefix);
    match dice.roll(4) {
        0 => point,
        1 => format!("{point} AND {}", condition(setup, dice, prefixes, 1)),
        2 => format!("{point} OR {}", self::point(setup, dice, prefix)),
        _ => condition(setup, dice, prefixes, 2),
    }
}

fn join(setup: &Setup, dice: &mut Dice) -> String {
    let on = equal(setup, "a.", "b.");
    let both: &[&str] = &["a.", "b."];
    let (inner, outer) = (filter(setup, dice, both), filter(setup, dice, both));
    let using = keys(setup, "");
    let extra = condition(setup, dice, both, 1);
    let items = "a.row_no, b.row_no";
    match dice.roll(10) {
        0 => format!("SELECT {items} FROM t a JOIN u b ON {on} WHERE {outer}"),
        1 => format!("SELECT {items} FROM t a, u b WHERE {on} AND ({outer})"),
        2 => format!("SELECT {items} FROM t a LEFT JOIN u b ON {on} WHERE {outer}"),
        3 => format!("SELECT {items} FROM t a LEFT JOIN u b ON {on} AND ({extra}) WHERE {outer}"),
        4 => format!("SELECT {items} FROM t a RIGHT JOIN u b ON {on} WHERE {outer}"),
        5 => format!("SELECT {items} FROM t a JOIN u b USING ({using}) WHERE {outer}"),
        6 => format!("SELECT {items} FROM t a JOIN u b ON {on} AND ({inner}) WHERE {extra}"),
        7 => {
            let chain = equal(setup, "b.", "c.");
            let side = dice.pick(&["JOIN", "LEFT JOIN"]);
            format!(
                "SELECT {items}, c.row_no FROM t a JOIN u b ON {on} {side} t c ON {chain} AND ({extra}) \
                 WHERE {outer}"
            )
        }
        8 => {
            let chain = equal(setup, "b.", "r.");
            let outer = filter(setup, dice, &["a.", "b.", "r."]);
            format!(
                "SELECT {items} FROM t a JOIN r ON {} JOIN u b ON {chain} WHERE {outer}",
                equal(setup, "a.", "r.")
            )
        }
        _ => format!("SELECT COUNT(*), MIN(a.v) FROM t a JOIN u b ON {on} WHERE {outer}"),
    }
}

fn subquery(setup: &Setup, dice: &mut Dice) -> String {
    let inner_only = filter(setup, dice, &["b."]);
    let any = condition(setup, dice, &["a.", "b."], 1);
    let outer = filter(setup, dice, &["a."]);
    let on = equal(setup, "a.", "b.");
    let inner = if dice.once_in(2) { inner_only } else { any };
    let not = if dice.once_in(3) { "NOT " } else { "" };
    let find =
        |inside: &str| format!("{not}EXISTS (SELECT {inside} FROM u b WHERE {on} AND ({inner}))");
    let connective = dice.pick(&["AND", "AND", "OR"]);
    let outer = match dice.roll(3) {
        0 => String::new(),
        _ => format!(" {connective} ({outer})"),
    };
    match dice.roll(7) {
        0 | 1 => format!("SELECT row_no FROM t a WHERE {}{outer}", find("1")),
        2 => format!("SELECT row_no FROM t a WHERE {}{outer}", find("COUNT(*)")),
        3 => format!(
            "SELECT row_no FROM t a WHERE {}{outer}",
            find("b.v, COUNT(*)").replace("))", ") GROUP BY b.v)")
        ),
        4 => format!(
            "SELECT row_no FROM t a WHERE a.k0 {not}IN (SELECT b.k0 FROM u b WHERE {inner}){outer}"
        ),
        5 => format!(
            "SELECT row_no FROM t a WHERE a.k0 IN (SELECT k0 FROM u WHERE {} UNION SELECT k0 FROM t WHERE {}){outer}",
            filter(setup, dice, &[""]),
            filter(setup, dice, &[""])
        ),
        _ => format!(
            "SELECT row_no, (SELECT COUNT(*) FROM u b WHERE {on}) FROM t a WHERE TRUE{outer}"
        ),
    }
}

/// The inside of a derived table with the columns `k0` … and `n`.
fn inside(setup: &Setup, dice: &mut Dice) -> String {
    let keys = keys(setup, "");
    let filter = match dice.roll(3) {
        0 => format!(" WHERE {}", condition(setup, dice, &[""], 1)),
        1 => format!(" WHERE {}", point(setup, dice, "")),
        _ => String::new(),
    };
    let joined = equal(setup, "x.", "y.");
    let qualified = self::keys(setup, "x.");
    match dice.roll(12) {
        0 => format!("SELECT {keys}, v AS n FROM t{filter}"),
        1 => format!("SELECT *, v AS n FROM t{filter}"),
        2 => format!("SELECT t.*, row_no AS n FROM t{filter}"),
        3 => format!("SELECT {keys}, COUNT(*) AS n FROM t{filter} GROUP BY {keys}"),
        4 => format!("SELECT {keys}, COUNT(*) AS n FROM t{filter} GROUP BY v, {keys}"),
        5 => format!("SELECT {keys}, MIN(row_no) AS n FROM t{filter} GROUP BY {keys} HAVING n > 3"),
        6 => format!("SELECT {keys}, row_no AS n FROM t{filter} ORDER BY row_no LIMIT 5"),
        7 => format!("SELECT DISTINCT {keys}, v AS n FROM t{filter}"),
        8 => format!("SELECT {keys}, RANK() OVER (ORDER BY row_no) AS n FROM t{filter}"),
        9 => format!("SELECT {keys}, v AS n FROM t{filter} UNION ALL SELECT {keys}, v FROM u"),
        10 => format!("SELECT {qualified}, y.v AS n FROM t x LEFT JOIN u y ON {joined}"),
        _ => format!("SELECT MAX(k0) AS k0, COUNT(*) AS n FROM t{filter}"),
    }
}

fn derived(setup: &Setup, dice: &mut Dice) -> String {
    let inside = inside(setup, dice);
    let outer = filter(setup, dice, &["d."]).replace("d.v", "d.n");
    let on = equal(setup, "d.", "b.");
    let both = filter(setup, dice, &["d.", "b."]).replace("d.v", "d.n");
    match dice.roll(8) {
        0 | 1 => format!("SELECT d.k0, d.n FROM ({inside}) d WHERE {outer}"),
        2 => format!("WITH d AS ({inside}) SELECT d.k0, d.n FROM d WHERE {outer}"),
        3 => format!(
            "WITH d AS ({inside}) SELECT d.n, e.n FROM d JOIN d e ON d.k0 = e.k0 WHERE {outer}"
        ),
        4 => format!("SELECT d.n, b.row_no FROM ({inside}) d JOIN u b ON {on} WHERE {both}"),
        5 => format!("SELECT d.n, b.row_no FROM u b LEFT JOIN ({inside}) d ON {on} WHERE {both}"),
        6 => format!("SELECT COUNT(*), SUM(d.n) FROM (SELECT * FROM ({inside}) x) d WHERE {outer}"),
        _ => format!(
            "SELECT d.n FROM ({inside}) d WHERE EXISTS (SELECT 1 FROM u b WHERE {on} AND ({both}))"
        ),
    }
}
