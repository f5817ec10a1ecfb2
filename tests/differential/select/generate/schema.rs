//! What the generator knows about the shop's tables.

use super::super::rows;

/// What can be done with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Integers up to the limits of 64 bits.
    Id,
    /// Small signed integers.
    Int,
    /// Unsigned integers, up to the limit.
    Unsigned,
    Decimal,
    Float,
    Text,
    Enum,
    Date,
    Moment,
    Time,
    Json,
    Bytes,
    Bit,
    /// Zero is written in two ways, by the server's plan.
    Year,
    /// A string of which only what its collation compares is fixed.
    Loose,
    /// A value whose last digits, or the order inside of which, is not fixed.
    Rough,
}

pub struct Column {
    pub name: &'static str,
    pub kind: Kind,
    /// Values to compare it with.
    pub values: &'static [&'static str],
}

pub struct Table {
    pub name: &'static str,
    pub columns: &'static [Column],
    /// Columns that no two rows have the same values of.
    pub unique: &'static [&'static str],
    /// The sharding key.
    pub key: Option<&'static str>,
}

const fn column(name: &'static str, kind: Kind, values: &'static [&'static str]) -> Column {
    Column { name, kind, values }
}

const USER_IDS: &[&str] = &[
    "-7",
    "0",
    "1",
    "2",
    "3",
    "5",
    "8",
    "40",
    "9007199254740993",
    "-9223372036854775807",
    "77777",
];
const SMALL: &[&str] = &["-3", "-1", "0", "1", "2", "3", "5", "8", "NULL"];
const EVENT_IDS: &[&str] = &[
    "0", "500", "999", "1000", "1001", "2000", "2500", "3000", "4100", "99999",
];
const YEARS: &[&str] = &["1901", "2155", "2024", "1999", "2000"];
const JSON: &[&str] = &[
    "CAST('1' AS JSON)",
    "CAST('\"x\"' AS JSON)",
    "'x'",
    "1.5",
    "CAST('{}' AS JSON)",
    "CAST('[1, 2, 3]' AS JSON)",
];
const REGION_NAMES: &[&str] = &["'Europe'", "'france'", "'FRANCE'", "'ile'", "'Österreich'"];
const SETTING_NAMES: &[&str] = &["'limit'", "'mode'", "'Mode '", "'ANNA'", "'empty'"];
const ORDER_IDS: &[&str] = &["1", "2", "20", "40", "55", "110", "111"];

use Kind::*;

pub static TABLES: &[Table] = &[
    Table {
        name: "users",
        columns: &[
            column("user_id", Id, USER_IDS),
            column("name", Text, rows::NAMES),
            column("nick", Text, rows::NAMES),
            column("code", Text, rows::CODES),
            column("city", Text, rows::CITIES),
            column("region_id", Int, SMALL),
            column("age", Int, SMALL),
            column("score", Decimal, rows::SCORES),
            column("balance", Decimal, rows::BALANCES),
            column("big", Unsigned, rows::BIGS),
            column("rating", Float, rows::RATINGS),
            column("height", Float, rows::HEIGHTS),
            column("level", Enum, rows::LEVELS),
            column("tags", Enum, rows::TAGS),
            column("flags", Bit, rows::BITS),
            column("born", Date, rows::DATES),
            column("created", Moment, rows::MOMENTS),
            column("wakes", Time, rows::TIMES),
            column("joined", Year, YEARS),
            column("seen", Moment, rows::MOMENTS),
            column("doc", Json, JSON),
            column("avatar", Bytes, rows::BLOBS),
            column("bio", Text, rows::TEXTS),
            column("token", Bytes, rows::BLOBS),
            column("fixed", Text, rows::FIXED),
            column("fixed_bytes", Bytes, rows::FIXED_BYTES),
        ],
        unique: &["user_id"],
        key: Some("user_id"),
    },
    Table {
        name: "orders",
        columns: &[
            column("order_id", Id, ORDER_IDS),
            column("user_id", Id, USER_IDS),
            column("region_id", Int, SMALL),
            column("status", Enum, rows::STATUSES),
            column("total", Decimal, rows::TOTALS),
            column("discount", Decimal, rows::DISCOUNTS),
            column("weight", Float, rows::RATINGS),
            column("paid", Int, SMALL),
            column("placed", Moment, rows::MOMENTS),
            column("note", Text, rows::NOTES),
        ],
        unique: &["order_id"],
        key: Some("user_id"),
    },
    Table {
        name: "order_items",
        columns: &[
            column("user_id", Id, USER_IDS),
            column("order_id", Id, ORDER_IDS),
            column("line_no", Unsigned, &["1", "2", "3"]),
            column("product_id", Int, SMALL),
            column("qty", Int, SMALL),
            column("price", Decimal, rows::PRICES),
            column("gift", Text, rows::CODES),
            column("amount", Decimal, rows::PRICES),
        ],
        unique: &["order_id", "line_no"],
        key: Some("user_id"),
    },
    Table {
        name: "events",
        columns: &[
            column("id", Id, EVENT_IDS),
            column("user_id", Id, USER_IDS),
            column("kind", Text, rows::KINDS),
            column("happened", Moment, rows::MOMENTS),
            column("payload", Json, JSON),
            column("amount", Decimal, rows::AMOUNTS),
            column("value", Int, SMALL),
            column("bits", Unsigned, rows::BIT_NUMBERS),
        ],
        unique: &["id"],
        key: Some("id"),
    },
    Table {
        name: "products",
        columns: &[
            column("product_id", Int, ORDER_IDS),
            column("name", Text, rows::NAMES),
            column("category", Text, rows::CATEGORIES),
            column("price", Decimal, rows::PRICES),
            column("stock", Unsigned, &["0", "1", "3", "7"]),
            column("weight", Float, rows::HEIGHTS),
            column("attrs", Json, JSON),
            column("parent_id", Int, SMALL),
            column("made", Date, rows::DATES),
            column("secret", Text, &["'s'", "'S'"]),
        ],
        unique: &["product_id"],
        key: Some("product_id"),
    },
    Table {
        name: "visits",
        columns: &[
            column("page", Text, rows::PAGES),
            column("visitor", Int, SMALL),
            column("seconds", Unsigned, &["0", "10", "100", "200"]),
            column("day", Date, rows::DATES),
        ],
        unique: &["page", "visitor"],
        key: Some("page"),
    },
    Table {
        name: "vips",
        columns: &[
            column("user_id", Id, &["3", "7", "17"]),
            column("title", Text, &["'Dr'", "'dr'", "NULL"]),
            column("bonus", Decimal, &["6.125", "10", "20.125"]),
        ],
        unique: &["user_id"],
        key: Some("user_id"),
    },
    Table {
        name: "returns",
        columns: &[
            column("user_id", Id, USER_IDS),
            column("order_id", Id, ORDER_IDS),
            column("reason", Text, rows::NOTES),
            column("amount", Decimal, rows::AMOUNTS),
            column("qty", Int, SMALL),
            column("rate", Float, rows::RATINGS),
            column("day", Date, rows::DATES),
        ],
        unique: &["user_id", "order_id"],
        key: Some("user_id"),
    },
    Table {
        name: "regions",
        columns: &[
            column("region_id", Int, SMALL),
            column("name", Text, REGION_NAMES),
            column("parent_id", Int, SMALL),
            column("tax", Decimal, &["0.2", "0.1", "0.196", "NULL"]),
            column("opened", Date, rows::DATES),
        ],
        unique: &["region_id"],
        key: None,
    },
    Table {
        name: "settings",
        columns: &[
            column("name", Text, SETTING_NAMES),
            column("value", Text, &["'10'", "'FAST'", "''"]),
            column("num", Int, SMALL),
        ],
        unique: &["name"],
        key: None,
    },
];

/// How often a table is taken.
pub const TAKEN: &[&str] = &[
    "users",
    "users",
    "users",
    "users",
    "orders",
    "orders",
    "orders",
    "orders",
    "order_items",
    "order_items",
    "events",
    "events",
    "events",
    "products",
    "products",
    "visits",
    "visits",
    "regions",
    "settings",
    "returns",
    "vips",
];

/// Columns by which rows of two tables belong together.
pub const RELATIONS: &[[&str; 4]] = &[
    ["users", "user_id", "orders", "user_id"],
    ["users", "user_id", "orders", "user_id"],
    ["users", "user_id", "order_items", "user_id"],
    ["orders", "user_id", "order_items", "user_id"],
    ["users", "user_id", "vips", "user_id"],
    ["orders", "user_id", "vips", "user_id"],
    ["users", "user_id", "returns", "user_id"],
    ["users", "user_id", "users", "user_id"],
    ["users", "region_id", "regions", "region_id"],
    ["orders", "region_id", "regions", "region_id"],
    ["regions", "parent_id", "regions", "region_id"],
    ["visits", "visitor", "regions", "region_id"],
    ["products", "parent_id", "regions", "region_id"],
    ["events", "value", "regions", "parent_id"],
    ["orders", "order_id", "order_items", "order_id"],
    ["events", "user_id", "users", "user_id"],
    ["events", "user_id", "orders", "user_id"],
    ["order_items", "product_id", "products", "product_id"],
    ["products", "parent_id", "products", "product_id"],
    ["users", "name", "settings", "name"],
    ["products", "made", "visits", "day"],
];

/// Whether rows that belong together are on one shard.
pub fn is_local([one, column, other, other_column]: &[&str; 4]) -> bool {
    let same = *column == "user_id" && column == other_column && *one != "events";
    same || *other == "regions"
}

pub fn table(name: &str) -> &'static Table {
    let found = TABLES.iter().find(|table| table.name == name);
    found.expect(name)
}

/// Values of a kind, where the column says nothing better.
pub fn values(kind: Kind) -> &'static [&'static str] {
    match kind {
        Id | Int => &["-7", "-1", "0", "1", "2", "3", "5", "10", "100"],
        Unsigned | Bit => &["0", "1", "2", "5", "42", "255", "18446744073709551615"],
        Decimal | Float | Rough => &["-5.5", "0", "0.1", "1.5", "10", "99.99", "1e3"],
        Text | Loose => &["'anna'", "'A'", "'b'", "'zoe '", "''", "'x'", "'1'"],
        Enum => &["'new'", "'paid'", "'top'", "'red'", "1"],
        Date => rows::DATES,
        Moment => rows::MOMENTS,
        Time => rows::TIMES,
        Json => JSON,
        Bytes => rows::BLOBS,
        Year => YEARS,
    }
}
