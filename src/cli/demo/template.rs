//! A data folder, initialised once and copied for each server: initialising takes seconds, a copy
//! does not.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::program::{Flavor, Program};
use super::supervised::{Invocation, Supervised};

/// What MariaDB's own install script feeds to a bootstrapping server, in its order.
const MARIADB_SCRIPTS: [&str; 5] = [
    "mysql_system_tables.sql",
    "mysql_performance_tables.sql",
    "mysql_system_tables_data.sql",
    "maria_add_gis_sp_bootstrap.sql",
    "mysql_sys_schema.sql",
];

/// An initialised data folder that no server runs on. `root@localhost` has no password.
#[derive(Debug)]
pub struct Template {
    program: Program,
    data: PathBuf,
}

impl Template {
    /// Initialises `folder`/template, which takes some seconds.
    ///
    /// # Errors
    /// The program fails; the message has the end of its log.
    pub async fn initialise(program: Program, folder: &Path) -> Result<Self> {
        let data = folder.join("template");
        let input = folder.join("template.sql");
        let log = folder.join("template.log");
        let (arguments, statements) = recipe(&program, &data)?;
        fs::write(&input, statements)
            .with_context(|| format!("cannot write {}", input.display()))?;
        let mut process = Supervised::spawn(Invocation {
            program: &program,
            arguments,
            input: &input,
            log: &log,
            grace: Duration::ZERO,
        })?;
        let status = process.wait().await?;
        if !status.success() {
            bail!(
                "{} could not make a data folder, it ended with {status}; the end of its log:\n{}",
                program.path().display(),
                tail(&log)
            );
        }
        // Each server must draw its own UUID.
        let _ = fs::remove_file(data.join("auto.cnf"));
        Ok(Self { program, data })
    }

    /// The program that made it and can run on copies of it.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Copies the data folder to `target`, which must not exist.
    ///
    /// # Errors
    /// A file cannot be read or written.
    pub fn copy_to(&self, target: &Path) -> Result<()> {
        copy_folder(&self.data, target)
            .with_context(|| format!("cannot copy a data folder to {}", target.display()))
    }
}

/// Durability is worthless for a folder that lives for minutes, and syncing costs most of the time.
pub(super) const CARELESS: [&str; 4] = [
    "--innodb-flush-method=nosync",
    "--innodb-doublewrite=OFF",
    "--innodb-buffer-pool-size=32M",
    "--skip-name-resolve",
];

/// What the program is given to make `data`: its arguments, besides those that it always needs,
/// and the statements for its standard input.
fn recipe(program: &Program, data: &Path) -> Result<(Vec<OsString>, Vec<u8>)> {
    let (own, statements): (&[&str], _) = match program.flavor() {
        Flavor::MySql => (
            &[
                "--initialize-insecure",
                "--skip-log-bin",
                "--performance-schema=OFF",
                "--innodb-redo-log-capacity=16M",
            ],
            Vec::new(),
        ),
        Flavor::MariaDb => {
            fs::create_dir(data)?;
            let own = &[
                "--bootstrap",
                "--innodb-log-file-size=16M",
                "--max-allowed-packet=8M",
                "--net-buffer-length=16K",
            ];
            (own, mariadb_statements(program)?)
        }
    };
    let mut arguments = vec![flag("datadir", data)];
    // A starting server removes the temporary tables that it finds, another one's too.
    arguments.extend(data.parent().map(|folder| flag("tmpdir", folder)));
    arguments.extend(own.iter().chain(&CARELESS).map(OsString::from));
    Ok((arguments, statements))
}

fn mariadb_statements(program: &Program) -> Result<Vec<u8>> {
    let scripts = mariadb_scripts(program)?;
    // One statement a line is what a bootstrapping server reads. Root gets no password.
    let mut statements =
        b"CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket=NULL;\n".to_vec();
    for name in MARIADB_SCRIPTS {
        let path = scripts.join(name);
        let script = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        statements.extend(script);
    }
    Ok(statements)
}

/// The scripts lie beside the messages; the server itself knows where.
fn mariadb_scripts(program: &Program) -> Result<PathBuf> {
    let output = Command::new(program.path())
        .args(program.arguments())
        .args(["--verbose", "--help"])
        .output()?;
    let help = String::from_utf8_lossy(&output.stdout);
    let named = help.lines().find_map(|line| {
        let (name, value) = line.split_once(char::is_whitespace)?;
        (name == "lc-messages-dir").then(|| PathBuf::from(value.trim()))
    });
    named
        .into_iter()
        .chain(["/usr/share/mysql".into(), "/usr/share/mariadb".into()])
        .find(|folder| folder.join(MARIADB_SCRIPTS[0]).is_file())
        .with_context(|| {
            format!(
                "{} is not where the server keeps its files",
                MARIADB_SCRIPTS[0]
            )
        })
}

pub(super) fn flag(name: &str, path: &Path) -> OsString {
    let mut flag = OsString::from(format!("--{name}="));
    flag.push(path);
    flag
}

/// The last lines of a server's log, for an error message.
pub(super) fn tail(log: &Path) -> String {
    const LINES: usize = 20;
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines
        .iter()
        .skip(lines.len().saturating_sub(LINES))
        .map(|line| format!("    {line}\n"))
        .collect()
}

fn copy_folder(source: &Path, target: &Path) -> std::io::Result<()> {
    fs::create_dir(target)?;
    for entry in fs::read_dir(source)? {
        let entry = entry?;
        let to = target.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &to)?;
        } else {
            // Shares the blocks where the file system can.
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}
