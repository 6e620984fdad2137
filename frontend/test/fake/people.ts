/** The fake daemon's people, tokens, sessions, audit log and access settings, for tests only. No rules of its own. */
import type {
  ApiToken,
  AuditEntry,
  Home,
  ImportReport,
  InstancePreferences,
  ProjectMember,
  Session,
  User,
} from "@/api/types";
import { FakeDaemon } from "./daemon";
import { ALL_CAPABILITIES, aUser, NOW } from "./data";

const PEOPLE_CAPABILITIES = [
  "instance_settings.read",
  "instance_settings.write",
  "users.read",
  "users.write",
  "users.delete",
  "users.invite",
  "users.enable",
  "audit_logs.read",
  "api_tokens.read",
  "api_tokens.write",
  "api_tokens.delete",
];

const ANA = aUser({
  id: "u2",
  email: "ana@example.com",
  role: "developer",
  capabilities: ["change_role", "disable"],
  assignable_roles: ["developer", "qa_viewer"],
});

export class FakeTeam extends FakeDaemon {
  users: User[] = [aUser(), ANA];
  tokens: ApiToken[] = [];
  sessions: Session[] = [
    { id: "s1", created_at: NOW - 60, expires_at: NOW + 86_000, current: true, user_agent: "curl/8" },
    {
      id: "s2",
      created_at: NOW - 7200,
      expires_at: NOW + 79_000,
      source: "192.0.2.7",
      user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
      current: false,
    },
  ];
  entries: AuditEntry[] = [];
  members: ProjectMember[] = [];
  preferences: InstancePreferences = PREFERENCES;
  import: ImportReport = { rows: [], invited: 0, changed: 0, unchanged: 0, errors: 0 };

  protected override home(query: URLSearchParams): Home {
    const { direct_macos_runner_paused: paused, pause_reason: reason } = this.preferences;
    const item = { key: "paused", kind: "paused", severity: "warning", reason } as const;
    return { ...super.home(query), attention: paused ? [item] : [] };
  }

  constructor() {
    super();
    this.capabilities = [...ALL_CAPABILITIES, ...PEOPLE_CAPABILITIES];
    const { more } = this;
    more.push([/^GET \/v1\/users$/, () => ({ users: this.users, total: this.users.length })]);
    more.push([/^DELETE \/v1\/users\/me\/sessions\/(.+)$/, (_, [id]) => this.#endSession(id)]);
    more.push([/^DELETE \/v1\/users\/me\/sessions$/, () => this.#endOthers()]);
    more.push([/^GET \/v1\/users\/me\/sessions$/, () => ({ sessions: this.sessions })]);
    more.push([/^POST \/v1\/users\/import$/, async (request) => this.#import(await request.text())]);
    more.push([/^GET \/v1\/users\/export$/, () => "email,role"]);
    more.push([/^DELETE \/v1\/users\/(.+)$/, (_, [id]) => this.#setStatus(id, "disabled")]);
    more.push([/^POST \/v1\/users\/(.+)\/forget-identity$/, (_, [id]) => this.#setStatus(id, "active")]);
    more.push([/^POST \/v1\/users\/(.+)\/enable$/, (_, [id]) => this.#setStatus(id, "active")]);
    more.push([/^GET \/v1\/api-tokens$/, () => ({ tokens: this.tokens, total: this.tokens.length })]);
    more.push([/^GET \/v1\/audit-logs$/, () => ({ entries: this.entries, total: this.entries.length })]);
    more.push([/^GET \/v1\/audit-logs\/export$/, () => "id"]);
    more.push([/^GET \/v1\/projects\/p1\/members$/, () => ({ members: this.members })]);
    more.push([/^GET \/v1\/settings\/preferences$/, () => ({ preferences: this.preferences })]);
    more.push([/^PUT \/v1\/settings\/preferences$/, (request) => this.#setPreferences(request)]);
    more.push([/^GET \/v1\/settings\/external-access\/network$/, () => ({ settings: NETWORK })]);
    more.push([/^GET \/v1\/settings\/external-access\/trusted-proxy$/, () => ({ settings: PROXY })]);
    more.push([/^GET \/v1\/settings\/external-access\/oidc$/, () => OIDC]);
    more.push([/^GET \/v1\/settings\/external-access\/preflight$/, () => ({ ready: true, checks: [] })]);
  }

  #endSession(id: string | undefined) {
    this.sessions = this.sessions.filter((session) => session.id !== id);
    return { ok: true };
  }

  #endOthers() {
    const ended = this.sessions.filter(({ current }) => !current).length;
    this.sessions = this.sessions.filter(({ current }) => current);
    return { ended };
  }

  #import(csv: string) {
    this.bodies.push(csv);
    return this.import;
  }

  async #setPreferences(request: Request) {
    const body = (await request.json()) as Partial<InstancePreferences>;
    this.bodies.push(body);
    this.preferences = { ...this.preferences, ...body };
    if (!this.preferences.direct_macos_runner_paused) this.preferences.pause_reason = undefined;
    return { preferences: this.preferences };
  }

  #setStatus(id: string | undefined, status: User["status"]) {
    const capabilities: User["capabilities"] =
      status === "disabled" ? ["change_role", "enable"] : ["change_role", "disable"];
    this.users = this.users.map((user) => (user.id === id ? { ...user, status, capabilities } : user));
    return { user: this.users.find((user) => user.id === id) };
  }
}

const PREFERENCES: InstancePreferences = {
  key_storage_mode: "file",
  runtime_mode: "remote",
  remote_auth_mode: "oidc",
  direct_macos_runner_paused: false,
  restart_required: false,
};
const NETWORK = {
  public_url: "https://ci.example.com",
  allowed_origins: ["https://ci.example.com"],
  source: "database",
  updated_at: NOW,
};
const PROXY = {
  user_email_header: "X-Warpgate-Username",
  trusted_proxy_cidrs: [],
  has_shared_secret: true,
  has_warpgate_ticket: false,
  warnings: [],
};
const OIDC = {
  issuer_url: "https://id.example.com",
  client_id: "oore",
  has_client_secret: true,
  authorization_endpoint: "https://id.example.com/authorize",
  token_endpoint: "https://id.example.com/token",
  jwks_uri: "https://id.example.com/keys",
  configured_at: NOW,
};

export function anEntry(patch: Partial<AuditEntry> = {}): AuditEntry {
  return { id: 1, action: "user_invited", resource_type: "user", created_at: NOW, ...patch } as AuditEntry;
}
