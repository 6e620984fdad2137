/** The frame of every page: title, breadcrumb, the one h1 (in every state), actions. A page must render exactly one. */
import type { LinkProps } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import { createStore } from "@/lib/store";
import { t } from "@/messages";

export type Crumb = { label: string; to: LinkProps };

export const crumbs = createStore<Crumb[]>([]);

type Props = {
  /** The h1; also the document's title unless `documentTitle` says more. */
  title: string;
  documentTitle?: string;
  heading?: ReactNode;
  parents?: Crumb[];
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
  actions,
  width = "normal",
  children,
}: Props) {
  const full = `${documentTitle ?? title} – ${t.product}`;
  const trail = JSON.stringify(parents);
  useEffect(() => {
    document.title = full;
  }, [full]);
  useEffect(() => crumbs.set(JSON.parse(trail)), [trail]);
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
