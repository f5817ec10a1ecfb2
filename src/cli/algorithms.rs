//! The algorithms that a configuration may name.

use crate::config::{AlgorithmCheck, AlgorithmSpec};
use crate::route::algorithm::{self, AlgorithmError};
use crate::topology::{Folding, KeyCollation, KeyType};

/// The registry of `route::algorithm`, for the author of a configuration file.
#[derive(Debug)]
pub struct RegisteredAlgorithms {
    names: Vec<&'static str>,
}

impl Default for RegisteredAlgorithms {
    fn default() -> Self {
        Self {
            names: algorithm::registered().map(|(name, _)| name).collect(),
        }
    }
}

impl AlgorithmCheck for RegisteredAlgorithms {
    fn names(&self) -> &[&'static str] {
        &self.names
    }

    /// The key's type is known to the servers only: some type must fit.
    fn check(
        &self,
        algorithm: &AlgorithmSpec,
        places: usize,
        columns: usize,
    ) -> Result<(), String> {
        let mut refusal: Option<AlgorithmError> = None;
        for key_type in key_types() {
            match algorithm::build(algorithm, places, &vec![key_type; columns]) {
                Ok(_) => return Ok(()),
                // What holds for every type says more.
                Err(error) => match &refusal {
                    Some(first) if error.is_of_key_type() || !first.is_of_key_type() => {}
                    _ => refusal = Some(error),
                },
            }
        }
        refusal.map_or(Ok(()), |error| Err(without_name(&error, &algorithm.name)))
    }
}

/// The reason alone: the report begins with the algorithm's name.
fn without_name(error: &AlgorithmError, name: &str) -> String {
    let text = error.to_string();
    let reason = text.strip_prefix(&format!("algorithm \"{name}\": "));
    reason.map_or_else(|| text.clone(), str::to_owned)
}

/// One key type of each kind.
fn key_types() -> [KeyType; 6] {
    let collation = KeyCollation {
        name: "utf8mb4_bin".to_owned(),
        charset: "utf8mb4".to_owned(),
        pad_space: false,
        folding: Folding::Exact,
    };
    [
        KeyType::Integer {
            min: i128::from(i64::MIN),
            max: i128::from(i64::MAX),
        },
        KeyType::Text {
            fixed: false,
            length: 255,
            collation,
        },
        KeyType::DateTime { fsp: 6 },
        KeyType::Date,
        KeyType::Decimal {
            precision: 38,
            scale: 10,
        },
        KeyType::Binary {
            fixed: false,
            length: 255,
        },
    ]
}
