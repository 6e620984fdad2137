/**
 * What a web host needs to serve the UI by itself: the content security policy, as a tag for every host and as a header for
 * those that read a `_headers` file, and what leads every page to index.html. It must not name any host.
 */
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Several instances are the browser's choice, so https may lead anywhere; without it only to this machine. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self' https: http://localhost:* http://127.0.0.1:*",
  "base-uri 'none'",
  "form-action 'self'",
  "object-src 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types oore-workers",
].join("; ");

/** A tag cannot forbid frames, so the header does. What is not in assets such hosts let browsers ask for again by themselves. */
const HEADERS = `/*
  Content-Security-Policy: ${POLICY}; frame-ancestors 'none'
  Referrer-Policy: no-referrer
  X-Content-Type-Options: nosniff

/assets/*
  Cache-Control: public, max-age=31536000, immutable
`;

export function policyTag(): string {
  return `<meta http-equiv="Content-Security-Policy" content="${POLICY}" />`;
}

export function writeHostFiles(outdir: string): void {
  writeFileSync(join(outdir, "_headers"), HEADERS);
  writeFileSync(join(outdir, "_redirects"), "/*  /index.html  200\n");
  // Hosts without rewriting answer with this page, whatever was asked for.
  copyFileSync(join(outdir, "index.html"), join(outdir, "404.html"));
}
