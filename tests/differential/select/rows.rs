//! The rows of the shop: always the same ones, with NULLs, duplicates and everything that types and
//! collations make different.

use super::super::dice::Dice;

/// How many users there are; their ids are [`user_id`].
pub const USERS: usize = 72;
const ORDERS: usize = 110;
const PRODUCTS: usize = 40;
const EVENTS: usize = 90;

/// A table's rows: the columns, and each row's values as SQL.
pub struct Rows {
    pub table: &'static str,
    pub columns: &'static str,
    pub values: Vec<String>,
}

pub const NAMES: &[&str] = &[
    "'anna'",
    "'Anna'",
    "'ANNA'",
    "'änna'",
    "'Bob'",
    "'bob'",
    "'Zoë'",
    "'zoe'",
    "'Émile'",
    "'emile'",
    "'straße'",
    "'strasse'",
    "'O''Neil'",
    "'李雷'",
    "'😀'",
    "'😁'",
    "'a😀'",
    "''",
    "' lead'",
    "'trail '",
    "'trail'",
    "'Ñandú'",
    "'nandu'",
    "'ﬁn'",
    "'fin'",
    "'Жук'",
    "'жук'",
    "'back\\\\slash'",
    "'100%'",
    "'a_b'",
    "NULL",
    "NULL",
];
pub const CITIES: &[&str] = &[
    "'Köln'",
    "'koln'",
    "'KÖLN'",
    "'Paris'",
    "'paris '",
    "'Århus'",
    "'Arhus'",
    "'Zürich'",
    "''",
    "NULL",
];
pub const CODES: &[&str] = &[
    "'a'", "'A'", "'b'", "'B'", "'á'", "'a '", "'A1'", "'a10'", "'a9'", "'Z'", "'z'", "'ß'", "''",
    "NULL",
];
pub const SCORES: &[&str] = &[
    "0",
    "0.5",
    "-0.5",
    "10",
    "10.00",
    "9.99",
    "-99999999.99",
    "99999999.99",
    "123.45",
    "-1.1",
    "NULL",
];
pub const BALANCES: &[&str] = &[
    "0",
    "0.0000000001",
    "-0.0000000001",
    "12345678901234567890.1234567891",
    "-12345678901234567890.5",
    "1.5",
    "1.5000000000",
    "99",
    "NULL",
];
pub const BIGS: &[&str] = &[
    "0",
    "1",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551614",
    "42",
    "42",
    "NULL",
];
pub const RATINGS: &[&str] = &[
    "0",
    "0.1",
    "0.2",
    "0.30000000000000004",
    "-2.5",
    "1e3",
    "1234.5678",
    "-1e-3",
    "3.14159",
    "NULL",
];
pub const HEIGHTS: &[&str] = &[
    "0.1", "1.75", "1.8", "-1.5", "2", "16777217", "1e-5", "NULL",
];
pub const LEVELS: &[&str] = &["'low'", "'Mid'", "'high'", "'top'", "'top'", "NULL"];
pub const TAGS: &[&str] = &[
    "''",
    "'red'",
    "'green'",
    "'red,green'",
    "'blue'",
    "'red,blue'",
    "'red,green,blue,x'",
    "'x'",
    "NULL",
];
pub const BITS: &[&str] = &[
    "b'0'",
    "b'1'",
    "b'1000000000'",
    "b'1111111111'",
    "b'101'",
    "NULL",
];
pub const DATES: &[&str] = &[
    "'2024-02-29'",
    "'1999-12-31'",
    "'2000-01-01'",
    "'1000-01-01'",
    "'9999-12-31'",
    "'2024-03-01'",
    "'2024-02-29'",
    "NULL",
];
pub const MOMENTS: &[&str] = &[
    "'2024-01-01 00:00:00'",
    "'2024-01-01 00:00:00.000001'",
    "'2023-12-31 23:59:59.999999'",
    "'2024-06-15 12:30:00.5'",
    "'1970-01-02 00:00:00'",
    "'2024-06-15 12:30:00.500000'",
    "'2037-01-19 03:14:07'",
    "NULL",
];
pub const TIMES: &[&str] = &[
    "'00:00:00'",
    "'-838:59:59'",
    "'838:59:59'",
    "'12:30:00.25'",
    "'-00:00:01'",
    "'07:15:00'",
    "NULL",
];
pub const YEARS: &[&str] = &["1901", "2155", "2024", "1999", "0", "NULL"];
pub const DOCS: &[&str] = &[
    "'{}'",
    "'[]'",
    "'null'",
    "'1'",
    "'1.5'",
    "'\"x\"'",
    "'\"X\"'",
    "'true'",
    "'[1, 2, 3]'",
    "'{\"a\": 1}'",
    "'{\"a\": {\"b\": [1, \"ü\"]}, \"n\": -2}'",
    "'{\"a\": 2, \"tags\": [\"x\", \"y\"]}'",
    "NULL",
];
pub const BLOBS: &[&str] = &[
    "x''",
    "x'00'",
    "x'00FF'",
    "x'FF'",
    "x'616263'",
    "x'414243'",
    "NULL",
];
pub const TEXTS: &[&str] = &[
    "'short'",
    "'Short'",
    "'a longer text, with ümläuts and 😀'",
    "'line\\nbreak\\ttab'",
    "REPEAT('long ', 60)",
    "''",
    "NULL",
];
pub const FIXED: &[&str] = &["'ab'", "'AB'", "'ab    '", "''", "'öäü'", "NULL"];
pub const FIXED_BYTES: &[&str] = &["x'00'", "x'6162'", "x'61620000'", "x'FFFFFFFF'", "NULL"];
pub const STATUSES: &[&str] = &["'new'", "'paid'", "'paid'", "'sent'", "'back'"];
pub const TOTALS: &[&str] = &[
    "0.00",
    "10.00",
    "10.00",
    "19.99",
    "-5.50",
    "1234.56",
    "9999999999.99",
    "0.01",
    "250",
    "NULL",
];
pub const DISCOUNTS: &[&str] = &["0", "0.05", "0.1", "0.3333", "1", "-0.0001", "NULL"];
pub const NOTES: &[&str] = &[
    "'fragile'",
    "'Fragile'",
    "'FRAGILE'",
    "'gift'",
    "'été'",
    "'ete'",
    "'call 😀'",
    "''",
    "NULL",
    "NULL",
];
pub const PRICES: &[&str] = &[
    "0.000", "1.500", "1.5", "9.990", "19.999", "100", "0.001", "2500.25",
];
pub const CATEGORIES: &[&str] = &[
    "'Toys'", "'toys'", "'Böoks'", "'books'", "'food'", "'tools'", "NULL",
];
pub const ATTRS: &[&str] = &[
    "'{\"color\": \"red\", \"size\": 1}'",
    "'{\"color\": \"blue\", \"size\": 2}'",
    "'{\"color\": \"red\", \"size\": 10}'",
    "'{\"color\": null}'",
    "'[]'",
    "NULL",
];
pub const KINDS: &[&str] = &[
    "'click'", "'Click'", "'view'", "'buy'", "'bùy'", "'login'", "NULL",
];
pub const AMOUNTS: &[&str] = &[
    "0",
    "1.2345",
    "-1.2345",
    "1000000.0001",
    "0.5",
    "0.5000",
    "NULL",
];
pub const BIT_NUMBERS: &[&str] = &["0", "1", "6", "255", "18446744073709551615", "1024", "NULL"];
pub const PAGES: &[&str] = &[
    "'/'",
    "'/home'",
    "'/HOME2'",
    "'/Shop'",
    "'/shop/1'",
    "'/a b'",
    "'/9'",
];

/// Negative, small, neighbouring and very large ones.
pub fn user_id(at: usize) -> i64 {
    let at = i64::try_from(at).unwrap();
    match at {
        0 => -7,
        1 => 0,
        2 => 9_007_199_254_740_993,
        3 => -9_223_372_036_854_775_807,
        _ => at - 3,
    }
}

fn picks(dice: &mut Dice, columns: &[&[&str]]) -> String {
    let picked: Vec<&str> = columns.iter().map(|values| dice.pick(values)).collect();
    picked.join(", ")
}

/// A number from 1 on, or NULL once in eight times.
fn reference(dice: &mut Dice, count: usize) -> String {
    match dice.roll(8) {
        0 => "NULL".to_owned(),
        _ => (1 + dice.roll(count)).to_string(),
    }
}

fn number(dice: &mut Dice, from: i64, count: usize) -> String {
    match dice.roll(9) {
        0 => "NULL".to_owned(),
        _ => (from + i64::try_from(dice.roll(count)).unwrap()).to_string(),
    }
}

fn users(dice: &mut Dice) -> Rows {
    let values = (0..USERS).map(|at| {
        let texts = picks(dice, &[NAMES, NAMES, CODES, CITIES]);
        let (region, age) = (reference(dice, 9), number(dice, -3, 12));
        let numbers = picks(dice, &[SCORES, BALANCES, BIGS, RATINGS, HEIGHTS]);
        let others = picks(
            dice,
            &[
                LEVELS, TAGS, BITS, DATES, MOMENTS, TIMES, YEARS, MOMENTS, DOCS, BLOBS, TEXTS,
                BLOBS,
            ],
        );
        let fixed = picks(dice, &[FIXED, FIXED_BYTES]);
        format!(
            "{}, {texts}, {region}, {age}, {numbers}, {others}, {fixed}",
            user_id(at)
        )
    });
    Rows {
        table: "users",
        columns: "user_id, name, nick, code, city, region_id, age, score, balance, big, rating, \
                  height, level, tags, flags, born, created, wakes, joined, seen, doc, avatar, bio, \
                  token, fixed, fixed_bytes",
        values: values.collect(),
    }
}

/// Orders of two users in three, and their items; an order in ten has none.
fn orders(dice: &mut Dice) -> [Rows; 2] {
    let (mut orders, mut items) = (Vec::new(), Vec::new());
    for order in 1..=ORDERS {
        let user = match (order % 20, dice.roll(USERS * 2 / 3)) {
            (0, _) => 5,
            (_, at) => user_id(at),
        };
        let region = reference(dice, 9);
        let columns = picks(dice, &[STATUSES, TOTALS, DISCOUNTS, RATINGS]);
        let (paid, placed, note) = (number(dice, 0, 2), dice.pick(MOMENTS), dice.pick(NOTES));
        orders.push(format!(
            "{order}, {user}, {region}, {columns}, {paid}, {placed}, {note}"
        ));
        for line in 1..=dice.roll(10) % 4 {
            let product = reference(dice, PRODUCTS + 4);
            let (qty, price, gift) = (1 + dice.roll(5), dice.pick(PRICES), dice.pick(CODES));
            items.push(format!(
                "{user}, {order}, {line}, {product}, {qty}, {price}, {gift}"
            ));
        }
    }
    [
        Rows {
            table: "orders",
            columns: "order_id, user_id, region_id, status, total, discount, weight, paid, placed, note",
            values: orders,
        },
        Rows {
            table: "order_items",
            columns: "user_id, order_id, line_no, product_id, qty, price, gift",
            values: items,
        },
    ]
}

fn products(dice: &mut Dice) -> Rows {
    let names: Vec<&str> = NAMES
        .iter()
        .copied()
        .filter(|name| *name != "NULL")
        .collect();
    let values = (1..=PRODUCTS).map(|at| {
        let texts = picks(dice, &[&names, CATEGORIES, PRICES]);
        let stock = number(dice, 0, 9);
        let others = picks(dice, &[HEIGHTS, ATTRS]);
        // A forest: a parent's number is less than half of its child's.
        let parent = if at < 4 {
            "NULL".to_owned()
        } else {
            (at / 3).to_string()
        };
        format!(
            "{at}, {texts}, {stock}, {others}, {parent}, {}",
            dice.pick(DATES)
        )
    });
    Rows {
        table: "products",
        columns: "product_id, name, category, price, stock, weight, attrs, parent_id, made",
        values: values.collect(),
    }
}

fn events(dice: &mut Dice) -> Rows {
    let values = (0..EVENTS).map(|at| {
        let id = at * 47 + dice.roll(40);
        let user = match dice.roll(10) {
            0 => "NULL".to_owned(),
            1 => "77777".to_owned(),
            _ => user_id(dice.roll(USERS)).to_string(),
        };
        let columns = picks(dice, &[KINDS, MOMENTS, DOCS, AMOUNTS]);
        let value = number(dice, -4, 10);
        format!(
            "{id}, {user}, {columns}, {value}, {}",
            dice.pick(BIT_NUMBERS)
        )
    });
    Rows {
        table: "events",
        columns: "id, user_id, kind, happened, payload, amount, value, bits",
        values: values.collect(),
    }
}

fn visits(dice: &mut Dice) -> Rows {
    let all = (0..70).map(|at| (PAGES[at % PAGES.len()], at / PAGES.len()));
    let values = all.map(|(page, visitor)| {
        let seconds = number(dice, 0, 300);
        format!("{page}, {visitor}, {seconds}, {}", dice.pick(DATES))
    });
    Rows {
        table: "visits",
        columns: "page, visitor, seconds, day",
        values: values.collect(),
    }
}

fn vips() -> Rows {
    let titles = ["'Dr'", "NULL", "'dr'"];
    let values = titles.iter().zip([6, 10, 20]);
    let values = values.map(|(title, at)| format!("{}, {title}, {at}.125", user_id(at)));
    Rows {
        table: "vips",
        columns: "user_id, title, bonus",
        values: values.collect(),
    }
}

/// The rows of the sharded tables.
pub fn sharded() -> Vec<Rows> {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let users = users(&mut dice);
    let [orders, items] = orders(&mut dice);
    let (products, events) = (products(&mut dice), events(&mut dice));
    vec![
        users,
        orders,
        items,
        products,
        events,
        visits(&mut dice),
        vips(),
    ]
}

/// The rows that are on all shards; a region has no user, and users have a region that is not there.
pub const REGIONS: &str = "INSERT INTO regions VALUES \
    (1, 'Europe', NULL, 0.2, '2001-05-01'), (2, 'Asia', NULL, 0.1, '2002-01-31'), \
    (3, 'France', 1, 0.196, '2001-05-01'), (4, 'france', 1, NULL, NULL), (5, 'Île', 3, 0.05, '2020-02-29'), \
    (6, 'Japan', 2, 0.1, '1999-12-31'), (7, 'Österreich', 1, 0.2, NULL), (8, 'Kyoto', 6, 0, '2010-10-10'), \
    (10, 'Nowhere', NULL, NULL, NULL)";

/// The rows of the table that is on one shard.
pub const SETTINGS: &str = "INSERT INTO settings VALUES \
    ('limit', '10', 10), ('Mode', 'fast', NULL), ('anna', 'x', 3), ('empty', '', 0), ('null', NULL, -1)";
