//! The measuring program: how it is built, started, killed, and what it says.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::{output, repository};

/// The program, and the folder below which it has its files.
pub(super) struct Program {
    path: PathBuf,
    folder: PathBuf,
}

/// What one measurement says, by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Figures(BTreeMap<String, f64>);

impl Figures {
    /// Not a number where it was not measured.
    pub(super) fn get(&self, name: &str) -> f64 {
        self.0.get(name).copied().unwrap_or(f64::NAN)
    }

    pub(super) fn set(&mut self, name: &str, value: f64) {
        self.0.insert(name.to_owned(), value);
    }

    fn hear(&mut self, line: &str) -> Result<()> {
        let (name, value) = line.split_once(' ').context("a figure has a value")?;
        let value = value
            .parse()
            .with_context(|| format!("not a figure: {line}"))?;
        self.set(name, value);
        Ok(())
    }
}

impl Program {
    pub(super) fn named_or_built(named: Option<&Path>, folder: PathBuf) -> Result<Self> {
        if let Some(path) = named {
            return Ok(Self {
                path: path.to_owned(),
                folder,
            });
        }
        output::progress("building the measuring program");
        let words = [
            "build",
            "--quiet",
            "--release",
            "-p",
            "wharf-store",
            "--example",
            "measure",
        ];
        repository::output_of(&mut repository::cargo(&words)?)?;
        Ok(Self {
            path: repository::target()?.join("release/examples/measure"),
            folder,
        })
    }

    /// Runs a measurement to its end, in a folder of this name.
    pub(super) fn measure(
        &self,
        what: &str,
        place: &str,
        options: &[(&str, u32)],
    ) -> Result<Figures> {
        let said = repository::output_of(&mut self.command(what, place, options))?;
        let mut figures = Figures::default();
        said.lines().try_for_each(|line| figures.hear(line))?;
        Ok(figures)
    }

    /// The same, with the syncs that the operating system saw. They make it slower.
    pub(super) fn counted(
        &self,
        what: &str,
        place: &str,
        options: &[(&str, u32)],
    ) -> Result<(u64, Figures)> {
        let list = self.folder.join("syncs");
        fs::create_dir_all(&self.folder)?;
        let mut command = Command::new("strace");
        command
            .args(["-f", "--seccomp-bpf", "-e", "trace=fsync,fdatasync", "-o"])
            .arg(&list);
        let own = self.command(what, place, options);
        command.arg(own.get_program()).args(own.get_args());
        let said = repository::output_of(&mut command)?;
        let mut figures = Figures::default();
        said.lines().try_for_each(|line| figures.hear(line))?;
        let seen = fs::read_to_string(&list)?;
        // One that another thread interrupts stands on two lines, of which the second has no name and
        // bracket.
        let calls = seen.lines().filter(|line| line.contains("sync("));
        Ok((calls.count() as u64, figures))
    }

    /// Runs a measurement until it says that it is ready, and kills it.
    pub(super) fn until_killed(
        &self,
        what: &str,
        place: &str,
        options: &[(&str, u32)],
    ) -> Result<Figures> {
        let mut child = self
            .command(what, place, options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let lines = child.stdout.take().context("its output is a pipe")?;
        let mut figures = Figures::default();
        let mut is_ready = false;
        for line in BufReader::new(lines).lines() {
            let line = line?;
            figures.hear(&line)?;
            if line.starts_with("ready ") {
                is_ready = true;
                break;
            }
        }
        let killed = child.kill();
        let status = child.wait()?;
        killed?;
        if !is_ready {
            bail!("the measurement {what} ended before it was ready: {status}");
        }
        Ok(figures)
    }

    /// Takes a folder away.
    pub(super) fn forget(&self, place: &str) -> Result<()> {
        let folder = self.folder.join(place);
        fs::remove_dir_all(&folder)
            .with_context(|| format!("could not remove {}", folder.display()))
    }

    fn command(&self, what: &str, place: &str, options: &[(&str, u32)]) -> Command {
        let mut command = Command::new(&self.path);
        command.arg(what).arg(self.folder.join(place));
        command.args(
            options
                .iter()
                .map(|(name, value)| format!("{name}={value}")),
        );
        command
    }
}
