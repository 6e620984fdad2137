/** Which steps the set-up has and which is the first unfinished one. Pure: the server's state and the draft decide. */
import type { SetupStatus, SetupSummary } from "@/api/types";

export type Method = "local" | "oidc" | "trusted_proxy";
export type Step = "unlock" | "method" | "configure" | "owner" | "finish";

/** What this tab knows beyond the server: a fresh instance counts as local before anybody chose that. */
export type Known = {
  status: SetupStatus;
  /** Null while the set-up is locked. */
  summary: SetupSummary | null;
  /** The method that was saved here, if one was. */
  chosen: Method | null;
};

export function methodOf({ status, chosen }: Pick<Known, "status" | "chosen">): Method | null {
  if (status.runtime_mode === "remote") return status.remote_auth_mode;
  if (chosen === "local" || status.state === "owner_created") return "local";
  return null;
}

export function stepsOf(method: Method | null): Step[] {
  const all: Step[] = ["unlock", "method", "configure", "owner", "finish"];
  return method === "local" ? all.filter((step) => step !== "configure") : all;
}

export function currentStep(known: Known): Step {
  const { summary } = known;
  if (!summary) return "unlock";
  if (summary.state === "owner_created" || summary.state === "ready") return "finish";
  const method = methodOf(known);
  if (!method) return "method";
  return method === "local" || isConfigured(method, known) ? "owner" : "configure";
}

/** The state alone does not tell: it stays "configured" when the method is changed afterwards. */
function isConfigured(method: Method, { summary }: Known): boolean {
  if (method === "oidc") return Boolean(summary?.issuer_url);
  return summary?.state === "idp_configured" && summary.trusted_proxy_configured;
}
