//! Which files a configuration was read from, and whether they have changed since.
//!
//! Files are asked, not watched: editors that write beside and rename, and Kubernetes, which
//! turns a symbolic link, look all the same then.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use parking_lot::Mutex;

use crate::config::{Environment, ProcessEnvironment};

/// The process's environment, which remembers what files it was asked for.
#[derive(Debug, Default)]
pub(super) struct Recorder(Mutex<Vec<PathBuf>>);

impl Recorder {
    /// The configuration itself and all that it names.
    pub fn paths(self, configuration: &Path) -> Vec<PathBuf> {
        let mut paths = self.0.into_inner();
        paths.push(configuration.to_owned());
        paths.sort();
        paths.dedup();
        paths
    }
}

impl Environment for Recorder {
    fn variable(&self, name: &str) -> Result<String, String> {
        ProcessEnvironment.variable(name)
    }

    fn secret_file(&self, path: &Path) -> Result<String, String> {
        self.0.lock().push(path.to_owned());
        ProcessEnvironment.secret_file(path)
    }

    fn readable(&self, path: &Path) -> Result<(), String> {
        self.0.lock().push(path.to_owned());
        ProcessEnvironment.readable(path)
    }
}

/// Some files, as they were when they were read.
#[derive(Debug, Default)]
pub(in crate::server) struct Files {
    paths: Vec<PathBuf>,
    /// What the last look but one saw: files that are still being written are left alone.
    stats: Option<u64>,
    /// What the last look saw whose content was looked at.
    settled: Option<u64>,
    content: u64,
}

impl Files {
    /// They are about to be read.
    pub fn about_to_be_read(&mut self) {
        self.content = self.hash_content();
        self.stats = None;
        self.settled = None;
    }

    /// These are the files by now.
    pub fn are(&mut self, paths: Vec<PathBuf>) {
        if self.paths != paths {
            self.paths = paths;
            self.about_to_be_read();
        }
    }

    /// Whether one has another content than when it was read, and has been left alone since the
    /// last look.
    pub fn have_changed(&mut self) -> bool {
        let stats = Some(self.hash_stats());
        let quiet = std::mem::replace(&mut self.stats, stats) == stats;
        if !quiet || self.settled == stats {
            return false;
        }
        self.settled = stats;
        let content = self.hash_content();
        std::mem::replace(&mut self.content, content) != content
    }

    fn hash_stats(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        for path in &self.paths {
            let stat = std::fs::metadata(path).ok();
            let stat = stat.map(|s| (s.dev(), s.ino(), s.size(), s.mtime(), s.mtime_nsec()));
            stat.hash(&mut hasher);
        }
        hasher.finish()
    }

    fn hash_content(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        for path in &self.paths {
            std::fs::read(path).ok().hash(&mut hasher);
        }
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(path: &Path) -> Files {
        let mut files = Files::default();
        files.are(vec![path.to_owned()]);
        assert!(!files.have_changed());
        assert!(!files.have_changed());
        files
    }

    #[test]
    fn a_change_is_seen_once_when_the_file_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.toml");
        std::fs::write(&path, "one").unwrap();
        let mut files = files(&path);
        std::fs::write(&path, "tw").unwrap();
        assert!(!files.have_changed(), "it may still be being written");
        std::fs::write(&path, "two").unwrap();
        assert!(!files.have_changed(), "it was written again");
        assert!(files.have_changed());
        assert!(!files.have_changed());
    }

    #[test]
    fn the_same_content_is_no_change() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.toml");
        std::fs::write(&path, "one").unwrap();
        let mut files = files(&path);
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, "one").unwrap();
        assert!((0..4).all(|_| !files.have_changed()));
    }

    #[test]
    fn a_file_that_was_replaced_behind_a_link_has_changed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for (version, text) in [("v1", "one"), ("v2", "two")] {
            std::fs::create_dir(at(version)).unwrap();
            std::fs::write(at(version).join("c.toml"), text).unwrap();
        }
        std::os::unix::fs::symlink("v1", at("data")).unwrap();
        std::os::unix::fs::symlink("data/c.toml", at("c.toml")).unwrap();
        let mut files = files(&at("c.toml"));
        std::os::unix::fs::symlink("v2", at("data.new")).unwrap();
        std::fs::rename(at("data.new"), at("data")).unwrap();
        assert!(!files.have_changed());
        assert!(files.have_changed());
    }
}
