/** Every refusal of signing in and setting up has a text with cause and next action; none falls through to a bare code. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { ApiError } from "@/api/errors";
import { explain, explainProvider } from "@/components/access/explain";
import { refusals } from "@/messages/en/refusals";
import { setup } from "@/messages/en/setup";

/** The error tables of the published Auth API page. */
const PUBLISHED = {
  "oidc/start": ["setup_incomplete", "too_many_pending", "oidc_not_configured", "oidc_discovery_error"],
  "oidc/callback": [
    "invalid_state",
    "auth_expired",
    "user_not_found",
    "setup_incomplete",
    "decryption_error",
    "session_error",
    "store_error",
    "oidc_discovery_error",
    "token_exchange_error",
    "missing_id_token",
    "id_token_verification_error",
    "missing_email",
  ],
  "local/login": ["email_required", "mode_restricted", "local_login_loopback_required", "user_not_found"],
  "trusted-proxy/login": [
    "mode_restricted",
    "trusted_proxy_peer_not_allowed",
    "trusted_proxy_shared_secret_missing",
    "trusted_proxy_shared_secret_invalid",
    "trusted_proxy_identity_missing",
    "trusted_proxy_identity_invalid",
    "user_not_found",
  ],
  logout: ["missing_auth", "invalid_session"],
};

/** Not in the tables: how the pages tell the ends of a session apart, and what stands in front of every operation. */
const BESIDES = [
  "session_expired",
  "unverified_email",
  "local_login_from_build",
  "local_recovery_account_mismatch",
];

type Operation = { operationId?: string; responses?: Record<string, { description?: string }> };

const described: { paths: Record<string, Record<string, Operation>> } = JSON.parse(
  readFileSync(new URL("../../openapi/openapi.json", import.meta.url), "utf8"),
);

function codesUnder(prefix: string): string[] {
  const operations = Object.entries(described.paths)
    .filter(([path]) => path.startsWith(prefix))
    .flatMap(([, methods]) => Object.values(methods));
  const texts = operations.flatMap(({ responses = {} }) =>
    Object.entries(responses)
      .filter(([status]) => Number(status) >= 400)
      .map(([, { description = "" }]) => description),
  );
  return [...new Set(texts.flatMap((text) => text.match(/\b[a-z]+(?:_[a-z]+)+\b/g) ?? []))];
}

const refusal = (code: string, facts = {}) => new ApiError({ status: 400, code, message: "MESSAGE", facts });

test("every published code of the Auth API is translated", () => {
  for (const code of [...Object.values(PUBLISHED).flat(), ...BESIDES]) {
    const { cause, next } = explain(refusal(code));
    expect([code, cause]).not.toEqual([code, "MESSAGE"]);
    expect([code, next.length > 0]).toEqual([code, true]);
  }
});

test("every code that the API description names for signing in is translated", () => {
  const codes = codesUnder("/v1/auth/");
  expect(codes.length).toBeGreaterThan(25);
  expect(codes.filter((code) => !refusals.errors[code])).toEqual([]);
});

test("every code that the API description names for setting up is translated", () => {
  const codes = codesUnder("/v1/setup/");
  expect(codes.length).toBeGreaterThan(25);
  expect(codes.filter((code) => !setup.errors[code] && !refusals.errors[code])).toEqual([]);
});

test("whom to invite and which address was seen are named when they are known", () => {
  expect(explain(refusal("user_not_found"), { email: "ana@example.com" }).next).toBe(
    "Ask an owner to invite ana@example.com.",
  );
  expect(explain(refusal("user_not_found", { email: "eve@example.com" })).next).toContain("eve@example.com");
  expect(explain(refusal("trusted_proxy_peer_not_allowed", { peer: "192.0.2.7" })).cause).toContain(
    "192.0.2.7",
  );
});

test("an unknown code shows the server's own words", () => {
  const error = new ApiError({ status: 418, code: "new_code", message: "It is new.", hint: "Wait." });
  expect(explain(error)).toEqual({ cause: "It is new.", next: "Wait." });
});

test("what a provider answers is explained, also what no standard names", () => {
  const answer = { code: null, state: null, description: null };
  expect(explainProvider({ ...answer, error: "access_denied" }).cause).toContain("did not let you in");
  expect(explainProvider({ ...answer, error: "something_new" })).toBe(refusals.providerUnknown);
});
