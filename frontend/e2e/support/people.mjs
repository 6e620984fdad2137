/** People for journeys: active accounts, and pages that are signed in as one of them. Scenery only; never what is tested. */
import { arrive } from "./pages.mjs";

const SECRET = "a secret that only the proxy of this journey knows";
const ADDRESS = "https://ci.example.com";
/** The owner, whose first address nobody could sign in with from elsewhere. */
export const OWNER = "owner@example.com";

const preferences = (runtime_mode) => ({
  key_storage_mode: "file",
  runtime_mode,
  remote_auth_mode: "trusted_proxy",
});

/**
 * Invites people and has each sign in once, so that they are active: invited accounts cannot sign in locally. The way is
 * the product's own, a trusted proxy for a moment; afterwards the instance is in local mode again, the owner signed in.
 */
export async function activePeople(stage, roles) {
  const { api, daemon } = stage;
  if (!api.token) await api.signIn();
  await api.send("PATCH", "/v1/users/me", { email: OWNER });
  const users = {};
  for (const [email, role] of Object.entries(roles)) {
    users[email] = (await api.send("POST", "/v1/users/invite", { email, role })).user;
  }
  await api.send("PUT", "/v1/settings/external-access/network", {
    public_url: ADDRESS,
    allowed_origins: [ADDRESS],
  });
  await api.send("PUT", "/v1/settings/external-access/trusted-proxy", {
    trusted_proxy_cidrs: ["127.0.0.1/32"],
    shared_secret: SECRET,
  });
  await api.send("PUT", "/v1/settings/preferences", preferences("remote"));
  for (const email of Object.keys(roles)) await signInThroughProxy(daemon, email);
  await api.signIn(OWNER);
  await api.send("PUT", "/v1/settings/preferences", preferences("local"));
  await api.signIn(OWNER);
  return users;
}

export async function signInThroughProxy(daemon, email) {
  const response = await fetch(`${daemon.origin}/v1/auth/trusted-proxy/login`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      origin: daemon.origin,
      "x-warpgate-username": email,
      "x-oore-trusted-proxy-secret": SECRET,
    },
  });
  if (!response.ok) throw new Error(`sign-in of ${email}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** A page of a profile of its own, signed in as somebody who is active, on this machine. */
export async function openPageAs(stage, email, path = "/", options = {}) {
  const session = await stage.api.localSession(email);
  const page = await stage.openPage(options);
  await page.addInitScript(
    ({ origin, token, expiresAt, userId }) => {
      if (window.location.origin !== origin || sessionStorage.getItem("journey.begun")) return;
      sessionStorage.setItem("journey.begun", "yes");
      const instance = { id: "journey", label: "journey", url: origin, addedAt: 1 };
      localStorage.setItem("oore.instances", JSON.stringify([instance]));
      sessionStorage.setItem("oore.session.journey", JSON.stringify({ token, expiresAt, userId }));
    },
    {
      origin: stage.daemon.origin,
      token: session.session_token,
      expiresAt: session.expires_at,
      userId: session.user.user_id,
    },
  );
  await arrive(stage, path);
  return page;
}
