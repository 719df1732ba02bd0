//! Packs modules `<name>.wasm` of a folder into a bundle: `pack-bundle FOLDER FILE.car`.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use fevm_bundle_format::Bundle;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let [folder, file] = arguments.as_slice() else {
        eprintln!("usage: pack-bundle FOLDER FILE.car");
        return ExitCode::from(2);
    };
    match pack(Path::new(folder), Path::new(file)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn pack(folder: &Path, file: &Path) -> Result<(), Box<dyn Error>> {
    let bundle = Bundle::pack_folder(folder)?;
    for actor in bundle.actors() {
        println!(
            "{:<16} {} {:>7}",
            actor.name(),
            actor.cid(),
            actor.code().len()
        );
    }
    std::fs::write(file, bundle.to_car())
        .map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(())
}
