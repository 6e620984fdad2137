//! Pure nouns and rules of the product. No I/O, no clock, no framework: everything here can be
//! tested with plain values. The wire spellings of enums live here, because tables and wire share them.

pub mod artifact;
pub mod audit;
pub mod build;
pub mod cache;
pub mod credential;
pub mod delivery;
pub mod doctor;
pub mod failure;
pub mod id;
pub mod incident;
pub mod input;
pub mod label;
pub mod log;
pub mod matrix;
pub mod notification;
pub mod permission;
pub mod report;
pub mod retention;
pub mod role;
pub mod runner;
pub mod setup;
pub mod source;
pub mod spec;
pub mod step;
pub mod subject;
pub mod test_report;
pub mod text;
pub mod trigger;
pub mod update;
pub mod variable;
pub mod word;

#[cfg(test)]
mod tests {
    /// Holds a page of docs/ that is a table of rules to what the rules say; `make docs` has it written instead.
    pub fn is_current(page: &str, text: &str) {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(page);
        if std::env::var_os("OORE_WRITE_DOCS").is_some() {
            std::fs::write(&path, text).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(committed, text, "docs/{page} is stale: run make docs");
    }
}
