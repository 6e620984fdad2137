/** A second column of sections beside a page. On phones it is left out: the way back is the breadcrumb. */
import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Icon, type IconName } from "@/components/ui";

export type SectionLink = { to: LinkProps["to"]; label: string; icon: IconName };

type Props = { label: string; sections: SectionLink[]; children: ReactNode };

export function SectionFrame({ label, sections, children }: Props) {
  if (sections.length === 0) return children;
  return (
    <div className="md:grid md:grid-cols-[12rem_minmax(0,1fr)]">
      <nav aria-label={label} data-print="hide" className="hidden md:block">
        <p className="px-4 pt-6 pb-2 text-sm font-medium text-ink-3" aria-hidden="true">
          {label}
        </p>
        <ul className="sticky top-16 flex flex-col gap-0.5 px-2">
          {sections.map((section) => (
            <li key={section.label}>
              <Link
                to={section.to}
                activeOptions={{ exact: true, includeSearch: false }}
                className="target flex items-center gap-2.5 rounded px-2 font-medium text-ink-2 hover:bg-sunken hover:text-ink aria-[current=page]:bg-accent-tint aria-[current=page]:text-accent"
              >
                <Icon name={section.icon} />
                {section.label}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <div className="min-w-0">{children}</div>
    </div>
  );
}
