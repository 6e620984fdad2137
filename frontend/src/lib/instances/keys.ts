/** Going from one instance to another: ⌘ or Ctrl with a digit, and what menus call. It must not change the list. */
import { useRouter } from "@tanstack/react-router";
import { useCallback, useEffect, useEffectEvent } from "react";
import { pathAt } from "./current";
import { type Instance, instances } from "./registry";

/** Answers how to open an instance: at its first page unless another is given, for what the page on screen shows it lacks. */
export function useOpenInstance(): (instance: Instance, path?: string) => Promise<void> {
  const router = useRouter();
  return useCallback(({ url }, path = "/") => router.navigate({ href: pathAt(path, url) }), [router]);
}

/** `⌘1` opens the first of the list, `⌘9` the ninth. A browser with one instance keeps its own meaning of these keys. */
export function useInstanceKeys(): void {
  const open = useOpenInstance();
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const isAsked = (event.metaKey || event.ctrlKey) && !event.altKey && !event.shiftKey;
    if (!isAsked || !/^[1-9]$/.test(event.key)) return;
    const list = instances.get();
    const instance = list.length > 1 ? list[Number(event.key) - 1] : undefined;
    if (!instance) return;
    event.preventDefault();
    void open(instance);
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKey(event);
    window.addEventListener("keydown", listener);
    return () => window.removeEventListener("keydown", listener);
  }, []);
}
