/** Rules of the pages for people, tokens, sessions, the audit log and access, without any page. */
import { describe, expect, test } from "bun:test";
import { isChange, KEEP, linesOf, newText } from "@/components/forms";
import { originOf, originProblem, redirectAddresses } from "@/features/access/origins";
import { detailsOf, objectName } from "@/features/audit/details";
import { actName, choices } from "@/features/audit/names";
import { parseAuditSearch } from "@/features/audit/search";
import { exportPath, filtersIn, toQuery } from "@/features/audit/wire";
import { parsePeopleSearch, toQuery as peopleQuery } from "@/features/people/search";
import { matching } from "@/features/projects/members";
import { programOf } from "@/features/sessions/program";
import { expiresAt } from "@/features/tokens/expiry";
import { rolesUpTo } from "@/features/tokens/roles";
import { statusOf } from "@/features/tokens/status";
import { storedFor, wayOf } from "@/lib/ways";

describe("people", () => {
  test("defaults and wrong values stay out of the address", () => {
    expect(parsePeopleSearch({ q: "", sort: "created_at:desc", offset: -1 })).toEqual({});
    expect(parsePeopleSearch({ q: 17, sort: "role:asc", offset: "50" })).toEqual({
      q: "17",
      sort: "role:asc",
      offset: 50,
    });
    expect(parsePeopleSearch({ sort: "password:asc" })).toEqual({});
    expect(peopleQuery({ q: "ana", offset: 50 })).toEqual({
      q: "ana",
      sort: "created_at",
      direction: "desc",
      limit: 50,
      offset: 50,
    });
  });

  test("candidates are found by address and name in any letters", () => {
    const people = [
      { id: "1", email: "ana@example.com", display_name: "Ana Gomez", role: "admin", status: "active" },
      { id: "2", email: "BEN@example.com", role: "developer", status: "invited" },
    ] as const;
    const found = (text: string) => matching([...people], text).map(({ id }) => id);
    expect(found(" ")).toEqual(["1", "2"]);
    expect(found("gom")).toEqual(["1"]);
    expect(found("ben@")).toEqual(["2"]);
    expect(found("zoe")).toEqual([]);
  });
});

describe("tokens", () => {
  const now = Date.UTC(2030, 0, 1, 12);

  test("an end is counted from now, at the end of a day, or never", () => {
    expect(expiresAt("30", "", now)).toEqual({ ok: true, at: now / 1000 + 30 * 86_400 });
    expect(expiresAt("never", "", now)).toEqual({ ok: true, at: null });
    const end = new Date("2030-02-01T23:59:59").getTime() / 1000;
    expect(expiresAt("date", "2030-02-01", now)).toEqual({ ok: true, at: end });
  });

  test("a day that is over, or none, is no end", () => {
    for (const date of ["", "2029-12-30", "2030-13-01", "soon"]) {
      expect({ date, answer: expiresAt("date", date, now) }).toEqual({ date, answer: { ok: false } });
    }
  });

  test("roles are offered down from one's own", () => {
    expect(rolesUpTo("owner")).toEqual(["owner", "admin", "developer", "qa_viewer"]);
    expect(rolesUpTo("developer")).toEqual(["developer", "qa_viewer"]);
  });

  test("revoked outweighs expired", () => {
    expect(statusOf({ is_expired: true, is_revoked: true })).toBe("revoked");
    expect(statusOf({ is_expired: true, is_revoked: false })).toBe("expired");
    expect(statusOf({ is_expired: false, is_revoked: false })).toBe("active");
  });
});

describe("sessions", () => {
  const agents: [string, string | null, string | null][] = [
    [
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
      "Safari",
      "macOS",
    ],
    [
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
      "Chrome",
      "Linux",
    ],
    [
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
      "Edge",
      "Windows",
    ],
    ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox", "Linux"],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
      "Safari",
      "iOS",
    ],
    [
      "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
      "Chrome",
      "Android",
    ],
    ["curl/8.9.1", "curl", null],
    ["something else", null, null],
  ];

  test.each(agents)("%s", (agent, name, system) => {
    expect(programOf(agent)).toEqual({ name, system });
  });

  test("no User-Agent is no program", () => {
    expect(programOf(undefined)).toEqual({ name: null, system: null });
  });
});

describe("audit log", () => {
  test("only real filters stay in the address", () => {
    expect(
      parseAuditSearch({ from: "2030-02-01", to: "tomorrow", sort: "created_at:desc", action: "" }),
    ).toEqual({
      from: "2030-02-01",
    });
    expect(parseAuditSearch({ from: "2030-13-40" })).toEqual({});
    expect(filtersIn({ sort: "action:asc", offset: 50, to: "2030-02-01" })).toEqual(["to"]);
  });

  test("days become the first and the last second of them, here", () => {
    const query = toQuery({ from: "2030-02-01", to: "2030-02-02", resource: "user" });
    expect(query.from_ts).toBe(new Date(2030, 1, 1, 0, 0, 0).getTime() / 1000);
    expect(query.to_ts).toBe(new Date(2030, 1, 2, 23, 59, 59).getTime() / 1000);
    expect(query.resource_type).toBe("user");
  });

  test("the export has the same filters and no page", () => {
    const path = exportPath({ action: "role_changed", actor: "u 1", offset: 50 });
    const { pathname, searchParams } = new URL(path, "http://localhost");
    expect(pathname).toBe("/v1/audit-logs/export");
    expect(Object.fromEntries(searchParams)).toEqual({
      actor_id: "u 1",
      action: "role_changed",
    });
  });

  test("details say what changed and what else is known", () => {
    expect(detailsOf('{"from":"qa_viewer","to":"admin","note":"x"}')).toEqual({
      changes: [{ field: "", before: "qa_viewer", after: "admin" }],
      facts: [{ name: "note", value: "x" }],
    });
    expect(
      detailsOf('{"before":{"name":"a","default_branch":null},"after":{"name":"a","default_branch":"main"}}'),
    ).toEqual({ changes: [{ field: "default branch", before: "none", after: "main" }], facts: [] });
    expect(detailsOf('{"cidrs":["10.0.0.0/8","::1"],"on":true,"empty":[]}').facts).toEqual([
      { name: "cidrs", value: "10.0.0.0/8, ::1" },
      { name: "on", value: "yes" },
      { name: "empty", value: "none" },
    ]);
  });

  test("details that are no object are nothing, not an error", () => {
    for (const text of [null, undefined, "", "{", "[1]", '"x"', "null"]) {
      expect(detailsOf(text)).toEqual({ changes: [], facts: [] });
      expect(objectName(text)).toBeNull();
    }
    expect(objectName('{"email":"ana@example.com","name":"x"}')).toBe("ana@example.com");
    expect(objectName('{"name":7}')).toBeNull();
    const refused = '{"code":"permission_denied","method":"PATCH","path":"/v1/users/1/role"}';
    expect(objectName(refused)).toBe("/v1/users/1/role");
  });

  test("an act without words keeps its name, and can be filtered by", () => {
    expect(actName("moon_landed")).toBe("moon landed");
    expect(choices({ a: "A" }, "moon_landed")).toEqual(["a", "moon_landed"]);
    expect(choices({ a: "A" }, "a")).toEqual(["a"]);
  });
});

describe("access", () => {
  test("only exact origins pass, and the likely one is suggested", () => {
    expect(originProblem(["https://ci.example.com", "http://localhost:3000"])).toBeNull();
    const suggestions: [string, string | null][] = [
      ["https://ci.example.com/", "https://ci.example.com"],
      ["https://CI.example.com", "https://ci.example.com"],
      ["https://ci.example.com:443", "https://ci.example.com"],
      ["https://ci.example.com/auth/callback", "https://ci.example.com"],
      ["https://ana@ci.example.com", null],
      ["ftp://ci.example.com", null],
      ["ci.example.com", null],
      ["*", null],
      ["null", null],
    ];
    for (const [text, suggestion] of suggestions) {
      expect(originProblem(["https://fine.example.com", text])).toEqual({ text, suggestion });
    }
    expect(originOf("javascript:alert(1)")).toBeNull();
    expect(linesOf(" a \n\n b\n")).toEqual(["a", "b"]);
  });

  test("redirect addresses are the own one and those of allowed origins, each once", () => {
    expect(
      redirectAddresses("https://ci.example.com/", ["https://ci.example.com", "https://ui.example.com"]),
    ).toEqual(["https://ci.example.com/auth/callback", "https://ui.example.com/auth/callback"]);
  });

  test("a way is two settings, and going local keeps the method", () => {
    const stored = { runtime_mode: "remote", remote_auth_mode: "trusted_proxy" } as const;
    expect(wayOf(stored)).toBe("trusted_proxy");
    expect(wayOf({ ...stored, runtime_mode: "local" })).toBe("local");
    expect(storedFor("local", stored)).toEqual({ runtime_mode: "local", remote_auth_mode: "trusted_proxy" });
    expect(storedFor("oidc", stored)).toEqual({ runtime_mode: "remote", remote_auth_mode: "oidc" });
  });

  test("an opened but empty secret field changes nothing", () => {
    expect(isChange(KEEP)).toBe(false);
    expect(isChange({ kind: "set", text: "" })).toBe(false);
    expect(newText({ kind: "set", text: "" })).toBeUndefined();
    expect(newText({ kind: "set", text: "s" })).toBe("s");
    expect(isChange({ kind: "clear" })).toBe(true);
  });
});
