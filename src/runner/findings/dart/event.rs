//! The events as they stand in the lines. What follows from them is not known here.

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(super) enum Event {
    Start {
        protocol_version: String,
        #[serde(default)]
        pid: Option<i64>,
    },
    Suite {
        suite: Suite,
    },
    TestStart {
        test: Test,
        #[serde(default)]
        time: u64,
    },
    TestDone {
        #[serde(rename = "testID")]
        test: i64,
        result: String,
        #[serde(default)]
        hidden: bool,
        #[serde(default)]
        skipped: bool,
        #[serde(default)]
        time: u64,
    },
    Error {
        #[serde(rename = "testID")]
        test: i64,
        #[serde(default)]
        error: String,
        #[serde(default)]
        stack_trace: String,
        #[serde(default)]
        is_failure: bool,
    },
    Print {
        #[serde(rename = "testID")]
        test: i64,
        #[serde(default)]
        message: String,
    },
    Done {
        #[serde(default)]
        success: Option<bool>,
        #[serde(default)]
        time: u64,
    },
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
pub(super) struct Suite {
    pub(super) id: i64,
    #[serde(default)]
    pub(super) path: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Test {
    pub(super) id: i64,
    pub(super) name: String,
    #[serde(default, rename = "suiteID")]
    pub(super) suite: i64,
    #[serde(default)]
    pub(super) line: Option<u32>,
    #[serde(default)]
    pub(super) url: Option<String>,
    #[serde(default)]
    pub(super) root_line: Option<u32>,
}
