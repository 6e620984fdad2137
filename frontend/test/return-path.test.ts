/** Where signing in may lead to: this page and nowhere else. */
import { expect, test } from "bun:test";
import { ownPath } from "@/lib/return-path";

test("paths of this page are kept as they are", () => {
  for (const path of ["/", "/builds?status=failed", "/builds/b1?view=log#L10-L20", "/projects/a%2Fb"])
    expect(ownPath(path)).toBe(path);
});

test("nothing that a browser would read as another place passes", () => {
  const bad = [
    "//evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/x/..//evil.example",
    "/.//evil.example",
    "/x\\..\\\\evil.example",
    "https://evil.example/",
    "https:/evil.example/",
    "javascript:alert(1)",
    "data:text/html,x",
    " //evil.example",
    "evil.example",
    "",
  ];
  for (const path of bad) expect([path, ownPath(path)]).toEqual([path, null]);
  for (const value of [undefined, null, 7, {}, ["/builds"]]) expect(ownPath(value)).toBeNull();
});

test("pages that sign people in are no destination", () => {
  for (const path of ["/login", "/login?next=/x", "/auth/callback?code=1", "/start", "/setup#token=x"])
    expect(ownPath(path)).toBeNull();
});
