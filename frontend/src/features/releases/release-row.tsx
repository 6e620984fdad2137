/** One release in a list: of an app among others, or one of an app's. It must not fetch. */
import { Link, type LinkProps } from "@tanstack/react-router";
import type { Release } from "@/api/types";
import { Icon } from "@/components/ui";
import { ReleaseFacts } from "./facts";

type Props = { release: Release; name: string; detail?: string; to: LinkProps };

export function ReleaseRow({ release, name, detail, to }: Props) {
  return (
    <li className="relative flex items-center gap-3 px-4 py-2.5 hover:bg-sunken">
      <Icon name="artifact" className="size-5 text-ink-3" />
      <div className="flex min-w-0 grow flex-col gap-0.5">
        <Link
          {...to}
          data-row=""
          className="min-h-6 min-w-0 truncate leading-6 font-medium after:absolute after:inset-0 hover:underline"
        >
          {name}
        </Link>
        {detail && <p className="min-w-0 truncate text-ink-2">{detail}</p>}
        <ReleaseFacts {...release} />
      </div>
      <Icon name="chevron" className="size-4 text-ink-3" />
    </li>
  );
}
