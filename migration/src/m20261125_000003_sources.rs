//! Where code comes from: integrations, their accounts and repositories.

statements!(
    "CREATE TABLE integrations (
        id TEXT PRIMARY KEY,
        provider TEXT NOT NULL,
        host_url TEXT NOT NULL,
        auth_mode TEXT NOT NULL,
        status TEXT NOT NULL,
        display_name TEXT,
        app_id TEXT,
        app_slug TEXT,
        created_by TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL
    )",
    "CREATE TABLE installations (
        id TEXT PRIMARY KEY,
        integration_id TEXT NOT NULL REFERENCES integrations (id) ON DELETE CASCADE,
        external_id TEXT NOT NULL,
        account_name TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL
    )",
    "CREATE UNIQUE INDEX installations_external ON installations (integration_id, external_id)",
    "CREATE TABLE repositories (
        id TEXT PRIMARY KEY,
        integration_id TEXT NOT NULL REFERENCES integrations (id) ON DELETE CASCADE,
        installation_id TEXT NOT NULL REFERENCES installations (id) ON DELETE CASCADE,
        external_id TEXT NOT NULL,
        full_name TEXT NOT NULL,
        default_branch TEXT,
        is_private BOOLEAN NOT NULL,
        avatar_url TEXT,
        clone_url TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL
    )",
    "CREATE UNIQUE INDEX repositories_external ON repositories (integration_id, external_id)",
);
