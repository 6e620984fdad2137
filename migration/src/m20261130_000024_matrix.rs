//! Builds of a matrix: which combination of values each is, and which were made together.

statements!(
    "ALTER TABLE builds ADD COLUMN matrix TEXT",
    "ALTER TABLE builds ADD COLUMN matrix_group TEXT",
    "CREATE INDEX builds_matrix_group ON builds (matrix_group, build_number) WHERE matrix_group IS NOT NULL",
);
