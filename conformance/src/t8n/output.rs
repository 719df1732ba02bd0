//! Where things go: files, standard output, standard error.

use super::alloc::{ByAddress, ByHash};
use super::error::{Error, Kind};
use super::number::hex_bytes;
use super::result::Outcome;
use crate::ethereum::Prestate;
use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};
use std::path::Path;

/// Where a thing goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place<'a> {
    Nowhere,
    Stdout,
    Stderr,
    File(&'a str),
}

impl<'a> Place<'a> {
    fn new(name: &'a str) -> Self {
        match name {
            "" => Self::Nowhere,
            "stdout" => Self::Stdout,
            "stderr" => Self::Stderr,
            file => Self::File(file),
        }
    }
}

/// Names of the places.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places<'a> {
    /// Folder of the files.
    pub(super) folder: &'a Path,
    pub(super) alloc: &'a str,
    pub(super) result: &'a str,
    pub(super) body: &'a str,
}

/// What goes to one stream together, in the order of the names.
#[derive(Serialize)]
struct Stream<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    alloc: Option<ByAddress<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'a Outcome>,
}

/// Writes everything.
///
/// # Errors
/// If a file or a stream cannot be written.
pub(super) fn write(
    places: &Places<'_>,
    state: &Prestate,
    outcome: &Outcome,
    body: &[u8],
) -> Result<(), Error> {
    let body = hex_bytes(body);
    // As go-ethereum does: the state in a file is on one line, in the order of the trie.
    if let Place::File(name) = Place::new(places.alloc) {
        save(
            places.folder,
            name,
            &serde_json::to_vec(&ByHash(state)).map_err(json)?,
        )?;
    }
    if let Place::File(name) = Place::new(places.result) {
        save_json(places.folder, name, outcome)?;
    }
    if let Place::File(name) = Place::new(places.body) {
        save_json(places.folder, name, &body)?;
    }
    let stream = |place: Place<'_>| Stream {
        alloc: (Place::new(places.alloc) == place).then_some(ByAddress(state)),
        body: (Place::new(places.body) == place).then_some(body.as_str()),
        result: (Place::new(places.result) == place).then_some(outcome),
    };
    stream(Place::Stdout).print(std::io::stdout())?;
    stream(Place::Stderr).print(std::io::stderr())
}

/// Makes the folder that files are written to.
///
/// # Errors
/// If the system does not.
pub(super) fn create_folder(folder: &Path) -> Result<(), Error> {
    if folder.as_os_str().is_empty() {
        return Ok(());
    }
    std::fs::create_dir_all(folder).map_err(|error| {
        let folder = folder.display();
        Error::new(
            Kind::Io,
            format!("failed creating output basedir: {folder}: {error}"),
        )
    })
}

/// Writes JSON to a file, indented by one.
///
/// # Errors
/// If it cannot be written.
pub(super) fn save_json(folder: &Path, name: &str, value: &impl Serialize) -> Result<(), Error> {
    save(folder, name, &indented(value, b" ")?)
}

fn save(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), Error> {
    std::fs::write(folder.join(name), bytes)
        .map_err(|error| Error::new(Kind::Io, format!("failed writing output: {name}: {error}")))
}

/// Prints JSON, indented by two, and ends the line.
///
/// # Errors
/// If the stream cannot be written.
pub(super) fn print_json(
    value: &impl Serialize,
    mut stream: impl std::io::Write,
) -> Result<(), Error> {
    let mut text = indented(value, b"  ")?;
    text.push(b'\n');
    stream
        .write_all(&text)
        .and_then(|()| stream.flush())
        .map_err(|error| Error::new(Kind::Io, format!("failed writing output: {error}")))
}

impl Stream<'_> {
    fn print(&self, stream: impl std::io::Write) -> Result<(), Error> {
        if self.alloc.is_none() && self.body.is_none() && self.result.is_none() {
            return Ok(());
        }
        print_json(self, stream)
    }
}

fn indented(value: &impl Serialize, indent: &[u8]) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut out, PrettyFormatter::with_indent(indent));
    value.serialize(&mut serializer).map_err(json)?;
    Ok(out)
}

fn json(error: serde_json::Error) -> Error {
    Error::new(Kind::Json, format!("failed marshalling output: {error}"))
}
