//! Where the repository is, which files it holds, and how its commands are started.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The root of the repository: of the checkout that `cargo xtask` was called in, else of the one it was built in.
pub(crate) fn root() -> Result<PathBuf> {
    let manifest = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    manifest
        .parent()
        .map(Path::to_path_buf)
        .context("the folder of xtask has no parent")
}

/// The folder for everything that is built, by the rules of cargo.
pub(crate) fn target() -> Result<PathBuf> {
    let root = root()?;
    Ok(root.join(env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into())))
}

/// The cargo that started this program, in the root of the repository.
pub(crate) fn cargo(arguments: &[&str]) -> Result<Command> {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()?).args(arguments);
    Ok(command)
}

/// Whether `cargo NAME` is installed.
pub(crate) fn has_cargo_command(name: &str) -> bool {
    cargo(&[name, "--version"])
        .and_then(|mut command| Ok(command.output()?))
        .is_ok_and(|output| output.status.success())
}

/// What a command printed on standard output; fails with its standard error.
pub(crate) fn output_of(command: &mut Command) -> Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .with_context(|| format!("could not start `{program}`; is it installed?"))?;
    if !output.status.success() {
        bail!(
            "`{program}` failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    String::from_utf8(output.stdout)
        .with_context(|| format!("`{program}` printed text that is not UTF-8"))
}

/// Every file that belongs to the repository: tracked, or new and not ignored. Paths are relative to the root.
pub(crate) fn files() -> Result<Vec<PathBuf>> {
    let root = root()?;
    let listing = output_of(Command::new("git").current_dir(&root).args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]))
    .context("the list of files comes from git; run this in a checkout")?;
    Ok(listing
        .split_terminator('\0')
        .map(PathBuf::from)
        .filter(|path| root.join(path).is_file())
        .collect())
}

/// Whether a file holds only tests, by the project's layout: `tests.rs`, or below a folder `tests`.
pub(crate) fn is_test(file: &Path) -> bool {
    file.file_name().is_some_and(|name| name == "tests.rs")
        || file.iter().any(|part| part == "tests")
}
