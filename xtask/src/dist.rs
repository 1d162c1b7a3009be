//! `cargo xtask dist`: the program as it is shipped, laid out by a profile of its own work.
//!
//! It is built once so that it counts what runs, put to work, and built again with those counts: what
//! runs often then lies close together and is inlined.

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{output, repository};

/// What a build is told beside the profile `dist`.
const PROFILE: &str = "dist";

/// Puts a program to work in a folder that it may fill.
pub(crate) type Training<'a> = &'a dyn Fn(&Path, &Path) -> Result<()>;

/// Builds the program as it is shipped, and returns its path.
///
/// What was counted is kept as long as the counting program does not change, so a second call on the
/// same sources builds nothing.
pub(crate) fn build(train: Training<'_>) -> Result<PathBuf> {
    let compiler = Compiler::ask()?;
    let merge = compiler.merger()?;
    let folder = repository::target()?.join("profiled");
    let counts = folder.join("counts");
    output::progress("building wharf so that it counts what runs (1 of 3)");
    let generate = format!("-Cprofile-generate={}", counts.display());
    let counting = compiler.cargo_build(&folder.join("counting"), &generate)?;
    let profile = folder.join(format!("{}.profdata", fingerprint(&counting)?));
    if !profile.is_file() {
        output::progress("putting it to work (2 of 3)");
        clear(&counts)?;
        let work = folder.join("work");
        clear(&work)?;
        train(&counting, &work)?;
        // Under its name only when it is whole.
        let part = profile.with_extension("part");
        repository::output_of(
            Command::new(merge)
                .args(["merge", "--output"])
                .args([&part, &counts]),
        )
        .context("the counts could not be merged")?;
        fs::rename(&part, &profile)?;
    }
    output::progress("building wharf with what was counted (3 of 3)");
    let using = format!("-Cprofile-use={}", profile.display());
    compiler.cargo_build(&folder.join("shipped"), &using)
}

/// What rustc says of itself.
struct Compiler {
    host: String,
    llvm_major: String,
    sysroot: PathBuf,
}

impl Compiler {
    fn ask() -> Result<Self> {
        let version = repository::output_of(Command::new("rustc").arg("-vV"))?;
        let sysroot = repository::output_of(Command::new("rustc").args(["--print", "sysroot"]))?;
        Ok(Self {
            host: field(&version, "host: ")?.to_owned(),
            llvm_major: field(&version, "LLVM version: ")?
                .split('.')
                .next()
                .unwrap_or_default()
                .to_owned(),
            sysroot: PathBuf::from(sysroot.trim()),
        })
    }

    /// The program that merges counts. It has to know the form that this compiler's LLVM writes.
    fn merger(&self) -> Result<OsString> {
        let own = self
            .sysroot
            .join(format!("lib/rustlib/{}/bin/llvm-profdata", self.host));
        let debian = format!("llvm-profdata-{}", self.llvm_major);
        for candidate in [own.into_os_string(), debian.into()] {
            let found = Command::new(&candidate).arg("--version").output();
            if found.is_ok_and(|output| output.status.success()) {
                return Ok(candidate);
            }
        }
        bail!(
            "llvm-profdata of LLVM {major} is not installed; with rustup: rustup component add llvm-tools; on \
             Debian, where it has that version: apt-get install llvm-{major}. `cargo build --profile {PROFILE} \
             --package wharf` builds without a profile",
            major = self.llvm_major
        )
    }

    /// Builds the program in `target` and returns its path. The target is named, so that programs
    /// that only run during the build are left as they are.
    fn cargo_build(&self, target: &Path, flag: &str) -> Result<PathBuf> {
        let arguments = ["build", "--profile", PROFILE, "--package", "wharf"];
        let flags = std::env::var("RUSTFLAGS")
            .map_or_else(|_| flag.to_owned(), |others| format!("{others} {flag}"));
        let status = repository::cargo(&arguments)?
            .args(["--target", &self.host])
            .env("CARGO_TARGET_DIR", target)
            .env("RUSTFLAGS", flags)
            .status()?;
        if !status.success() {
            bail!("the build failed");
        }
        Ok(target.join(&self.host).join(PROFILE).join("wharf"))
    }
}

/// The rest of the line that begins with `name`.
fn field<'a>(text: &'a str, name: &str) -> Result<&'a str> {
    text.lines()
        .find_map(|line| line.strip_prefix(name))
        .map(str::trim)
        .with_context(|| format!("`rustc -vV` printed no line `{name}`"))
}

/// Tells two programs apart.
fn fingerprint(program: &Path) -> Result<String> {
    let sum = repository::output_of(Command::new("sha256sum").arg(program))?;
    let sum = sum.get(..16).context("`sha256sum` printed no sum")?;
    Ok(sum.to_owned())
}

/// An empty folder.
fn clear(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)
            .with_context(|| format!("could not remove {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("could not make {}", folder.display()))
}
