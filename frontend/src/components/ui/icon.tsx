/** One sprite in the page and <use> for each icon. Icons are decoration: they must never be the only carrier of meaning. */
import { ICONS, type IconName } from "./icon-paths";

export type { IconName } from "./icon-paths";

/** Rendered once, at the root. */
export function IconSprite() {
  return (
    <svg aria-hidden="true" width="0" height="0" className="absolute">
      {Object.entries(ICONS).map(([name, path]) => (
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
