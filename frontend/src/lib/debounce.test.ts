/** A text box that lives in the URL: what is passed on, and what changes the box. */
import { expect, test } from "bun:test";
import { act, renderHook, waitFor } from "@testing-library/react";
import { useTypedText } from "./debounce";

function box(value: string | undefined) {
  const passed: (string | undefined)[] = [];
  // A new function with each render, as pages have it.
  const use = (current: string | undefined) => useTypedText(current, (text) => passed.push(text));
  const { result, rerender } = renderHook(use, { initialProps: value });
  return {
    passed,
    rerender,
    text: () => result.current[0],
    type: (text: string) => act(() => result.current[1](text)),
  };
}

const pause = () => act(() => Bun.sleep(300));

test("what is typed is passed on once, when it pauses; an empty box passes on nothing", async () => {
  const { passed, type } = box(undefined);
  type("a");
  type("ab ");
  expect(passed).toEqual([]);
  await waitFor(() => expect(passed).toEqual(["ab"]));
  type("");
  await waitFor(() => expect(passed).toEqual(["ab", undefined]));
});

test("what the address says otherwise is shown, and what was removed does not come back", async () => {
  const { passed, rerender, text } = box("shop");
  rerender(undefined);
  expect(text()).toBe("");
  rerender(undefined);
  await pause();
  expect({ text: text(), passed }).toEqual({ text: "", passed: [] });
});
