/** Sets an instance up over the API, for journeys that are about what comes after. */
import { CLIENT } from "./identity-provider.mjs";

/** A set-up session, opened with a token that the operator prints on the daemon's machine. */
export async function openSetUp(stage) {
  const token = stage.daemon.setupToken();
  const path = "/v1/setup/bootstrap-token/verify";
  const { session_token } = await stage.api.as().send("POST", path, { token });
  return stage.api.as(session_token);
}

/** Remote mode with this provider; its owner is still to come. */
export async function chooseProvider(setUp, provider) {
  const modes = { runtime_mode: "remote", remote_auth_mode: "oidc" };
  await setUp.send("POST", "/v1/setup/preferences", modes);
  return setUp.send("POST", "/v1/setup/oidc/configure", {
    issuer_url: provider.issuer,
    client_id: CLIENT.clientId,
    client_secret: CLIENT.clientSecret,
  });
}
