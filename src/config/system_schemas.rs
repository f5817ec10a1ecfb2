//! The schemas that every MySQL server has for itself.

/// Their names.
pub const SYSTEM_SCHEMAS: [&str; 4] = ["information_schema", "performance_schema", "mysql", "sys"];

/// The servers' own schema that a name means, in whatever case.
pub fn system_schema(name: &str) -> Option<&'static str> {
    let mut schemas = SYSTEM_SCHEMAS.into_iter();
    schemas.find(|system| system.eq_ignore_ascii_case(name))
}
