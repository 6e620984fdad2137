//! Every operation of the API as every kind of caller, against the declared matrix. An operation
//! that is not declared here fails; so does one that lets in, or keeps out, whom it should not.

mod world;

use oored::domain::permission::{Action, ProjectPermission, Resource, instance_allows, project_allows};
use oored::domain::role::{ProjectRole, UserRole};
use reqwest::Method;
use serde_json::{Value, json};

use self::world::{Kind, Proof, world};
use crate::support::{Client, Server, setting_up};

/// What an operation asks of its caller.
#[derive(Debug, Clone, Copy)]
enum Need {
    /// Nothing.
    Open,
    /// A session or an API token.
    SignedIn,
    /// A session; API tokens won't do.
    Session,
    Instance(Resource, Action),
    /// Owner or admin.
    Operator,
    Project(ProjectPermission),
    /// To see the project, and an instance permission.
    Seen(Resource, Action),
    /// The same, by a session.
    Followed(ProjectPermission),
    /// The runner that the path names.
    Runner,
    /// The set-up session, which ends when the instance is ready.
    Setup,
    /// The owner.
    Owner,
    /// The owner, who alone updates the daemon.
    Updater,
}

/// The declared matrix.
fn need(operation: &str) -> Option<Need> {
    use Action::{Delete, Enable, Invite, Read, Write};
    use Need::{Followed, Instance, Open, Operator, Owner, Project, Runner, Seen, Session, Setup};
    use Need::{SignedIn, Updater};
    use ProjectPermission as P;
    use Resource as R;
    Some(match operation {
        "healthz" | "readyz" | "metrics" | "get_setup_status" | "local_login" | "get_pipeline_schema" => Open,
        "trusted_proxy_login" | "oidc_start" | "oidc_callback" => Open,
        "verify_bootstrap_token" | "setup_oidc_verify" | "frontend_pair" | "redeem_runner_enrolment" => Open,
        "github_webhook" | "gitlab_webhook" => Open,
        // Shown to everybody, or to nobody, as the project says.
        "project_badge" => Open,
        "get_setup_summary"
        | "setup_preferences"
        | "configure_oidc"
        | "setup_oidc_start"
        | "setup_local_owner_create"
        | "complete_setup"
        | "setup_trusted_proxy_configure"
        | "setup_owner_claim_trusted_proxy" => Setup,
        "get_external_access_network_settings"
        | "get_external_access_trusted_proxy_settings"
        | "get_external_access_oidc"
        | "get_external_access_preflight" => Instance(R::InstanceSettings, Read),
        "get_support_bundle" | "list_daemon_messages" => Updater,
        "update_external_access_network_settings"
        | "update_external_access_trusted_proxy_settings"
        | "configure_external_access_oidc"
        | "test_oidc_connection"
        | "update_notification_targets" => Owner,
        "get_runtime_update_status" | "start_runtime_update" => Updater,
        // The token in the path is the credential.
        "download_local_artifact"
        | "download_local_artifact_legacy"
        | "upload_local_artifact"
        | "download_via_scoped_token"
        | "download_via_scoped_token_v1" => Open,
        // These show each caller what they may see.
        "get_me"
        | "get_bootstrap"
        | "get_home"
        | "stream_events"
        | "list_projects"
        | "list_builds"
        | "list_build_artifacts"
        | "list_releases" => SignedIn,
        "logout" | "update_me" | "list_my_sessions" | "end_my_session" | "end_my_other_sessions" => Session,
        "list_audit_logs" | "export_audit_logs" => Instance(R::AuditLogs, Read),
        "list_api_tokens" => Instance(R::ApiTokens, Read),
        "create_api_token" => Instance(R::ApiTokens, Write),
        "revoke_api_token" => Instance(R::ApiTokens, Delete),
        "list_users" | "export_users" => Instance(R::Users, Read),
        "invite_user" | "import_users" => Instance(R::Users, Invite),
        "update_user_role" | "forget_user_identity" => Instance(R::Users, Write),
        "delete_user" => Instance(R::Users, Delete),
        "re_enable_user" => Instance(R::Users, Enable),
        "get_instance_preferences"
        | "get_retention_policy"
        | "get_retention_last_cleanup"
        | "get_artifact_storage_settings"
        | "list_notification_channels"
        | "get_notification_channel"
        | "list_notification_deliveries"
        | "get_notification_targets" => Instance(R::InstanceSettings, Read),
        "update_instance_preferences"
        | "update_retention_policy"
        | "preview_retention_policy"
        | "update_artifact_storage_settings"
        | "test_artifact_storage"
        | "create_notification_channel"
        | "update_notification_channel"
        | "delete_notification_channel"
        | "test_notification_channel" => Instance(R::InstanceSettings, Write),
        "list_integrations"
        | "list_local_git_integrations"
        | "get_integration"
        | "list_repositories"
        | "list_webhook_deliveries"
        | "get_webhook_delivery"
        | "list_source_repositories"
        | "list_installations"
        | "repository_avatar" => Instance(R::Integrations, Read),
        "create_local_git_integration" | "browse_local_git_directories" | "replay_webhook_delivery" => {
            Instance(R::Integrations, Write)
        }
        "github_start" | "github_complete" | "sync_installations" => Instance(R::Integrations, Write),
        // Pages that a browser passes on its way to GitHub and back; a sealed state is the credential.
        "github_create_page" | "github_callback" | "github_installed" => Open,
        "gitlab_start"
        | "gitlab_authorize"
        | "replace_gitlab_personal_token"
        | "rotate_gitlab_repository_webhook_secret"
        | "list_operator_incidents"
        | "mark_operator_incident_read" => Instance(R::Integrations, Write),
        "check_gitlab_personal_token" => Instance(R::Integrations, Read),
        // The sealed state in the address is the credential.
        "gitlab_callback" => Open,
        "delete_integration" | "delete_local_git_integration" => Instance(R::Integrations, Delete),
        "list_runners" | "get_runner" => Instance(R::Runners, Read),
        "register_runner" | "update_runner" | "create_runner_enrolment" | "rotate_runner_token" => {
            Instance(R::Runners, Write)
        }
        "delete_runner" => Instance(R::Runners, Delete),
        "validate_pipeline" => Instance(R::Pipelines, Read),
        "create_project" | "detect_project" | "get_start" | "list_start_apps" | "start" => Operator,
        "get_insights" => Instance(R::Builds, Write),
        "get_project"
        | "list_pipelines"
        | "get_pipeline"
        | "list_project_members"
        | "list_project_variables"
        | "list_pipeline_variables"
        | "get_build"
        | "get_project_retention"
        | "list_related_builds"
        | "get_build_logs"
        | "get_raw_build_log"
        | "get_build_log_index"
        | "search_build_log"
        | "get_build_failure"
        | "get_build_tests"
        | "list_build_test_cases"
        | "list_build_test_findings"
        | "create_stream_token" => Project(P::Read),
        "stream_build_logs" => Followed(P::Read),
        "update_project"
        | "update_project_retention"
        | "delete_project_retention"
        | "preview_project_retention"
        | "set_project_variable"
        | "delete_project_variable"
        | "set_pipeline_variable"
        | "delete_pipeline_variable" => Project(P::Write),
        "delete_project" => Project(P::Delete),
        "add_project_member"
        | "list_project_member_candidates"
        | "update_project_member"
        | "remove_project_member" => Project(P::ManageMembers),
        "create_pipeline" | "update_pipeline" | "discover_repository_workflows" => {
            Project(P::ManagePipelines)
        }
        "delete_pipeline" => Seen(R::Pipelines, Delete),
        "create_build"
        | "rerun_build"
        | "preview_build_changelog"
        | "get_pipeline_inputs"
        | "approve_fork_build" => Project(P::TriggerBuild),
        "cancel_build" => Project(P::CancelBuild),
        "list_artifacts" | "list_project_artifacts" | "list_project_releases" | "generate_download_link" => {
            Project(P::ReadArtifacts)
        }
        "pin_build" | "unpin_build" => Project(P::WriteArtifacts),
        "list_project_health" => SignedIn,
        "list_build_changes" => Project(P::Read),
        "delete_artifact" => Project(P::DeleteArtifacts),
        "create_scoped_download_token" | "list_scoped_download_tokens" => Project(P::WriteArtifacts),
        // Their own, and operators those of others: tests/it/artifact_tokens.rs.
        "revoke_scoped_download_token" => SignedIn,
        "gitlab_checkout_discovery" | "gitlab_checkout_upload_pack" => Runner,
        "claim_job"
        | "runner_heartbeat"
        | "get_job_status"
        | "get_job_android_signing"
        | "get_job_ios_signing"
        | "create_artifact"
        | "list_missing_artifact_parts"
        | "abort_artifact"
        | "complete_artifact"
        | "append_log_frames"
        | "put_job_tests"
        | "append_build_logs"
        | "update_job_status" => Runner,
        _ => return None,
    })
}

/// What a caller should meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Allowed,
    Refused(u16, &'static str),
}

const MISSING: Outcome = Outcome::Refused(401, "missing_auth");
const INVALID: Outcome = Outcome::Refused(401, "invalid_session");
const DENIED: Outcome = Outcome::Refused(403, "permission_denied");
const HIDDEN: Outcome = Outcome::Refused(404, "not_found");

fn expected(need: Need, kind: &Kind) -> Outcome {
    let by_role = |may: bool, otherwise| if may { Outcome::Allowed } else { otherwise };
    match (need, kind.proof) {
        (Need::Open, _) => return Outcome::Allowed,
        (_, Proof::Nothing) => return MISSING,
        (Need::Setup, _) => return Outcome::Refused(409, "already_configured"),
        (Need::Runner, proof) => {
            return by_role(proof == Proof::RunnerToken, Outcome::Refused(401, "invalid_token"));
        }
        (_, Proof::RunnerToken) | (Need::Session | Need::Followed(_), Proof::Token) => return INVALID,
        _ => {}
    }
    let role = kind.role.unwrap();
    let inside =
        |may: &dyn Fn(ProjectRole) -> bool| kind.in_project.map_or(HIDDEN, |role| by_role(may(role), DENIED));
    match need {
        Need::Open | Need::Runner | Need::Setup | Need::SignedIn | Need::Session => Outcome::Allowed,
        Need::Owner if role == UserRole::Owner => Outcome::Allowed,
        Need::Owner if role == UserRole::Admin => Outcome::Refused(403, "external_access_owner_required"),
        Need::Owner => DENIED,
        Need::Updater if role == UserRole::Owner => Outcome::Allowed,
        Need::Updater => Outcome::Refused(403, "insufficient_role"),
        Need::Instance(resource, action) => by_role(instance_allows(role, resource, action), DENIED),
        Need::Operator => by_role(role.is_operator(), Outcome::Refused(403, "insufficient_role")),
        Need::Project(permission) | Need::Followed(permission) => {
            inside(&|role| project_allows(role, permission))
        }
        Need::Seen(resource, action) => inside(&|_| instance_allows(role, resource, action)),
    }
}

/// Status and code of a call; the body of a success is not read, it may be an endless stream.
async fn call(client: &Client, method: &Method, path: &str, body: &Value) -> (u16, String) {
    let mut request = client.request(method.clone(), path);
    if path.contains("/log-frames") {
        request = request.header("content-type", "application/octet-stream");
    } else if path.ends_with("/users/import") {
        request = request.header("content-type", "text/csv").body("email,role\n");
    } else if *method != Method::GET {
        if path.ends_with("/tests") {
            request = request.header("x-oore-attempt", "1");
        }
        request = request.json(body);
    }
    let response = request.send().await.unwrap();
    let status = response.status();
    if status.is_success() {
        return (status.as_u16(), String::new());
    }
    let text = response.text().await.unwrap();
    let body: Value = serde_json::from_str(&text).unwrap_or_default();
    (status.as_u16(), body["code"].as_str().unwrap_or_default().to_owned())
}

fn fits(need: Need, outcome: Outcome, (status, code): &(u16, String)) -> bool {
    match outcome {
        Outcome::Refused(expected, word) => (*status, code.as_str()) == (expected, word),
        // Who is let in may still ask for what isn't possible, but never meets these.
        Outcome::Allowed => match code.as_str() {
            // A link that is none opens nothing, for anybody.
            "invalid_token" => matches!(need, Need::Open),
            "missing_auth" | "invalid_session" | "permission_denied" | "insufficient_role"
            | "runner_mismatch" | "invalid_request" => false,
            "not_found" => !matches!(need, Need::Project(_) | Need::Seen(..) | Need::Followed(_)),
            // The seed gives this one a status of our own faults.
            "oidc_not_configured" => true,
            _ => *status < 500,
        },
    }
}

#[tokio::test]
async fn every_operation_lets_in_exactly_whom_it_should() {
    let server = Server::start().await;
    let (mut world, kinds) = world(&server).await;
    // The first project's members see its artifact.
    let first = format!("/v1/projects/{}/members", world.project["id"].as_str().unwrap());
    for (id, role) in &world.members {
        world.owner.post(&first, json!({"user_id": id, "role": role})).await.created();
    }
    world.renew(&server).await;
    let document: Value = serde_json::from_str(&oored::api::document().to_pretty_json().unwrap()).unwrap();
    let mut wrong = Vec::new();
    for (template, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Some(name) = operation["operationId"].as_str() else { continue };
            let Some(need) = need(name) else {
                wrong.push(format!("{name} is not declared in tests/it/permissions.rs"));
                continue;
            };
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            for kind in &kinds {
                // Signing out would take the session away from the calls that follow.
                let client = match (name, kind.name) {
                    ("logout", "owner") => server.anonymous().sign_in(Some("owner@local")).await,
                    ("logout", _) if kind.proof == Proof::Session => continue,
                    _ => kind.client.clone(),
                };
                let path = world.path(name, template).await;
                let met = call(&client, &method, &path, &world.body(name)).await;
                let outcome = expected(need, kind);
                if !fits(need, outcome, &met) {
                    wrong.push(format!("{} {name} {path}: {met:?} instead of {outcome:?}", kind.name));
                }
                if met.0 < 300 && method != Method::GET {
                    world.renew(&server).await;
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A path with ids of nothing.
fn with_ids(template: &str) -> String {
    let parts = template.split('/');
    let filled =
        parts.map(|part| if part.starts_with('{') { "00000000-0000-7000-8000-000000000000" } else { part });
    filled.collect::<Vec<_>>().join("/")
}

/// What meets callers while the instance is being set up; a set-up session opens the set-up only.
fn expected_before_ready(need: Need, is_setup_session: bool) -> Outcome {
    match (need, is_setup_session) {
        (Need::Open, _) | (Need::Setup, true) => Outcome::Allowed,
        (_, false) => MISSING,
        (Need::Runner, true) => Outcome::Refused(401, "invalid_token"),
        (_, true) => INVALID,
    }
}

#[tokio::test]
async fn a_set_up_session_opens_the_set_up_and_nothing_else() {
    let document: Value = serde_json::from_str(&oored::api::document().to_pretty_json().unwrap()).unwrap();
    let mut wrong = Vec::new();
    for (template, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Some(name) = operation["operationId"].as_str() else { continue };
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let path = with_ids(template);
            // A step that succeeds would move the set-up on for the steps that follow.
            let server = Server::start().await;
            let session = setting_up::open(&server).await;
            for (client, is_setup_session) in [(server.anonymous(), false), (session, true)] {
                let need = need(name).unwrap();
                let outcome = expected_before_ready(need, is_setup_session);
                let met = call(&client, &method, &path, &json!({})).await;
                let lacks_body = outcome == Outcome::Allowed && met.1 == "invalid_request";
                if !lacks_body && !fits(need, outcome, &met) {
                    wrong.push(format!("{name}, set-up session {is_setup_session}: {met:?} not {outcome:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
