//! A data folder, initialised once and copied for each server: initialising takes seconds, a copy
//! does not.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::program::{Flavor, Program};

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
    /// Initialises `folder`/template; blocks for some seconds.
    ///
    /// # Errors
    /// The program fails; the message has the end of its log.
    pub fn initialise(program: Program, folder: &Path) -> Result<Self> {
        let data = folder.join("template");
        let log = folder.join("template.log");
        match program.flavor() {
            Flavor::MySql => initialise_mysql(&program, &data, &log),
            Flavor::MariaDb => initialise_mariadb(&program, &data, &log),
        }
        .with_context(|| format!("{} could not make a data folder", program.path().display()))?;
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

fn initialise_mysql(program: &Program, data: &Path, log: &Path) -> Result<()> {
    let mut command = Command::new(program.path());
    command
        .args(program.arguments())
        .arg("--initialize-insecure")
        .arg(flag("datadir", data))
        .args(CARELESS)
        .args([
            "--skip-log-bin",
            "--performance-schema=OFF",
            "--innodb-redo-log-capacity=16M",
        ])
        .stdin(Stdio::null());
    run(command, log)
}

fn initialise_mariadb(program: &Program, data: &Path, log: &Path) -> Result<()> {
    let scripts = mariadb_scripts(program)?;
    fs::create_dir(data)?;
    let mut statements =
        b"CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket=NULL;\n".to_vec();
    for name in MARIADB_SCRIPTS {
        let path = scripts.join(name);
        File::open(&path)
            .and_then(|mut file| file.read_to_end(&mut statements))
            .with_context(|| format!("cannot read {}", path.display()))?;
    }
    let mut input = tempfile::tempfile()?;
    input.write_all(&statements)?;
    std::io::Seek::rewind(&mut input)?;
    let mut command = Command::new(program.path());
    command
        .args(program.arguments())
        .arg("--bootstrap")
        .arg(flag("datadir", data))
        .args(CARELESS)
        .args([
            "--innodb-log-file-size=16M",
            "--max-allowed-packet=8M",
            "--net-buffer-length=16K",
        ])
        .stdin(Stdio::from(input));
    run(command, log)
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

fn run(mut command: Command, log: &Path) -> Result<()> {
    let file = File::create(log)?;
    let status = command
        .stdout(Stdio::from(file.try_clone()?))
        .stderr(Stdio::from(file))
        .status()?;
    if !status.success() {
        bail!("it ended with {status}; the end of its log:\n{}", tail(log));
    }
    Ok(())
}

pub(super) fn flag(name: &str, path: &Path) -> std::ffi::OsString {
    let mut flag = std::ffi::OsString::from(format!("--{name}="));
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
