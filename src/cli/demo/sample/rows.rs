//! The rows of the sharded tables: made up, but the same each time.

const USERS: u64 = 120;
const REGIONS: u64 = 6;

const GIVEN: [&str; 12] = [
    "Ada", "Björn", "Chiara", "Dmitri", "Élise", "Farah", "Grace", "Hiro", "Inés", "Jón", "Kavya",
    "林",
];
const FAMILY: [&str; 10] = [
    "Abebe", "Brandt", "Castillo", "Dubois", "Eriksen", "Fontaine", "Goldberg", "Haddad", "Ito",
    "Jansen",
];
const STATUS: [&str; 4] = ["new", "paid", "sent", "returned"];

/// Prices in cents, as in the products table, by product id from 1.
const PRICES: [u64; 16] = [
    450, 3900, 725, 5890, 680, 1240, 995, 2750, 7400, 1875, 12900, 9999, 310, 2100, 2430, 4500,
];

/// One INSERT for each row of `users`, `orders` and `order_items`.
pub fn inserts() -> Vec<String> {
    let mut dice = Dice(20_250_101);
    let mut order_id = 1000;
    let mut statements = Vec::new();
    for user_id in 1..=USERS {
        statements.push(user(user_id, &mut dice));
        for _ in 0..dice.below(5) {
            order_id += 1;
            order(order_id, user_id, &mut dice, &mut statements);
        }
    }
    statements
}

fn user(user_id: u64, dice: &mut Dice) -> String {
    let (given, family) = (dice.one_of(&GIVEN), dice.one_of(&FAMILY));
    let region = dice.below(REGIONS) + 1;
    format!(
        "INSERT INTO users (user_id, name, email, region_id, created_at) VALUES \
         ({user_id}, '{given} {family}', 'user{user_id}@shop.example', {region}, '{}')",
        dice.moment()
    )
}

fn order(order_id: u64, user_id: u64, dice: &mut Dice, statements: &mut Vec<String>) {
    let mut total = 0;
    let mut items = Vec::new();
    for line in 1..=1 + dice.below(3) {
        let product = dice.below(PRICES.len() as u64);
        let price = PRICES.get(product as usize).copied().unwrap_or_default();
        let quantity = 1 + dice.below(4);
        total += quantity * price;
        items.push(format!(
            "INSERT INTO order_items (order_id, line, user_id, product_id, quantity, price) VALUES \
             ({order_id}, {line}, {user_id}, {}, {quantity}, {})",
            product + 1,
            money(price)
        ));
    }
    let note = match dice.below(6) {
        0 => "'leave at the neighbour''s'",
        1 => "'gift 🎁'",
        _ => "NULL",
    };
    statements.push(format!(
        "INSERT INTO orders (order_id, user_id, status, total, note, ordered_at) VALUES \
         ({order_id}, {user_id}, '{}', {}, {note}, '{}')",
        dice.one_of(&STATUS),
        money(total),
        dice.moment()
    ));
    statements.append(&mut items);
}

fn money(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// A linear congruential generator (the constants of POSIX drand48): the sample must not change
/// with a library's version.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(0x5_DEEC_E66D).wrapping_add(11) & ((1 << 48) - 1);
        (self.0 >> 17) % bound
    }

    fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        let chosen = self.below(choices.len() as u64);
        choices.get(chosen as usize).copied().unwrap_or_default()
    }

    fn moment(&mut self) -> String {
        let (month, day) = (self.below(12) + 1, self.below(28) + 1);
        let (hour, minute, second) = (self.below(24), self.below(60), self.below(60));
        let micros = self.below(1_000_000);
        format!("2025-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{micros:06}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_the_same_each_time() {
        assert_eq!(inserts(), inserts());
    }

    #[test]
    fn every_sharded_table_has_rows() {
        let statements = inserts();
        for (table, least) in [("users", 120), ("orders", 100), ("order_items", 200)] {
            let start = format!("INSERT INTO {table} ");
            let count = statements
                .iter()
                .filter(|text| text.starts_with(&start))
                .count();
            assert!(count >= least, "{table}: {count}");
        }
    }

    #[test]
    fn the_prices_are_those_of_the_products_table() {
        for (position, cents) in PRICES.into_iter().enumerate() {
            let row = format!("({}, '", position + 1);
            let products = super::super::BROADCAST.split("products").nth(1).unwrap();
            let row = products.split(&row).nth(1).unwrap();
            assert!(
                row.split(')').next().unwrap().ends_with(&money(cents)),
                "{position}"
            );
        }
    }
}
