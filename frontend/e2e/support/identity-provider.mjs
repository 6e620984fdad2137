/** A certified OpenID provider as a process of its own, and what people do on its pages. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../provider/serve.mjs", import.meta.url));
const PASSWORD = "correct horse";

export const CLIENT = { clientId: "oore", clientSecret: "client s3cret & more" };

/** Two accounts claim Ana's address; only one of them is the one that was invited first. */
export const PEOPLE = {
  olga: { sub: "sub-olga", email: "olga@example.com", email_verified: true, name: "Olga" },
  ana: { sub: "sub-ana", email: "ana@example.com", email_verified: true, name: "Ana" },
  "ana-too": { sub: "sub-somebody", email: "ana@example.com", email_verified: true, name: "Ana" },
  bob: { sub: "sub-bob", email: "bob@example.com", email_verified: false, name: "Bob" },
  eve: { sub: "sub-eve", email: "eve@example.com", email_verified: true, name: "Eve" },
};

export class IdentityProvider {
  constructor(child, issuer) {
    this.child = child;
    this.issuer = issuer;
  }

  /** Sends people back to these addresses only. */
  static async start(redirectUris) {
    const settings = JSON.stringify({ ...CLIENT, redirectUris, people: PEOPLE, password: PASSWORD });
    const child = spawn(process.execPath, [PROGRAM, settings], { stdio: ["pipe", "pipe", "pipe"] });
    return new IdentityProvider(child, await issuerOf(child));
  }

  owns(port) {
    return port === Number(new URL(this.issuer).port);
  }

  /** Connections are still taken, but nothing is answered. */
  freeze() {
    this.child.kill("SIGSTOP");
  }

  thaw() {
    this.child.kill("SIGCONT");
  }

  async stop() {
    const exited = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGKILL");
    await exited;
  }
}

function issuerOf(child) {
  return new Promise((resolve, reject) => {
    let [said, complaint] = ["", ""];
    child.stdout.on("data", (part) => {
      said += part;
      if (said.includes("\n")) resolve(said.trim());
    });
    child.stderr.on("data", (part) => {
      complaint += part;
    });
    child.once("exit", (code) => reject(new Error(`the identity provider ended (${code}):\n${complaint}`)));
  });
}

/** On the provider's pages: says who one is, and allows the client to know. */
export async function proveOneself(page, login) {
  await page.getByLabel("Login").fill(login);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Allow" }).click();
}
