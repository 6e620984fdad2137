/** Reading the access settings. */
import { queryOptions } from "@tanstack/react-query";
import { ApiError } from "@/api/errors";
import type { OidcSettings } from "@/api/types";
import type { Runtime } from "@/lib/instances/runtime";

export const proxyQuery = (rt: Runtime) =>
  queryOptions({
    queryKey: rt.key("access", "proxy"),
    queryFn: ({ signal }) => rt.api.get("/v1/settings/external-access/trusted-proxy", { signal }),
  });

/** null: no provider is configured, which is a normal state here and no error. */
export const oidcQuery = (rt: Runtime) =>
  queryOptions({
    queryKey: rt.key("access", "oidc"),
    queryFn: async ({ signal }): Promise<OidcSettings | null> => {
      try {
        return await rt.api.get("/v1/settings/external-access/oidc", { signal });
      } catch (cause) {
        if (cause instanceof ApiError && cause.code === "oidc_not_configured") return null;
        throw cause;
      }
    },
  });
