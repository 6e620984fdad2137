/** What the URL of the list may say, and what of it is asked for. */
import { expect, test } from "bun:test";
import { parseDeliveriesSearch } from "./search";
import { filtersIn, toQuery } from "./wire";

test("what is no filter is left out, of the URL or of the question", () => {
  expect(parseDeliveriesSearch({ event: "", q: 12, other: "x" })).toEqual({ q: "12" });
  const search = parseDeliveriesSearch({ outcome: "filtered", commit: "abc123", cursor: "x" });
  expect(filtersIn(search)).toEqual(["outcome", "commit"]);
  expect(toQuery(search)).toMatchObject({ outcome: "filtered", commit: "abc123", cursor: "x" });
  expect(toQuery({ source: "s1" })).toMatchObject({ integration_id: "s1" });
  expect(toQuery({ outcome: "nothing", commit: "main" })).toMatchObject({
    outcome: undefined,
    commit: undefined,
  });
});
