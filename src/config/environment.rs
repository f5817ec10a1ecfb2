//! What a configuration refers to outside its file: variables, secret files, certificates.

use std::path::Path;

/// The world outside the file. Errors are ready to be shown and hold no secrets.
pub trait Environment {
    /// The value of an environment variable.
    ///
    /// # Errors
    /// It is not set, empty, or not UTF-8.
    fn variable(&self, name: &str) -> Result<String, String>;

    /// The content of a file that holds a secret, without its last line break.
    ///
    /// # Errors
    /// It cannot be read, is empty, or is not UTF-8.
    fn secret_file(&self, path: &Path) -> Result<String, String>;

    /// Whether a file can be opened for reading.
    ///
    /// # Errors
    /// Why not.
    fn readable(&self, path: &Path) -> Result<(), String>;

    /// Whether the program that reads the file can send traces.
    fn sends_traces(&self) -> bool {
        cfg!(feature = "otlp")
    }
}

/// The process's own environment and file system.
#[derive(Clone, Copy, Debug)]
pub struct ProcessEnvironment;

impl Environment for ProcessEnvironment {
    fn variable(&self, name: &str) -> Result<String, String> {
        match std::env::var(name) {
            Ok(value) if value.is_empty() => Err(format!("environment variable '{name}' is empty")),
            Ok(value) => Ok(value),
            Err(std::env::VarError::NotPresent) => {
                Err(format!("environment variable '{name}' is not set"))
            }
            Err(std::env::VarError::NotUnicode(_)) => {
                Err(format!("environment variable '{name}' is not UTF-8"))
            }
        }
    }

    fn secret_file(&self, path: &Path) -> Result<String, String> {
        let failed = |error| format!("cannot read {}: {error}", path.display());
        let text = std::fs::read_to_string(path).map_err(failed)?;
        let line = text.strip_suffix('\n').unwrap_or(&text);
        let line = line.strip_suffix('\r').unwrap_or(line);
        match line {
            "" => Err(format!("{} is empty", path.display())),
            line => Ok(line.to_owned()),
        }
    }

    fn readable(&self, path: &Path) -> Result<(), String> {
        let failed = |error| format!("cannot read {}: {error}", path.display());
        std::fs::File::open(path).map(drop).map_err(failed)
    }
}

/// Nothing but the file is looked at: every secret reads as empty. For `shardwell check --offline`,
/// which must work where the secrets are not.
#[derive(Clone, Copy, Debug)]
pub struct FileAlone;

impl Environment for FileAlone {
    fn variable(&self, _: &str) -> Result<String, String> {
        Ok(String::new())
    }

    fn secret_file(&self, _: &Path) -> Result<String, String> {
        Ok(String::new())
    }

    fn readable(&self, _: &Path) -> Result<(), String> {
        Ok(())
    }
}
