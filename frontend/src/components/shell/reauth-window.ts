/**
 * The window for signing in again with an identity provider, beside the page that asks: that it opens, and whether it is still
 * there. The session comes from it as from any other tab, so it must be asked for nothing.
 */
import { useRouter } from "@tanstack/react-router";
import { useEffect, useState } from "react";

const SIZE = "popup,width=520,height=720";
const LOOK_MS = 500;

/** `blocked`: the browser let none open. `closed`: it is gone, or the provider's pages keep it out of sight. */
export type WindowState = "none" | "open" | "blocked" | "closed";

export function useSignInWindow(): { state: WindowState; open: () => void } {
  const router = useRouter();
  const [state, setState] = useState<WindowState>("none");
  const [opened, setOpened] = useState<Window | null>(null);
  useEffect(() => {
    if (!opened) return;
    const timer = setInterval(() => opened.closed && setState("closed"), LOOK_MS);
    return () => {
      clearInterval(timer);
      opened.close();
    };
  }, [opened]);
  /** Browsers let a window open only while a click is handled. */
  function open() {
    if (opened && !opened.closed) return opened.focus();
    const window = globalThis.open(router.buildLocation({ to: "/auth/again" }).href, "", SIZE);
    setOpened(window);
    setState(window ? "open" : "blocked");
  }
  return { state, open };
}
