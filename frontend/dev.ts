/**
 * Development server for the UI: rebuilds on change, serves the result and proxies the API to the daemon.
 * For `make dev` only; it must never be shipped. OORE_DAEMON_URL and OORE_DEV_PORT set where.
 */
import { existsSync, rmSync, watch } from "node:fs";
import { tmpdir } from "node:os";
import { join, normalize } from "node:path";
import { bundle } from "./build/bundle.ts";
import { generateRoutes } from "./build/routes.ts";

const daemon = process.env.OORE_DAEMON_URL ?? "http://127.0.0.1:8787";
const port = Number(process.env.OORE_DEV_PORT ?? 5173);
const outdir = join(tmpdir(), `oore-ui-dev-${port}`);
const PROXIED = /^\/(v1|docs|install)(\/|$)|^\/(healthz|readyz|openapi\.json)$/;

let pending: Timer | undefined;
let building: Promise<void> = rebuild();

watch(join(import.meta.dir, "src"), { recursive: true }, (_, name) => {
  if (name === "routeTree.gen.ts") return;
  clearTimeout(pending);
  pending = setTimeout(() => {
    building = rebuild();
  }, 80);
});

Bun.serve({
  hostname: "127.0.0.1",
  port,
  // Held requests and event streams stay open for minutes.
  idleTimeout: 0,
  async fetch(request) {
    const url = new URL(request.url);
    if (PROXIED.test(url.pathname)) return proxy(request, url);
    await building;
    return serve(url.pathname);
  },
});
console.log(`UI on http://127.0.0.1:${port}, API from ${daemon}`);

async function rebuild(): Promise<void> {
  const begun = performance.now();
  try {
    generateRoutes();
    rmSync(outdir, { recursive: true, force: true });
    await bundle({ outdir, mode: "development" });
    console.log(`built in ${Math.round(performance.now() - begun)} ms`);
  } catch (cause) {
    console.error(cause);
  }
}

/** The daemon checks Host and Origin, so both must name the daemon and not this server. */
async function proxy(request: Request, url: URL): Promise<Response> {
  const headers = new Headers(request.headers);
  headers.delete("host");
  if (headers.has("origin")) headers.set("origin", daemon);
  try {
    const answer = await fetch(daemon + url.pathname + url.search, {
      method: request.method,
      headers,
      body: request.body,
      redirect: "manual",
      signal: request.signal,
      decompress: false,
    });
    return new Response(answer.body, answer);
  } catch {
    return Response.json(
      { error: `no daemon answers at ${daemon}`, code: "backend_unreachable", request_id: "" },
      { status: 502 },
    );
  }
}

function serve(pathname: string): Response {
  const path = join(outdir, normalize(pathname));
  const known = pathname !== "/" && existsSync(path);
  if (!known && pathname.startsWith("/assets/")) return new Response(null, { status: 404 });
  return new Response(Bun.file(known ? path : join(outdir, "index.html")), {
    headers: { "cache-control": "no-store" },
  });
}
