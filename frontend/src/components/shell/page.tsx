/** The frame of every page: title, breadcrumb, the one h1 (in every state), actions. A page must render exactly one. */
import type { LinkProps } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import { createStore } from "@/lib/store";
import { t } from "@/messages";

export type Crumb = { label: string; to: LinkProps };

/** The way to the page on screen, and what it is called at the end of it. */
export const trail = createStore<{ parents: Crumb[]; current: string } | null>(null);

type Props = {
  /** The h1; also the document's title unless `documentTitle` says more. */
  title: string;
  documentTitle?: string;
  heading?: ReactNode;
  parents?: Crumb[];
  /** The page's name at the end of the breadcrumb, where the title says more than its name. */
  crumb?: string;
  actions?: ReactNode;
  /** `wide` uses the whole window (logs); `normal` keeps lines readable. */
  width?: "normal" | "wide";
  children: ReactNode;
};

const NO_PARENTS: Crumb[] = [];

export function Page({
  title,
  documentTitle,
  heading,
  parents = NO_PARENTS,
  crumb = title,
  actions,
  width = "normal",
  children,
}: Props) {
  const full = `${documentTitle ?? title} – ${t.product}`;
  const way = JSON.stringify(parents);
  useEffect(() => {
    document.title = full;
  }, [full]);
  useEffect(() => trail.set({ parents: JSON.parse(way), current: crumb }), [way, crumb]);
  return (
    <div
      className={`mx-auto flex w-full flex-col gap-4 px-4 py-5 sm:px-6 ${width === "wide" ? "" : "max-w-6xl"}`}
    >
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <h1 className="min-w-0 text-xl font-semibold">{heading ?? title}</h1>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </div>
      {children}
    </div>
  );
}
