/** What a person is told shortly at one instance; shown by components/ui/toast. No rules here. */
import type { LinkProps } from "@tanstack/react-router";

export type ToastLink = { label: string; to: LinkProps };

export type Toast = {
  id: number;
  tone: "good" | "bad";
  text: string;
  link?: ToastLink;
  /** Takes back what was done; the toast then stays a little longer. */
  undo?: () => void;
};
