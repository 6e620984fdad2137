//! Backups of an instance: one archive with a consistent snapshot of the database, the key that opens its secrets and,
//! if wanted, logs and artifacts. Made while the daemon works, restored while it does not. Whoever has the archive has
//! every secret in it. What is restored is checked as a whole before anything of the present instance is touched.
//! See docs/BACKUP.md.

mod archive;
mod check;
mod create;
mod leftovers;
mod manifest;
mod restore;
mod settle;
mod stage;
mod stop;

pub use check::{Checked, verify};
pub use create::{Order, create};
pub use manifest::{Contents, Manifest};
pub use restore::{Prepared, finish, is_unfinished, prepare};
pub use stop::Stop;
