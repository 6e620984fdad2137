//! Executes builds. It knows the runner protocol and nothing of database, HTTP server or code
//! hosts: it is a program of its own, also when the daemon starts it.

pub mod protocol;
