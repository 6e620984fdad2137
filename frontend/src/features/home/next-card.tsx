/**
 * What comes after the first green build: four things, each with the place where it is done. Loaded while it is of use: it goes
 * when all are done, or for good when the person puts it away.
 */
import { useQuery } from "@tanstack/react-query";
import { Link, type LinkProps } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import type { Home } from "@/api/types";
import { IconButton, toastWithUndo } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { useRuntime } from "@/lib/instances/current";
import { bootstrapQuery } from "@/lib/queries";
import { next as words } from "@/messages/en/next";
import type { Next, useNext } from "./next";
import { greenBuild, seenIn } from "./seen";

type Props = { home: Home; next: ReturnType<typeof useNext> };

export default function NextCard({ home, next: { all, done, set, isOver } }: Props): ReactNode {
  const maySetUp = useCan()("users.invite");
  const green = greenBuild(home);
  const ways = useWays(green?.project_id ?? "");
  const seen = seenIn(home);
  // Kept, so that it stays done when home shows other builds.
  useEffect(() => {
    if (!seen.every((item) => done.includes(item))) {
      set(all.filter((item) => done.includes(item) || seen.includes(item)));
    }
  });
  if (!maySetUp || !green || isOver) return null;
  function keep(next: readonly Next[]) {
    set(next);
    if (next.length < all.length) return;
    document.getElementById("main")?.focus({ preventScroll: true });
    toastWithUndo(words.away, () => set(done));
  }
  const toggled = (item: Next) => all.filter((other) => done.includes(other) !== (other === item));
  return (
    <section aria-labelledby="next" className="card flex flex-col gap-3 p-4 sm:px-6">
      <div className="flex items-start gap-2">
        <div className="min-w-0 grow">
          <h2 id="next" className="text-lg font-semibold">
            {words.title}
          </h2>
          <p className="text-ink-2">{words.text(done.length, all.length)}</p>
        </div>
        <IconButton icon="close" label={words.putAway} onClick={() => keep(all)} className="-me-1 shrink-0" />
      </div>
      <ul className="grid gap-x-6 gap-y-3 md:grid-cols-2">
        {all.map((item) => (
          <Item
            key={item}
            isDone={done.includes(item)}
            isSeen={seen.includes(item)}
            onToggle={() => keep(toggled(item))}
            {...ways[item]}
          />
        ))}
      </ul>
    </section>
  );
}

type Way = { title: string; text: string; to: LinkProps };
type ItemProps = Way & { isDone: boolean; isSeen: boolean; onToggle: () => void };

function Item({ title, text, to, isDone, isSeen, onToggle }: ItemProps) {
  return (
    <li className="flex items-start gap-1">
      <label className="target -ms-1.5 inline-flex shrink-0 items-center justify-center">
        <input
          type="checkbox"
          aria-label={words.done(title)}
          checked={isDone}
          disabled={isSeen}
          onChange={onToggle}
          className="size-4 accent-accent"
        />
      </label>
      <div className="min-w-0 grow">
        <Link
          {...to}
          className={`target inline-flex items-center font-medium hover:underline ${isDone ? "text-ink-2" : "text-accent"}`}
        >
          {title}
        </Link>
        {!isDone && <p className="text-sm text-ink-2">{text}</p>}
      </div>
    </li>
  );
}

/** Where each is done. Phones and teammates come to an instance that others can reach. */
function useWays(projectId: string): Record<Next, Way> {
  const instance = useQuery(bootstrapQuery(useRuntime())).data?.instance;
  const params = { projectId };
  const open: LinkProps = { to: "/settings/access" };
  const { phone, push, team, signing } = words.items;
  const isReached = Boolean(instance?.public_url);
  const isShared = instance?.runtime_mode === "remote";
  return {
    phone: {
      title: phone.title,
      text: isReached ? phone.text : phone.textLocal,
      to: isReached ? { to: "/releases/$projectId", params } : open,
    },
    push: { ...push, to: { to: "/projects/$projectId/settings", params } },
    team: {
      title: team.title,
      text: isShared ? team.text : team.textLocal,
      to: isShared ? { to: "/settings/users" } : open,
    },
    signing: { ...signing, to: { to: "/projects/$projectId/variables", params } },
  };
}
