/**
 * A small in-memory daemon for tests: answers the routes that the pages use and can be told to fail.
 * It must never be shipped or grow rules of its own; the real daemon is tested elsewhere.
 */
import type {
  Artifact,
  AttentionItem,
  Build,
  BuildDetail,
  BuildPlatform,
  DetectedProject,
  DoctorCheck,
  Home,
  Insights,
  OperatorIncident,
  Pipeline,
  PipelineFileProblems,
  PipelineInput,
  PipelineMatrix,
  PipelinePlan,
  Project,
  ProjectReleases,
  RelatedBuilds,
  RepositoryFiles,
  Runner,
  SetupStatus,
  SetupSummary,
  Start,
  StartApps,
  UpdateRunnerRequest,
} from "@/api/types";
import { isActive } from "@/components/ui";
import { type Failure, fail, found, pageOf } from "./answers";
import {
  ALL_CAPABILITIES,
  aPipeline,
  aPlan,
  aProject,
  aRunner,
  aUser,
  healthOf,
  insightsOf,
  NOW,
} from "./data";

export type Handler = (request: Request, params: string[]) => unknown | Promise<unknown>;
const SETUP_STATUS: SetupStatus = {
  instance_id: "i1",
  state: "ready",
  runtime_mode: "local",
  remote_auth_mode: "oidc",
  setup_mode: false,
  is_configured: true,
};

const TO_PROVIDER = { authorization_url: "https://id.example.com/authorize?x=1", state: "state-1" };

/** What makes one machine a runner. */
const ENROLMENT = { token: "oore_enrol_test", expires_at: NOW + 900 };

export class FakeDaemon {
  projects: Project[] = [aProject()];
  pipelines: Pipeline[] = [aPipeline()];
  /** What a build does of whatever is checked. */
  plan: PipelinePlan = aPlan();
  builds: Build[] = [];
  /** What the pipelines' files declare. */
  inputs: PipelineInput[] = [];
  platforms: BuildPlatform[] = ["android"];
  /** The matrix of their files. */
  matrix?: PipelineMatrix;
  /** What is wrong with them. */
  problems?: PipelineFileProblems;
  /** The pipeline files of every repository. */
  repositoryFiles: RepositoryFiles = {
    project_id: "p1",
    provider: "local_git",
    reference: "c".repeat(40),
    truncated: false,
    workflows: [],
  };
  /** What belongs to every build. */
  related: RelatedBuilds = { chain: [], matrix: [] };
  /** What every build with a log stored. */
  files: Artifact[] = [];
  /** The builds that were canceled, in order. */
  readonly canceled: string[] = [];
  /** How builds can be run again. */
  rerun: BuildDetail["rerun"] = {};
  /** Why queued builds wait. */
  waiting?: BuildDetail["waiting"];
  runners: Runner[] = [aRunner()];
  doctor: DoctorCheck[] = [];
  capabilities: string[] = ALL_CAPABILITIES;
  runtimeMode: "local" | "remote" = "local";
  publicUrl?: string;
  incidents: OperatorIncident[] = [];
  /** What home says that somebody should look at. */
  attention: AttentionItem[] = [];
  /** The parts of home that can't be made. */
  failedParts: Home["failed"] = [];
  /** How long running builds usually take. */
  usualMs?: number;
  insights: Insights = insightsOf(0);
  /** Those of the one app that has any, newest first, and what is under way. */
  releases: ProjectReleases = { releases: [], coming: [] };
  start: Start = {
    place: "here",
    has_projects: false,
    runner: { id: "r1", name: "this-machine", status: "online" },
    checks: [{ name: "git", status: "ok", what: "git 2.47.3", platforms: [] }],
  };
  apps: StartApps = { apps: [], searched: [], truncated: false };
  token = "oore_session_test";
  /** What repositories hold. */
  detected: DetectedProject = {
    provider: "local_git",
    branch: "main",
    commit_sha: "c".repeat(40),
    roots: [],
    workflows: [],
    proposals: [],
    problems: [],
    truncated: false,
  };
  status: SetupStatus = { ...SETUP_STATUS };
  /** The open set-up, if there is one. */
  setup: SetupSummary | null = null;
  /** Routes that a test adds. */
  readonly more: [RegExp, Handler][] = [];
  /** Every request as "METHOD /path?query". */
  readonly seen: string[] = [];
  readonly bodies: unknown[] = [];
  #failures = new Map<string, Failure>();
  #streams = new Set<ReadableStreamDefaultController<Uint8Array>>();
  #lastEvent = 1;

  readonly fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    this.seen.push(`${request.method} ${url.pathname}${url.search}`);
    const failure = this.#failures.get(`${request.method} ${url.pathname}`) ?? this.#failures.get("*");
    if (failure?.status === 0) throw new TypeError("refused");
    if (failure) return fail(failure);
    if (
      !/^\/(v1\/public|readyz)/.test(url.pathname) &&
      !/^\/v1\/(auth\/.+\/(login|start|callback)|setup\/.+)$/.test(url.pathname) &&
      !this.#isSignedIn(request)
    ) {
      return fail({ status: 401, code: "invalid_session" });
    }
    if (url.pathname === "/v1/events") return this.#openStream(request.signal);
    for (const [pattern, handler] of [...this.more, ...this.#routes]) {
      const match = pattern.exec(`${request.method} ${url.pathname}`);
      if (!match) continue;
      const answer = await handler(request, match.slice(1));
      if (answer instanceof Response) return answer;
      return answer === undefined
        ? fail({ status: 404, code: "not_found", error: "not found" })
        : Response.json(answer, { headers: { "x-oore-events": String(this.#lastEvent) } });
    }
    return new Response(null, { status: 404 });
  };

  /** `route` is "METHOD /path" or "*"; status 0 means that nobody answers. */
  failOn(route: string, failure: Failure): void {
    this.#failures.set(route, failure);
  }

  recover(): void {
    this.#failures.clear();
  }

  get openStreams(): number {
    return this.#streams.size;
  }

  emit(event: string, data: unknown): void {
    this.#lastEvent += 1;
    const text = `id: ${this.#lastEvent}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
    for (const stream of this.#streams) stream.enqueue(new TextEncoder().encode(text));
  }

  #isSignedIn(request: Request): boolean {
    return request.headers.get("authorization") === `Bearer ${this.token}`;
  }

  #openStream(signal: AbortSignal): Response {
    let own: ReadableStreamDefaultController<Uint8Array>;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        own = controller;
        this.#streams.add(controller);
        const hello = `id: ${this.#lastEvent}\nevent: hello\ndata: {"instance_id":"i1","version":"0.2.0"}\n\n`;
        controller.enqueue(new TextEncoder().encode(hello));
      },
      cancel: () => void this.#streams.delete(own),
    });
    signal.addEventListener("abort", () => {
      if (this.#streams.delete(own)) own.error(new DOMException("aborted", "AbortError"));
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  }

  #routes: [RegExp, Handler][] = [
    [/^GET \/v1\/public\/setup-status$/, () => this.status],
    [/^POST \/v1\/auth\/local\/login$/, (request) => this.#body(request).then(() => this.#login())],
    [/^POST \/v1\/auth\/trusted-proxy\/login$/, () => this.#login()],
    [/^GET \/v1\/auth\/oidc\/start$/, () => TO_PROVIDER],
    [/^POST \/v1\/auth\/oidc\/callback$/, (request) => this.#body(request).then(() => this.#login())],
    [/^POST \/v1\/setup\/bootstrap-token\/verify$/, (request) => this.#openSetup(request)],
    [/^GET \/v1\/setup\/summary$/, () => this.setup ?? undefined],
    [/^POST \/v1\/setup\/owner\/start-oidc$/, (request) => this.#body(request).then(() => TO_PROVIDER)],
    [/^POST \/v1\/setup\/owner\/verify-oidc$/, (request) => this.#body(request)],
    [/^POST \/v1\/auth\/logout$/, () => ({ ok: true })],
    [/^GET \/v1\/bootstrap$/, () => this.#bootstrap()],
    [/^GET \/v1\/home$/, (request) => this.home(new URL(request.url).searchParams)],
    [/^GET \/v1\/insights$/, () => this.insights],
    [/^GET \/v1\/releases$/, () => ({ releases: this.releases.releases.slice(0, 1) })],
    [/^GET \/v1\/projects\/[^/]+\/releases$/, () => this.releases],
    [/^GET \/v1\/start$/, () => this.start],
    [/^GET \/v1\/start\/apps$/, () => this.apps],
    [/^GET \/v1\/projects$/, (request) => this.#listProjects(new URL(request.url).searchParams)],
    [/^POST \/v1\/projects$/, (request) => this.#createProject(request)],
    [
      /^GET \/v1\/projects\/health$/,
      (request) => this.#listHealth(new URL(request.url).searchParams.get("ids")?.split(",") ?? []),
    ],
    [/^GET \/v1\/projects\/([^/]+)$/, (_, [id]) => this.#project(id)],
    [/^PATCH \/v1\/projects\/([^/]+)$/, (request, [id]) => this.#renameProject(request, id)],
    [/^DELETE \/v1\/projects\/([^/]+)$/, () => ({ ok: true })],
    [
      /^GET \/v1\/projects\/[^/]+\/pipelines$/,
      () => ({ pipelines: this.pipelines, total: this.pipelines.length }),
    ],
    [/^POST \/v1\/projects\/[^/]+\/pipelines$/, (request) => this.#createPipeline(request)],
    [/^GET \/v1\/projects\/[^/]+\/repository-workflows$/, () => this.repositoryFiles],
    [/^POST \/v1\/projects\/detect$/, () => this.detected],
    [/^POST \/v1\/projects\/[^/]+\/builds$/, (request) => this.#createBuild(request)],
    [
      /^POST \/v1\/pipelines\/validate$/,
      () => ({ valid: true, errors: [], diagnostics: [], plan: this.plan }),
    ],
    [/^GET \/v1\/pipelines\/([^/]+)$/, (_, [id]) => this.#pipeline(id)],
    [
      /^GET \/v1\/pipelines\/[^/]+\/inputs$/,
      (request) => ({
        // Every branch has a commit of its own.
        commit_sha: new URL(request.url).searchParams.get("branch") ?? "main",
        platforms: this.platforms,
        inputs: this.inputs,
        matrix: this.matrix,
        problems: this.problems,
      }),
    ],
    [/^GET \/v1\/(?:projects|pipelines)\/[^/]+\/variables$/, () => ({ variables: [] })],
    [/^PATCH \/v1\/pipelines\/([^/]+)$/, (request, [id]) => this.#changePipeline(request, id)],
    [/^GET \/v1\/builds$/, () => ({ builds: this.builds, total: this.builds.length })],
    [/^GET \/v1\/builds\/[^/]+\/related$/, () => this.related],
    [/^POST \/v1\/builds\/([^/]+)\/cancel$/, (_, [id = ""]) => this.#cancel(id)],
    [/^POST \/v1\/builds\/[^/]+\/rerun$/, (request) => this.#createBuild(request)],
    [/^GET \/v1\/builds\/([^/]+)$/, (_, [id]) => found(this.builds, id, (build) => this.#detail(build))],
    [/^GET \/v1\/runners$/, (request) => this.#listRunners(new URL(request.url).searchParams)],
    [
      /^GET \/v1\/runners\/([^/]+)$/,
      (_, [id]) => found(this.runners, id, (runner) => ({ runner, doctor: this.doctor })),
    ],
    [/^POST \/v1\/runners\/enrolments$/, () => ENROLMENT],
    [/^PATCH \/v1\/runners\/([^/]+)$/, (request, [id]) => this.#changeRunner(request, id)],
    [/^DELETE \/v1\/runners\/([^/]+)$/, (_, [id]) => this.#removeRunner(id)],
    [/^GET \/v1\/operator-incidents$/, () => ({ incidents: this.incidents })],
    [/^GET \/v1\/integrations\/local-git\/directories$/, () => directories()],
  ];

  protected home(query: URLSearchParams): Home {
    const pins = query.get("pinned")?.split(",") ?? [];
    const rank = (id: string) => (pins.includes(id) ? pins.indexOf(id) : pins.length);
    const ended = this.builds.filter(({ status }) => !isActive(status));
    const [project] = this.projects;
    const part = <T>(name: Home["failed"][number]["part"], content: T) =>
      this.failedParts.some((failed) => failed.part === name) ? undefined : content;
    return {
      attention: part("attention", this.attention),
      active: part(
        "active",
        this.builds
          .filter(({ status }) => isActive(status))
          .map((build) => ({ build, usual_ms: build.status === "running" ? this.usualMs : undefined })),
      ),
      recent: part("recent", {
        all: ended,
        mine: ended.filter(({ trigger_actor }) => trigger_actor === aUser().email),
      }),
      projects: part(
        "projects",
        this.projects
          .toSorted((one, other) => rank(one.id) - rank(other.id))
          .map((project) => ({
            ...healthOf(project, this.builds),
            id: project.id,
            name: project.name,
            pinned: pins.includes(project.id),
          })),
      ),
      runners: this.capabilities.includes("runners.read")
        ? this.runners.map(({ id, name, status, slots, busy_slots, figures }) => ({
            id,
            name,
            status,
            slots,
            busy_slots,
            figures,
          }))
        : undefined,
      first_run:
        this.builds.length > 0
          ? undefined
          : {
              has_source: this.projects.length > 0,
              project_id: project?.id,
              project_name: project?.name,
              has_pipeline: Boolean(project) && this.pipelines.length > 0,
            },
      failed: this.failedParts,
    };
  }

  #cancel(id: string) {
    this.canceled.push(id);
    return { build: { ...this.builds[0], id, status: "canceled" } };
  }

  #login() {
    const user = { email: "owner@local", oidc_subject: "local", user_id: "u1", role: "owner" };
    return { session_token: this.token, expires_at: NOW + 86_400, user };
  }

  async #openSetup(request: Request) {
    await this.#body(request);
    this.setup = {
      instance_id: "i1",
      state: "bootstrap_pending",
      runtime_mode: "local",
      remote_auth_mode: "oidc",
      trusted_proxy_configured: false,
      has_client_secret: false,
      warnings: [],
    };
    return { session_token: "oore_setup_test", expires_at: NOW + 1_800 };
  }

  #bootstrap() {
    const { runtimeMode: runtime_mode, publicUrl: public_url } = this;
    const instance = { id: "i1", version: "0.2.0", runtime_mode, remote_auth_mode: "oidc", public_url };
    return { instance, user: aUser(), capabilities: this.capabilities };
  }

  #listProjects(query: URLSearchParams) {
    const wanted = (query.get("search") ?? "").toLowerCase();
    const matching = this.projects.filter((project) => project.name.toLowerCase().includes(wanted));
    return {
      projects: pageOf(matching, query),
      total: matching.length,
    };
  }

  #listHealth(ids: readonly string[]) {
    const asked = this.projects.filter(({ id }) => ids.includes(id));
    return { projects: asked.map((project) => healthOf(project, this.builds)) };
  }

  async #createProject(request: Request) {
    const { pipelines = [], ...body } = await this.#body<
      Partial<Project> & { pipelines?: Partial<Pipeline>[] }
    >(request);
    const project = aProject({ id: `p${this.projects.length + 1}`, ...body });
    this.projects.push(project);
    const made = pipelines.map((pipeline, at) => aPipeline({ id: `l${at + 1}`, ...pipeline }));
    this.pipelines.push(...made);
    return { project, pipelines: made };
  }

  #project(id: string | undefined) {
    const counts = { pipeline_count: this.pipelines.length, build_count: this.builds.length };
    return found(this.projects, id, (project) => ({
      project,
      ...counts,
      current_user_role: project.current_user_role,
    }));
  }

  async #renameProject(request: Request, id: string | undefined) {
    const body = await this.#body<Partial<Project>>(request);
    this.projects = this.projects.map((project) =>
      project.id === id ? { ...project, ...body, updated_at: NOW + 1 } : project,
    );
    return found(this.projects, id, (project) => ({ project }));
  }

  async #createPipeline(request: Request) {
    const pipeline = aPipeline({
      id: `l${this.pipelines.length + 1}`,
      ...(await this.#body<Partial<Pipeline>>(request)),
    });
    this.pipelines.push(pipeline);
    return { pipeline };
  }

  #pipeline(id: string | undefined) {
    return found(this.pipelines, id, (pipeline) => ({
      pipeline,
      build_count: this.builds.length,
      schedules: [],
    }));
  }

  async #changePipeline(request: Request, id: string | undefined) {
    const body = await this.#body<Partial<Pipeline>>(request);
    this.pipelines = this.pipelines.map((item) => (item.id === id ? { ...item, ...body } : item));
    return found(this.pipelines, id, (pipeline) => ({ pipeline }));
  }

  #detail(build: Build): BuildDetail {
    const { rerun } = this;
    return {
      build,
      events: [],
      rerun,
      ...(build.status === "queued" && this.waiting && { waiting: this.waiting }),
    };
  }

  async #createBuild(request: Request) {
    const body = await this.#body<Partial<Build>>(request);
    const { aBuild } = await import("./data");
    const number = this.builds.length + 1;
    const build = aBuild({
      ...body,
      id: `b${number}`,
      build_number: number,
      status: "queued",
      started_at: null,
      finished_at: null,
    });
    this.builds.unshift(build);
    return { build };
  }

  #listRunners(query: URLSearchParams) {
    const online_total = this.runners.filter((runner) => runner.status !== "offline").length;
    const sorted =
      query.get("sort") === "created_at"
        ? this.runners.toSorted((one, other) => other.created_at - one.created_at)
        : this.runners;
    return { runners: pageOf(sorted, query), total: this.runners.length, online_total };
  }

  async #changeRunner(request: Request, id: string | undefined) {
    const { draining, reason, name, labels } = await this.#body<UpdateRunnerRequest>(request);
    const drain = draining ? { since: NOW, by: "owner@local", reason } : undefined;
    const change = (runner: Runner): Runner => ({
      ...runner,
      name: name ?? runner.name,
      labels: labels ?? runner.labels,
      ...(draining !== undefined && { drain, status: draining ? "draining" : "online" }),
    });
    this.runners = this.runners.map((runner) => (runner.id === id ? change(runner) : runner));
    return found(this.runners, id, (runner) => ({ runner }));
  }

  #removeRunner(id: string | undefined) {
    this.runners = this.runners.filter((runner) => runner.id !== id);
    return {};
  }

  async #body<T>(request: Request): Promise<T> {
    const body = (await request.json()) as T;
    this.bodies.push(body);
    return body;
  }
}

function directories() {
  return {
    current_path: "/home/ana",
    current_is_git_repository: false,
    parent_path: "/home",
    directories: [
      { name: "documents", path: "/home/ana/documents", is_git_repository: false },
      { name: "shop", path: "/home/ana/shop", is_git_repository: true },
    ],
    suggestions: [{ label: "ana", path: "/home/ana" }],
  };
}
