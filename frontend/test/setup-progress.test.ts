/** Which step the set-up goes on at, for every state it can be left in. */
import { expect, test } from "bun:test";
import type { SetupStatus, SetupSummary } from "@/api/types";
import { currentStep, type Known, methodOf, stepsOf } from "@/features/setup/progress";

const status = (patch: Partial<SetupStatus> = {}): SetupStatus => ({
  instance_id: "i1",
  state: "bootstrap_pending",
  runtime_mode: "local",
  remote_auth_mode: "oidc",
  setup_mode: true,
  is_configured: false,
  ...patch,
});

const CLOSED = { instance_id: "i1", has_client_secret: false, trusted_proxy_configured: false, warnings: [] };

function known({
  summary,
  ...patch
}: Partial<SetupStatus> & { summary?: Partial<SetupSummary> | null }): Known {
  const now = status(patch);
  const { runtime_mode, remote_auth_mode, state } = now;
  const open = { ...CLOSED, runtime_mode, remote_auth_mode, state, ...summary };
  return { status: now, summary: summary === null ? null : open, chosen: null };
}

const oidc = { runtime_mode: "remote", remote_auth_mode: "oidc" } as const;
const proxied = { runtime_mode: "remote", remote_auth_mode: "trusted_proxy" } as const;

test("locked until a token opened it, whatever is done already", () => {
  expect(currentStep(known({ summary: null }))).toBe("unlock");
  expect(currentStep(known({ ...oidc, state: "owner_created", summary: null }))).toBe("unlock");
});

test("a fresh instance counts as local, yet nobody has chosen that", () => {
  const fresh = known({});
  expect(methodOf(fresh)).toBeNull();
  expect(currentStep(fresh)).toBe("method");
  expect(currentStep({ ...fresh, chosen: "local" })).toBe("owner");
  expect(stepsOf("local")).not.toContain("configure");
});

test("with an identity provider: configure, then the owner", () => {
  expect(currentStep(known(oidc))).toBe("configure");
  const configured = { state: "idp_configured", summary: { issuer_url: "https://id.example.com" } } as const;
  expect(currentStep(known({ ...oidc, ...configured }))).toBe("owner");
});

test("a configured state without its provider is not configured: the method was changed meanwhile", () => {
  expect(currentStep(known({ ...oidc, state: "idp_configured" }))).toBe("configure");
});

test("with a proxy: the server says whether it is configured", () => {
  expect(currentStep(known(proxied))).toBe("configure");
  const state = "idp_configured";
  expect(currentStep(known({ ...proxied, state }))).toBe("configure");
  const summary = { trusted_proxy_configured: true };
  expect(currentStep(known({ ...proxied, state, summary }))).toBe("owner");
});

test("once the owner is known only the end is left", () => {
  for (const mode of [{}, oidc, proxied])
    expect(currentStep(known({ ...mode, state: "owner_created" }))).toBe("finish");
  expect(methodOf(known({ state: "owner_created" }))).toBe("local");
});
