//! What one statement is made with.

use shardwell::cli::demo::program::Flavor;

use super::super::super::dice::Dice;
use super::super::script::View;
use super::node::Node;
use super::scope::{Field, Source};

/// A statement in the making.
pub struct Make {
    pub dice: Dice,
    /// The schema's name.
    pub schema: String,
    pub flavor: Flavor,
    /// What is not fixed about the answer.
    pub view: View,
    /// How many more subqueries may be made, whatever stands around them.
    pub subqueries: usize,
    /// How many more queries may stand behind FROM.
    pub derived: usize,
    /// The queries of WITH.
    pub ctes: Vec<Source>,
    /// Aggregates are not parts of larger expressions.
    pub simple: bool,
    /// How many table aliases were given.
    pub aliases: usize,
}

/// A query and its columns.
pub struct Query {
    pub node: Node,
    pub fields: Vec<Field>,
}

impl Make {
    pub fn new(seed: u64, schema: &str, flavor: Flavor) -> Self {
        // Neighbouring seeds must not look alike, and zero is none.
        let mixed = (seed ^ 0x5DEE_CE66_D1CE_4E5B).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut dice = Dice((mixed ^ (mixed >> 29)).max(1));
        dice.roll(2);
        Self {
            subqueries: [0, 1, 1, 2][dice.roll(4)],
            simple: dice.roll(10) < 7,
            derived: [0, 0, 0, 0, 1, 1, 2][dice.roll(7)],
            dice,
            schema: schema.to_owned(),
            flavor,
            view: View::default(),
            ctes: Vec::new(),
            aliases: 0,
        }
    }

    /// A table's alias that no other one has.
    pub fn alias(&mut self, table: &str) -> String {
        self.aliases += 1;
        let at = self.aliases;
        let first = &table[..1];
        match self.dice.roll(8) {
            0 => format!("`{first} {at}`"),
            1 => format!("Table_{at}"),
            2 => format!("{first}{at}ü"),
            _ => format!("{first}{at}"),
        }
    }

    /// True so many times in a hundred.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.dice.roll(100) < percent
    }

    /// One of these.
    pub fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.dice.roll(of.len())]
    }
}
