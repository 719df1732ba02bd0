//! This suite's actors as a bundle.
//!
//! The build script compiles the actors for WebAssembly (`scripts/build-actors`) and packs them, so
//! that whatever depends on this crate carries them. See [`fevm_bundle_format`] for the format and
//! for bundles of others.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

pub use fevm_bundle_format::{Actor, Bundle, BundleError, Cid, ModuleInfo, TracingActor, names};

/// The bundle as a CARv1 file.
pub static BUNDLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/actors.car"));

/// The EVM actor that reports its steps to a tracing kernel: a WASM module of the same source as the
/// bundle's EVM actor, put in its place while a message is run again. Empty if the program was built
/// with a bundle from elsewhere (`FEVM_BUNDLE`) that came without it.
pub static EVM_TRACING: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/evm-tracing.wasm"));

/// This suite's bundle.
///
/// # Errors
/// None: the build script has checked [`BUNDLE`].
pub fn ours() -> Result<Bundle, BundleError> {
    Bundle::from_car(BUNDLE)
}

/// The EVM actor of [`EVM_TRACING`], which stands for that of [`ours`].
///
/// # Errors
/// None: the build script has checked [`BUNDLE`].
pub fn evm_tracing() -> Result<TracingActor<'static>, BundleError> {
    static ACTOR: OnceLock<TracingActor<'static>> = OnceLock::new();
    if let Some(actor) = ACTOR.get() {
        return Ok(*actor);
    }
    let actor = TracingActor::of(EVM_TRACING, &ours()?);
    Ok(*ACTOR.get_or_init(|| actor))
}

/// Which bundle to use, as a command line says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// `ours`: this suite's.
    #[default]
    Ours,
    /// `FILE`: that of a CAR file.
    File(PathBuf),
    /// `ours+FILE`: that of a CAR file with this suite's EVM actors in place of its own.
    Composed(PathBuf),
}

/// Why a bundle cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// `ours+` without a file.
    #[error("{0:?} names no file: a bundle is `ours`, FILE or `ours+FILE`")]
    NoFile(String),
    /// The file cannot be read.
    #[error("bundle {}: {cause}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        cause: std::io::Error,
    },
    /// The file is no bundle.
    #[error("bundle {}: {cause}", path.display())]
    Bundle {
        /// The file.
        path: PathBuf,
        /// Why not.
        cause: BundleError,
    },
}

impl std::str::FromStr for Source {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Self, SourceError> {
        match text.strip_prefix("ours+") {
            Some("") => Err(SourceError::NoFile(text.to_owned())),
            Some(file) => Ok(Self::Composed(file.into())),
            None if text == "ours" => Ok(Self::Ours),
            None if text.is_empty() => Err(SourceError::NoFile(text.to_owned())),
            None => Ok(Self::File(text.into())),
        }
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ours => f.write_str("ours"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Composed(path) => write!(f, "ours+{}", path.display()),
        }
    }
}

impl Source {
    /// Loads the bundle.
    ///
    /// # Errors
    /// If the file cannot be read or is no bundle.
    pub fn load(&self) -> Result<Bundle, SourceError> {
        let of = |path: &Path| {
            let path = path.to_owned();
            |cause| SourceError::Bundle { path, cause }
        };
        match self {
            Self::Ours => ours().map_err(of(Path::new("ours"))),
            Self::File(path) => read(path),
            Self::Composed(path) => {
                let ours = ours().map_err(of(Path::new("ours")))?;
                read(path)?.with_evm_suite_of(&ours).map_err(of(path))
            }
        }
    }
}

/// Reads a bundle from a CAR file.
///
/// # Errors
/// If the file cannot be read or is no bundle.
pub fn read(path: &Path) -> Result<Bundle, SourceError> {
    let file = std::fs::read(path).map_err(|cause| SourceError::Read {
        path: path.to_owned(),
        cause,
    })?;
    Bundle::from_car(&file).map_err(|cause| SourceError::Bundle {
        path: path.to_owned(),
        cause,
    })
}

#[cfg(test)]
mod tests;
