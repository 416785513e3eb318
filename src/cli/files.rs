//! Files that verbs are given.

use std::io::Read;
use std::path::Path;

use super::failure::Failure;

/// No file that a verb reads may be larger: the service takes 4 MiB in all.
const BYTES_MAX: u64 = 4 * 1024 * 1024;

/// The text of a file; `-` is standard input.
///
/// # Errors
/// It is not there, too large, or no UTF-8.
pub fn text(path: &Path) -> Result<String, Failure> {
    let wrong = |what: String| Failure::Usage(format!("{}: {what}", path.display()));
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin()
            .lock()
            .take(BYTES_MAX + 1)
            .read_to_string(&mut text)
    } else {
        std::fs::File::open(path)
            .and_then(|file| file.take(BYTES_MAX + 1).read_to_string(&mut text))
    };
    match read {
        Err(problem) => Err(wrong(problem.to_string())),
        Ok(bytes) if bytes as u64 > BYTES_MAX => Err(wrong("it is larger than 4 MiB".into())),
        Ok(_) => Ok(text),
    }
}
