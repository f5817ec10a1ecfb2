//! Which server program to run, and what it is.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The two families of servers; they differ in flags, accounts and replication statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavor {
    /// Oracle's MySQL or a build of it.
    MySql,
    /// MariaDB.
    MariaDb,
}

/// An executable server.
#[derive(Clone, Debug)]
pub struct Program {
    path: PathBuf,
    flavor: Flavor,
}

impl Program {
    /// The given program, else `mysqld`, else `mariadbd`, as found on PATH or where
    /// distributions put servers.
    ///
    /// # Errors
    /// There is none, or the given one does not run.
    pub fn find(given: Option<&Path>) -> Result<Self> {
        if let Some(path) = given {
            return Self::at(path);
        }
        match ["mysqld", "mariadbd"].into_iter().find_map(on_path) {
            Some(path) => Self::at(&path),
            None => bail!(
                "no mysqld or mariadbd is on PATH: install MySQL or MariaDB, or name the program with --mysqld PATH"
            ),
        }
    }

    /// The program at `path`; it is run once, with `--version`.
    ///
    /// # Errors
    /// It does not run.
    pub fn at(path: &Path) -> Result<Self> {
        let output = Command::new(path)
            .args(["--no-defaults", "--version"])
            .output()
            .with_context(|| format!("cannot run {}", path.display()))?;
        let version = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() || !version.contains("Ver ") {
            bail!(
                "{} --version does not answer like a MySQL server: {}{}",
                path.display(),
                version.trim(),
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        Ok(Self {
            path: path.to_owned(),
            flavor: flavor_of(&version),
        })
    }

    /// Where the executable is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it is.
    pub fn flavor(&self) -> Flavor {
        self.flavor
    }

    /// The program with the arguments that every invocation needs first.
    pub(super) fn arguments(&self) -> Vec<String> {
        let mut arguments = vec!["--no-defaults".to_owned()];
        // A server refuses to run as root unless told that this is meant.
        if nix::unistd::geteuid().is_root() {
            arguments.push("--user=root".to_owned());
        }
        arguments
    }
}

fn flavor_of(version: &str) -> Flavor {
    if version.contains("MariaDB") {
        Flavor::MariaDb
    } else {
        Flavor::MySql
    }
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        // Distributions put servers where only root has its PATH.
        .chain(["/usr/sbin".into(), "/usr/local/sbin".into()])
        .map(|folder| folder.join(name))
        .find(|candidate| candidate.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_line_tells_the_flavor() {
        let cases = [
            (
                "/usr/sbin/mysqld  Ver 9.7.4-2 for Linux on x86_64 ((Debian))",
                Flavor::MySql,
            ),
            (
                "mysqld  Ver 8.0.44 for Linux on x86_64 (MySQL Community Server - GPL)",
                Flavor::MySql,
            ),
            (
                "mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64",
                Flavor::MariaDb,
            ),
        ];
        for (line, flavor) in cases {
            assert_eq!(flavor_of(line), flavor, "{line}");
        }
    }

    #[test]
    fn a_program_that_is_no_server_is_refused() {
        let error = Program::at(Path::new("/bin/echo")).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("does not answer like a MySQL server"),
            "{error}"
        );
    }
}
