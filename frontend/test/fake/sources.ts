/** The fake daemon's code hosts, their repositories and incidents, for tests only. No rules of its own. */
import type {
  Home,
  Integration,
  IntegrationInstallation,
  IntegrationRepository,
  OperatorIncident,
} from "@/api/types";
import { FakeDaemon } from "./daemon";
import { NOW } from "./data";

/** One pixel. */
const PICTURE = Uint8Array.from(
  atob("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="),
  (c) => c.charCodeAt(0),
);

export function aSource(patch: Partial<Integration> = {}): Integration {
  return {
    id: "s1",
    provider: "github",
    host_url: "https://github.com",
    auth_mode: "github_app",
    status: "active",
    display_name: "Oore CI 4f2a",
    app_id: "7",
    app_slug: "oore-ci-4f2a",
    created_by: "u1",
    created_at: NOW - 86_400,
    updated_at: NOW - 60,
    synced_at: NOW - 60,
    ...patch,
  };
}

export function aGitLab(patch: Partial<Integration> = {}): Integration {
  return aSource({
    provider: "gitlab",
    host_url: "https://gitlab.example.com/code",
    auth_mode: "personal_token",
    display_name: "acme at GitLab",
    app_id: undefined,
    app_slug: undefined,
    ...patch,
  });
}

export function aRepository(patch: Partial<IntegrationRepository> = {}): IntegrationRepository {
  return {
    id: "r1",
    installation_id: "a1",
    external_id: "41",
    full_name: "acme/shop",
    default_branch: "main",
    is_private: true,
    created_at: NOW - 86_400,
    updated_at: NOW - 60,
    ...patch,
  };
}

export function anIncident(patch: Partial<OperatorIncident> = {}): OperatorIncident {
  return {
    id: "n1",
    status: "open",
    severity: "warning",
    reason: "expiring",
    first_occurrence_at: NOW - 7200,
    latest_occurrence_at: NOW - 60,
    occurrence_count: 3,
    resource_kind: "integration",
    resource_id: "s1",
    resource_name: "acme at GitLab",
    repair_action: "Replace the access token",
    repair_url: "/settings/integrations/s1",
    ...patch,
  };
}

export class FakeHosts extends FakeDaemon {
  override runtimeMode: "local" | "remote" = "remote";
  sources: Integration[] = [aSource()];
  accounts: IntegrationInstallation[] = [
    {
      id: "a1",
      integration_id: "s1",
      external_id: "9",
      account_name: "acme",
      account_type: "Organization",
      created_at: NOW,
    },
  ];
  repositories: IntegrationRepository[] = [
    aRepository({ avatar_url: "https://elsewhere.example.com/a.png" }),
    aRepository({ id: "r2", full_name: "acme/courier", is_private: false }),
  ];
  check: unknown = { status: "valid", expires_at: NOW + 90 * 86_400, checked_at: NOW };

  protected override home(query: URLSearchParams): Home {
    const home = super.home(query);
    const has_source = this.sources.length > 0;
    return { ...home, first_run: home.first_run && { ...home.first_run, has_source } };
  }

  constructor() {
    super();
    const { more } = this;
    more.push([/^GET \/v1\/integrations$/, (request) => this.#list(new URL(request.url).searchParams)]);
    more.push([/^GET \/v1\/integration-repositories$/, (request) => this.#search(request)]);
    more.push([/^GET \/v1\/integration-repositories\/r1\/avatar$/, () => picture()]);
    more.push([/^POST \/v1\/integration-repositories\/[^/]+\/gitlab-webhook-secret$/, () => SECRET]);
    more.push([/^POST \/v1\/integrations\/github\/start$/, (request) => this.#start(request)]);
    more.push([/^POST \/v1\/integrations\/gitlab\/start$/, (request) => this.#connect(request)]);
    more.push([/^POST \/v1\/integrations\/gitlab\/authorize$/, (request) => this.#authorize(request)]);
    more.push([/^GET \/v1\/integrations\/([^/]+)$/, (_, [id]) => this.#detail(id)]);
    more.push([/^DELETE \/v1\/integrations\/([^/]+)$/, (_, [id]) => this.#disconnect(id)]);
    more.push([/^GET \/v1\/integrations\/[^/]+\/installations$/, () => ({ installations: this.accounts })]);
    more.push([/^POST \/v1\/integrations\/[^/]+\/installations$/, () => ({ installations: this.accounts })]);
    more.push([/^GET \/v1\/integrations\/[^/]+\/repositories$/, (request) => this.#repositories(request)]);
    more.push([/^POST \/v1\/integrations\/[^/]+\/gitlab-token\/check$/, () => this.check]);
    more.push([
      /^PUT \/v1\/integrations\/[^/]+\/gitlab-token$/,
      (request) => this.#note(request, this.check),
    ]);
    more.push([/^POST \/v1\/operator-incidents\/([^/]+)\/read$/, (_, [id]) => this.#read(id)]);
    more.push([
      /^GET \/v1\/settings\/external-access\/network$/,
      () => ({ settings: { public_url: "https://ci.example.com", allowed_origins: [], source: "database" } }),
    ]);
  }

  #list(query: URLSearchParams) {
    const [q = "", provider] = [query.get("q")?.toLowerCase(), query.get("provider")];
    const matches = (source: Integration) =>
      (!provider || source.provider === provider) &&
      `${source.display_name} ${source.host_url}`.toLowerCase().includes(q);
    const integrations = this.sources.filter(matches);
    return { integrations, total: integrations.length, active_total: integrations.length };
  }

  #detail(id: string | undefined) {
    const integration = this.sources.find((source) => source.id === id);
    const counts = {
      installation_count: this.accounts.length,
      repository_count: this.repositories.length,
      reports_waiting: 0,
      reports_failed: 0,
    };
    return integration && { integration, ...counts };
  }

  #disconnect(id: string | undefined) {
    this.sources = this.sources.filter((source) => source.id !== id);
    return { ok: true };
  }

  #found(request: Request) {
    const q = (new URL(request.url).searchParams.get("q") ?? "").toLowerCase();
    return this.repositories.filter(({ full_name }) => full_name.toLowerCase().includes(q));
  }

  #repositories(request: Request) {
    const repositories = this.#found(request);
    return { repositories, total: repositories.length };
  }

  #search(request: Request) {
    const [source = aSource()] = this.sources;
    const { id: integration_id, provider, host_url } = source;
    const found = this.#found(request);
    const repositories = found.map((repository) => ({ ...repository, integration_id, provider, host_url }));
    return { repositories, total: repositories.length };
  }

  #start(request: Request) {
    return this.#note(request, {
      create_url: "https://ci.example.com/v1/integrations/github/create?state=x",
    });
  }

  async #connect(request: Request) {
    const integration = aGitLab({ id: "s2" });
    this.sources.push(integration);
    return this.#note(request, { integration });
  }

  #authorize(request: Request) {
    return this.#note(request, { authorize_url: "https://gitlab.example.com/oauth/authorize?x=1" });
  }

  #read(id: string | undefined) {
    this.incidents = this.incidents.map((one) => (one.id === id ? { ...one, read_at: NOW } : one));
    return this.incidents.find((one) => one.id === id);
  }

  async #note<T>(request: Request, answer: T): Promise<T> {
    this.bodies.push(await request.json());
    return answer;
  }
}

const SECRET = { repository_id: "r1", webhook_secret: "oore_0123456789abcdef", rotated_at: NOW };

function picture(): Response {
  return new Response(PICTURE, { headers: { "content-type": "image/png" } });
}
