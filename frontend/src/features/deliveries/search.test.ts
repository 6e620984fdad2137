/** What the URL of the list may say. */
import { expect, test } from "bun:test";
import { filtersIn, parseDeliveriesSearch } from "./search";

test("what is no filter is left out", () => {
  expect(parseDeliveriesSearch({ outcome: "nothing", commit: "main", event: "", q: 12 })).toEqual({ q: "12" });
  const search = parseDeliveriesSearch({ outcome: "filtered", commit: "abc123", cursor: "x" });
  expect(search).toEqual({ outcome: "filtered", commit: "abc123", cursor: "x" });
  expect(filtersIn(search)).toEqual(["outcome", "commit"]);
});
