/**
 * Starts the worker scripts that the build made. Their addresses are filled in by build/workers.ts: log.worker.ts becomes
 * OORE_WORKER_LOG. No other script address may be given to a worker.
 */

const urls = { log: process.env.OORE_WORKER_LOG ?? "" };

type WorkerName = keyof typeof urls;
type ScriptUrlPolicy = { createScriptURL(input: string): string };
type TrustedTypes = {
  createPolicy(name: string, rules: { createScriptURL(input: string): string }): ScriptUrlPolicy;
};

const known = (url: string): string => {
  if (!Object.values(urls).includes(url)) throw new TypeError(`no worker of ours is at ${url}`);
  return url;
};

let policy: ScriptUrlPolicy | undefined;

/** Where the page demands trusted types, a plain string is refused as a script's address. */
function scriptUrl(url: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  policy ??= trustedTypes?.createPolicy("oore-workers", { createScriptURL: known });
  return policy ? policy.createScriptURL(url) : known(url);
}

export function startWorker(name: WorkerName): Worker {
  return new Worker(scriptUrl(urls[name]), { type: "module" });
}
