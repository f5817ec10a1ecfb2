//! `shardingsphere_hash_mod`: the absolute value of Java's hash modulo `sharding_count`
//! (`HASH_MOD`).
//!
//! | column | Java object |
//! |---|---|
//! | TINYINT … BIGINT | `Long`; below zero `Integer` or `Long`, as `java_type` says |
//! | BIGINT UNSIGNED above 2^63 - 1 | `BigInteger` |
//! | DECIMAL(p,s) | `BigDecimal` of scale s |
//! | CHAR, VARCHAR, BINARY, VARBINARY | `String` |
//!
//! `Integer` and `Long` of one number differ in the hash of negative numbers only. What decides is
//! in the parameters, not in the column's type: tables with equal parameters place equal keys alike.

use super::super::arguments::Arguments;
use super::super::java;
use super::super::spelling::{Case, Spelling};
use super::super::{Algorithm, AlgorithmError, Setting, only};
use crate::topology::KeyType;
use crate::value::KeyValue;

pub(super) const NAME: &str = "shardingsphere_hash_mod";

#[derive(Debug)]
struct HashMod {
    count: u64,
    object: Object,
}

/// What Java makes of the column.
#[derive(Clone, Copy, Debug)]
enum Object {
    Integer(Option<JavaType>),
    BigDecimal { scale: u8 },
    String(Spelling),
}

/// What an application hands over for integers of 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum JavaType {
    Integer,
    Long,
}

/// Takes `sharding_count` (without it, the number of shards); `java_type` (`"Integer"` or
/// `"Long"`), without which most negative integers have no place; and `scale`, which DECIMAL keys
/// need.
pub(super) fn build(setting: Setting<'_>) -> Result<Box<dyn Algorithm>, AlgorithmError> {
    let known = ["sharding_count", "java_type", "scale"];
    let arguments = Arguments::new(NAME, setting.params, &known)?;
    let count = arguments.count("sharding_count", setting.places)? as u64;
    let java_type = match arguments.text("java_type")? {
        None => None,
        Some("Integer") => Some(JavaType::Integer),
        Some("Long") => Some(JavaType::Long),
        Some(_) => return Err(arguments.refused("java_type", "must be Integer or Long")),
    };
    let written = arguments.whole("scale")?;
    let object = match setting.key_type(NAME)? {
        KeyType::Integer { .. } => Object::Integer(java_type),
        KeyType::Decimal { scale, .. } if written == Some(i64::from(*scale)) => {
            Object::BigDecimal { scale: *scale }
        }
        KeyType::Decimal { scale, .. } => {
            return Err(arguments.refused("scale", format!("must be {scale}, the key's own")));
        }
        _ => Object::String(Spelling::of(NAME, &setting, Case::Matters)?),
    };
    Ok(Box::new(HashMod { count, object }))
}

impl Algorithm for HashMod {
    fn place(&self, key: &[KeyValue<'_>]) -> Result<usize, AlgorithmError> {
        let place = self.position(only(NAME, key)?);
        place.ok_or(AlgorithmError::NoPlace { algorithm: NAME })
    }
}

impl HashMod {
    fn position(&self, key: &KeyValue<'_>) -> Option<usize> {
        let hash = match (self.object, key) {
            (Object::Integer(java_type), KeyValue::Int(value)) => {
                return self.integer(*value, java_type);
            }
            (
                Object::BigDecimal { scale },
                KeyValue::Decimal {
                    unscaled,
                    scale: written,
                },
            ) => {
                let zeros = scale.checked_sub(*written)?;
                let unit = 10i128.checked_pow(u32::from(zeros))?;
                java::big_decimal_hash(unscaled.checked_mul(unit)?, scale)
            }
            (Object::String(spelling), key) => java::string_hash(&spelling.text(key)?),
            _ => return None,
        };
        Some(self.of_hash(hash))
    }

    fn integer(&self, value: i128, java_type: Option<JavaType>) -> Option<usize> {
        let Ok(long) = i64::try_from(value) else {
            return Some(self.of_hash(java::big_integer_hash(value)));
        };
        let as_long = self.of_hash(java::long_hash(long));
        let Ok(int) = i32::try_from(long) else {
            return Some(as_long);
        };
        let as_integer = self.of_hash(int);
        match java_type {
            Some(JavaType::Integer) => Some(as_integer),
            Some(JavaType::Long) => Some(as_long),
            None => (as_integer == as_long).then_some(as_long),
        }
    }

    fn of_hash(&self, hash: i32) -> usize {
        (u64::from(hash.unsigned_abs()) % self.count) as usize
    }
}
