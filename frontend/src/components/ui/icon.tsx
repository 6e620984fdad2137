/** One sprite in the page and <use> for each icon. Icons are decoration: they must never be the only carrier of meaning. */
import { createStore, useStore } from "@/lib/store";
import { ICONS } from "./icon-paths";
import type { MORE_ICONS } from "./more-icons";

export type IconName = keyof typeof ICONS | keyof typeof MORE_ICONS;

const drawn = createStore<Record<string, string>>(ICONS);

export function addIcons(paths: Record<string, string>): void {
  drawn.set({ ...drawn.get(), ...paths });
}

/** Rendered once, at the root. */
export function IconSprite() {
  const paths = useStore(drawn);
  return (
    <svg aria-hidden="true" width="0" height="0" className="absolute">
      {Object.entries(paths).map(([name, path]) => (
        <symbol key={name} id={`i-${name}`} viewBox="0 0 16 16">
          <path
            d={path}
            fill="none"
            stroke="currentColor"
            strokeWidth="1.5"
            strokeLinecap="round"
            strokeLinejoin="round"
          />
        </symbol>
      ))}
    </svg>
  );
}

type Props = { name: IconName; className?: string };

export function Icon({ name, className = "size-4" }: Props) {
  return (
    <svg aria-hidden="true" className={`shrink-0 ${className}`}>
      <use href={`#i-${name}`} />
    </svg>
  );
}
