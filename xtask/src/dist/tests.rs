use super::*;

#[test]
fn a_line_of_the_compiler_is_found_by_its_name() {
    let version =
        "rustc 1.95.0\nbinary: rustc\nhost: x86_64-unknown-linux-gnu\nLLVM version: 22.1.2\n";
    assert_eq!(
        field(version, "host: ").unwrap(),
        "x86_64-unknown-linux-gnu"
    );
    assert_eq!(field(version, "LLVM version: ").unwrap(), "22.1.2");
    let missing = field("rustc 1.95.0\n", "host: ").unwrap_err();
    assert!(missing.to_string().contains("host: "), "{missing}");
}

#[test]
fn the_compiler_in_use_says_what_is_needed() {
    let compiler = Compiler::ask().unwrap();
    assert!(
        compiler.llvm_major.parse::<u32>().is_ok(),
        "{}",
        compiler.llvm_major
    );
    assert!(compiler.sysroot.is_dir());
    assert!(compiler.host.contains('-'), "{}", compiler.host);
}

#[test]
fn a_missing_merger_is_named_with_what_installs_it() {
    let nowhere = Compiler {
        host: "no-host".to_owned(),
        llvm_major: "0".to_owned(),
        sysroot: PathBuf::from("/nonexistent"),
    };
    let error = nowhere.merger().unwrap_err().to_string();
    assert!(error.contains("rustup component add llvm-tools"), "{error}");
    assert!(error.contains("apt-get install llvm-0"), "{error}");
}

#[test]
fn two_programs_have_two_fingerprints() {
    let folder = std::env::temp_dir().join(format!("xtask-dist-{}", std::process::id()));
    clear(&folder).unwrap();
    let (one, other) = (folder.join("one"), folder.join("other"));
    fs::write(&one, "1").unwrap();
    fs::write(&other, "2").unwrap();
    assert_ne!(fingerprint(&one).unwrap(), fingerprint(&other).unwrap());
    clear(&folder).unwrap();
    assert!(!one.exists());
    fs::remove_dir(&folder).unwrap();
}
