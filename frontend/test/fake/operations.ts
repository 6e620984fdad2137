/** The fake daemon's storage, retention, notifications and links to artifacts, for tests only. No rules of its own. */
import type {
  Artifact,
  ArtifactLink,
  ArtifactStorageSettings,
  ArtifactStorageTest,
  NotificationChannel,
  NotificationDelivery,
  ProjectRetention,
  RetentionCleanup,
  RetentionPolicy,
  RetentionPreview,
} from "@/api/types";
import { pageOf } from "./answers";
import { NOW } from "./data";
import { FakeTeam } from "./people";

export const NOTHING_GOES: RetentionPreview = {
  builds: 0,
  builds_deleted: 0,
  artifacts: 0,
  bytes: 0,
  stored_bytes: 5_000_000_000,
  rules: [],
};

export function aPolicy(patch: Partial<RetentionPolicy> = {}): RetentionPolicy {
  return {
    enabled: true,
    cleanup_target: "artifacts_only",
    keep_statuses: [],
    dry_run: false,
    cleanup_interval_secs: 3600,
    updated_at: NOW,
    ...patch,
  };
}

export function aStorage(patch: Partial<ArtifactStorageSettings> = {}): ArtifactStorageSettings {
  return {
    provider: "local",
    local_base_dir: "/srv/artifacts",
    has_access_key_id: false,
    has_secret_access_key: false,
    source: "database",
    updated_at: NOW,
    ...patch,
  };
}

export function aBucket(patch: Partial<ArtifactStorageSettings> = {}): ArtifactStorageSettings {
  return aStorage({
    provider: "s3",
    local_base_dir: undefined,
    s3_bucket: "builds",
    s3_region: "eu-west-1",
    s3_endpoint: "https://s3.example.com",
    has_access_key_id: true,
    has_secret_access_key: true,
    ...patch,
  });
}

export function aChannel(patch: Partial<NotificationChannel> = {}): NotificationChannel {
  return {
    id: "n1",
    name: "Team room",
    channel_type: "slack",
    enabled: true,
    events: ["failed", "fixed"],
    rules: { project_ids: [], branches: [], person_id: null },
    has_url: true,
    has_secret: false,
    has_smtp_config: false,
    has_smtp_password: false,
    target: "https://hooks.example.com",
    created_at: NOW - 3600,
    updated_at: NOW - 3600,
    ...patch,
  };
}

export function aTold(patch: Partial<NotificationDelivery> = {}): NotificationDelivery {
  return {
    id: "d1",
    channel_id: "n1",
    build_id: "b1",
    event_type: "build.failed",
    status: "delivered",
    attempt_count: 1,
    created_at: NOW - 60,
    delivered_at: NOW - 59,
    ...patch,
  };
}

export function aLink(patch: Partial<ArtifactLink> = {}): ArtifactLink {
  return {
    id: "k1",
    artifact_id: "a1",
    prefix: "9f86d081",
    created_by: "u1",
    created_by_email: "owner@local",
    expires_at: NOW + 3600,
    single_use: false,
    is_expired: false,
    is_used: false,
    is_revoked: false,
    created_at: NOW - 60,
    ...patch,
  };
}

export const anApk: Artifact = {
  id: "a1",
  build_id: "b1",
  name: "app.apk",
  artifact_type: "apk",
  file_path: "",
  file_size: 1_234_567,
  checksum: "9f86d081",
  metadata: {},
  created_at: NOW,
  state: "available",
};

export class FakeOperations extends FakeTeam {
  storage = aStorage();
  storageTest: ArtifactStorageTest = { ok: true, steps: [] };
  policy = aPolicy();
  preview = NOTHING_GOES;
  cleanup: RetentionCleanup | null = null;
  ofProject: ProjectRetention = { effective: aPolicy({ max_age_days: 30 }), has_override: false };
  channels: NotificationChannel[] = [aChannel()];
  told: NotificationDelivery[] = [];
  hosts: string[] = [];
  test: { success: boolean; error?: string } = { success: true };
  artifacts: Artifact[] = [anApk];
  links: ArtifactLink[] = [];

  constructor() {
    super();
    const { more } = this;
    more.push(
      [/^GET \/v1\/settings\/artifact-storage$/, () => ({ settings: this.storage })],
      [/^PUT \/v1\/settings\/artifact-storage$/, (request) => this.#store(request)],
      [
        /^POST \/v1\/settings\/artifact-storage\/test$/,
        (request) => this.#note(request, () => this.storageTest),
      ],
      [/^GET \/v1\/settings\/retention$/, () => ({ policy: this.policy })],
      [/^PUT \/v1\/settings\/retention$/, (request) => this.#keep(request)],
      [
        /^POST \/v1\/(settings|projects\/p1)\/retention\/preview$/,
        (request) => this.#note(request, () => this.preview),
      ],
      [/^GET \/v1\/settings\/retention\/last-cleanup$/, () => ({ last_cleanup: this.cleanup ?? undefined })],
      [/^GET \/v1\/projects\/p1\/retention$/, () => this.ofProject],
      [/^PUT \/v1\/projects\/p1\/retention$/, (request) => this.#keepOfProject(request)],
      [/^DELETE \/v1\/projects\/p1\/retention$/, () => this.#letGo()],
      [
        /^GET \/v1\/settings\/notification-channels$/,
        ({ url }) => ({
          channels: pageOf(this.channels, new URL(url).searchParams),
          total: this.channels.length,
        }),
      ],
      [/^POST \/v1\/settings\/notification-channels$/, (request) => this.#addChannel(request)],
      [/^GET \/v1\/settings\/notification-channels\/([^/]+)$/, (_, [id]) => this.#channel(id)],
      [
        /^PUT \/v1\/settings\/notification-channels\/([^/]+)$/,
        (request, [id]) => this.#changeChannel(request, id),
      ],
      [/^DELETE \/v1\/settings\/notification-channels\/([^/]+)$/, (_, [id]) => this.#removeChannel(id)],
      [
        /^GET \/v1\/settings\/notification-channels\/[^/]+\/deliveries$/,
        () => ({ deliveries: this.told, total: this.told.length }),
      ],
      [/^POST \/v1\/settings\/notification-channels\/[^/]+\/test$/, () => this.test],
      [/^GET \/v1\/settings\/notification-targets$/, () => ({ targets: { allowed_hosts: this.hosts } })],
      [/^PUT \/v1\/settings\/notification-targets$/, (request) => this.#list(request)],
      [/^GET \/v1\/builds\/b1\/artifacts$/, () => ({ artifacts: this.artifacts })],
      [/^GET \/v1\/artifacts\/a1\/scoped-tokens$/, () => ({ tokens: this.links })],
      [/^POST \/v1\/artifacts\/a1\/scoped-token$/, (request) => this.#link(request)],
      [/^DELETE \/v1\/artifact-tokens\/(.+)$/, (_, [id]) => this.#revoke(id)],
      [/^POST \/v1\/builds\/b1\/pin$/, () => this.#pin(true)],
      [/^DELETE \/v1\/builds\/b1\/pin$/, () => this.#pin(false)],
    );
  }

  async #said<T>(request: Request): Promise<T> {
    const body = (await request.json()) as T;
    this.bodies.push(body);
    return body;
  }

  #note = (request: Request, answer: () => unknown) => this.#said(request).then(answer);

  async #store(request: Request) {
    const { access_key_id, secret_access_key, ...place } = await this.#said<Record<string, string>>(request);
    const hasKeys = Boolean(access_key_id && secret_access_key) || this.storage.has_secret_access_key;
    this.storage = {
      ...aStorage({ local_base_dir: undefined, ...place }),
      has_access_key_id: hasKeys,
      has_secret_access_key: hasKeys,
      updated_at: NOW + 1,
    };
    return { settings: this.storage };
  }

  async #keep(request: Request) {
    this.policy = { ...aPolicy(await this.#said<Partial<RetentionPolicy>>(request)), updated_at: NOW + 1 };
    return { policy: this.policy };
  }

  async #keepOfProject(request: Request) {
    const own = await this.#said<object>(request);
    this.ofProject = {
      ...this.ofProject,
      has_override: true,
      override_fields: { project_id: "p1", updated_at: NOW + 1, ...own },
    };
    return this.ofProject;
  }

  #letGo() {
    this.ofProject = { ...this.ofProject, has_override: false, override_fields: undefined };
    return this.ofProject;
  }

  async #addChannel(request: Request) {
    const { channel_type, name } = await this.#said<NotificationChannel>(request);
    const channel = aChannel({ id: "n2", channel_type, name });
    this.channels.push(channel);
    return { channel };
  }

  #channel(id: string | undefined) {
    const channel = this.channels.find((one) => one.id === id);
    return channel && { channel };
  }

  async #changeChannel(request: Request, id: string | undefined) {
    const patch = await this.#said<Partial<NotificationChannel>>(request);
    this.channels = this.channels.map((one) =>
      one.id === id ? { ...one, ...patch, updated_at: NOW + 1 } : one,
    );
    return this.#channel(id);
  }

  #removeChannel(id: string | undefined) {
    this.channels = this.channels.filter((one) => one.id !== id);
    return { deleted: true };
  }

  async #list(request: Request) {
    const { allowed_hosts } = await this.#said<{ allowed_hosts: string[] }>(request);
    this.hosts = allowed_hosts;
    return { targets: { allowed_hosts, updated_at: NOW + 1 } };
  }

  async #link(request: Request) {
    const { single_use } = await this.#said<{ single_use: boolean }>(request);
    this.links = [aLink({ id: "k2", prefix: "0a1b2c3d", single_use })];
    return {
      id: "k2",
      download_url: "http://localhost:8787/install/artifact/once",
      token: "once",
      prefix: "0a1b2c3d",
      expires_at: NOW + 3600,
      single_use,
    };
  }

  #revoke(id: string | undefined) {
    this.links = this.links.map((link) => (link.id === id ? { ...link, is_revoked: true } : link));
    return { revoked: true };
  }

  #pin(pinned: boolean) {
    this.builds = this.builds.map((build) => ({
      ...build,
      pinned,
      pinned_by: pinned ? "owner@local" : undefined,
    }));
    return { build: this.builds[0] };
  }
}
