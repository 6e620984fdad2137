// A mail server for tests: takes mail as its options say, and tells on standard output what it was sent, a line of JSON each.
import { readFileSync } from "node:fs";
import { SMTPServer } from "smtp-server";

const options = JSON.parse(process.argv[2] ?? "{}");
const tell = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
const refuse = (code, text) => Object.assign(new Error(text), { responseCode: code });
const later = new Set();

const server = new SMTPServer({
  secure: options.secure === true,
  key: options.key && readFileSync(options.key),
  cert: options.cert && readFileSync(options.cert),
  hideSTARTTLS: options.plain === true,
  disabledCommands: options.plain === true ? ["STARTTLS"] : [],
  authOptional: options.user === undefined,
  allowInsecureAuth: options.plain === true,
  disableReverseLookup: true,
  logger: false,
  onAuth({ username, password }, _session, done) {
    if (username === options.user && password === options.password) return done(null, { user: username });
    done(refuse(535, `wrong password ${password}`));
  },
  onRcptTo({ address }, _session, done) {
    if (address.startsWith("gone@")) return done(refuse(550, "no such user"));
    if (address.startsWith("later@") && !later.has(address)) {
      later.add(address);
      return done(refuse(451, "come back later"));
    }
    done();
  },
  onData(stream, session, done) {
    const parts = [];
    stream.on("data", (part) => parts.push(part));
    stream.on("end", () => {
      const to = session.envelope.rcptTo.map(({ address }) => address);
      const from = session.envelope.mailFrom.address;
      tell({ from, to, user: session.user ?? null, secure: session.secure, message: Buffer.concat(parts).toString() });
      done(null, "taken");
    });
  },
});

server.on("error", (error) => tell({ error: error.message }));
server.listen(0, "127.0.0.1", () => tell({ port: server.server.address().port }));
