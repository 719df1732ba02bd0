//! Builds the actors for WebAssembly by `scripts/build-actors` and packs them into a CAR file.
//!
//! `FEVM_BUNDLE=FILE` takes a bundle that was built before instead, and the tracing EVM actor from
//! `evm-tracing.wasm` beside it, if there is one.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

use fevm_bundle_format::Bundle;

/// What the modules are made of beside the crates in `actors`, from the root of the workspace.
const SOURCES: [&str; 7] = [
    "Cargo.lock",
    "Cargo.toml",
    "evm-interpreter/Cargo.toml",
    "evm-interpreter/src",
    "precompiles/Cargo.toml",
    "precompiles/src",
    "scripts/lib/wasm-toolchain.sh",
];

/// The script, from the root of the workspace.
const SCRIPT: &str = "scripts/build-actors";

/// The EVM actor that reports its steps.
const TRACING: &str = "evm-tracing.wasm";

/// The bundle, and the tracing actor's module; no bytes if there is none.
type Built = Result<(Bundle, Vec<u8>), Box<dyn Error>>;

fn main() -> ExitCode {
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: the bundle of actors cannot be had: {error}");
            ExitCode::FAILURE
        }
    }
}

fn build() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(variable("OUT_DIR")?);
    println!("cargo:rerun-if-env-changed=FEVM_BUNDLE");
    println!("cargo:rerun-if-env-changed=FEVM_WASM_TOOLCHAIN");
    let (bundle, tracing) = match env::var_os("FEVM_BUNDLE").filter(|path| !path.is_empty()) {
        Some(path) => prebuilt(Path::new(&path))?,
        None => from_source(&out)?,
    };
    fs::write(out.join("actors.car"), bundle.to_car())?;
    fs::write(out.join(TRACING), tracing)?;
    Ok(())
}

fn prebuilt(path: &Path) -> Built {
    if path.is_relative() {
        return Err("FEVM_BUNDLE must be an absolute path".into());
    }
    println!("cargo:rerun-if-changed={}", path.display());
    let error = |error: &dyn Error| format!("FEVM_BUNDLE={}: {error}", path.display());
    let file = fs::read(path).map_err(|e| error(&e))?;
    let bundle = Bundle::from_car(&file).map_err(|e| error(&e))?;
    let tracing = path.with_file_name(TRACING);
    println!("cargo:rerun-if-changed={}", tracing.display());
    Ok((bundle, fs::read(tracing).unwrap_or_default()))
}

fn from_source(out: &Path) -> Built {
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("../..");
    for source in SOURCES.iter().chain(&[SCRIPT]) {
        println!("cargo:rerun-if-changed={}", root.join(source).display());
    }
    for folder in fs::read_dir(root.join("actors"))? {
        let folder = folder?;
        if folder.file_name() == "bundle" || !folder.path().join("src").is_dir() {
            continue;
        }
        for source in ["Cargo.toml", "src"] {
            println!(
                "cargo:rerun-if-changed={}",
                folder.path().join(source).display()
            );
        }
    }

    let modules = out.join("modules");
    let built = Command::new(root.join(SCRIPT))
        .args(["--no-pack", "--modules"])
        .arg(&modules)
        .output()
        .map_err(|error| format!("{SCRIPT} cannot be run (it needs bash): {error}"))?;
    let log = String::from_utf8_lossy(&built.stderr);
    if !built.status.success() {
        return Err(format!("{SCRIPT} ended with {}:\n{log}", built.status).into());
    }
    eprintln!("{log}");
    let tracing = fs::read(modules.join(TRACING))?;
    Ok((Bundle::pack_folder(&modules)?, tracing))
}

fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|error| format!("{name}: {error}"))
}
