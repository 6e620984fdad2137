/** The rows of the list of people with what may be done to each. What is refused once stays unavailable, with the reason. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type ApiError, toApiError } from "@/api/errors";
import type { User } from "@/api/types";
import { Cell, Head, Person, SortHead, Table, UserStatusBadge } from "@/components/settings";
import { Icon, Menu, type MenuEntry, TimeAgo, toast, toastError } from "@/components/ui";
import { useCan } from "@/lib/capabilities";
import { reasonOf } from "@/lib/form";
import { useRuntime } from "@/lib/instances/current";
import { bootstrapQuery } from "@/lib/queries";
import { people as words } from "@/messages/en/people";
import { roles } from "@/messages/later";
import { DisableDialog } from "./disable-dialog";
import { RoleDialog } from "./role-dialog";
import { unavailable } from "./rules";

type Props = { users: User[]; sort: string; onSort: (sort: string) => void };
type Open = { dialog: "role" | "disable"; user: User };

export function PeopleTable({ users, sort, onSort }: Props) {
  const { data } = useQuery(bootstrapQuery(useRuntime()));
  const [open, setOpen] = useState<Open | null>(null);
  const [refused, setRefused] = useState<ReadonlyMap<string, string>>(new Map());
  const me = data?.user.id;
  function learn(user: User, error: ApiError) {
    if (error.status !== 403) return;
    setRefused((known) => new Map(known).set(user.id, reasonOf(error)));
  }
  const close = () => setOpen(null);
  const head = (
    <>
      <SortHead name="email" sort={sort} onSort={onSort}>
        {words.columns.person}
      </SortHead>
      <SortHead name="role" sort={sort} onSort={onSort} show="wide">
        {words.columns.role}
      </SortHead>
      <SortHead name="status" sort={sort} onSort={onSort} show="wide">
        {words.columns.status}
      </SortHead>
      <Head show="wide">{words.columns.changed}</Head>
      <Head>
        <span className="sr-only">{words.columns.actions}</span>
      </Head>
    </>
  );
  return (
    <>
      <Table label={words.title} head={head}>
        {users.map((user) => (
          <tr key={user.id} className="hover:bg-canvas">
            <Cell>
              <Person email={user.email} name={user.display_name} isYou={user.id === me}>
                <p className="mt-1 flex flex-wrap items-center gap-2 text-sm text-ink-2 md:hidden">
                  {roles.instance[user.role]} <UserStatusBadge status={user.status} />
                </p>
              </Person>
            </Cell>
            <Cell show="wide">{roles.instance[user.role]}</Cell>
            <Cell show="wide">
              <UserStatusBadge status={user.status} />
            </Cell>
            <Cell show="wide">
              <TimeAgo at={user.updated_at} className="text-ink-2" />
            </Cell>
            <Cell>
              <RowMenu user={user} me={me} refused={refused} onOpen={setOpen} onRefused={learn} />
            </Cell>
          </tr>
        ))}
      </Table>
      {open?.dialog === "role" && <RoleDialog user={open.user} onClose={close} onRefused={learn} />}
      {open?.dialog === "disable" && <DisableDialog user={open.user} onClose={close} onRefused={learn} />}
    </>
  );
}

type RowProps = {
  user: User;
  me: string | undefined;
  refused: ReadonlyMap<string, string>;
  onOpen: (open: Open) => void;
  onRefused: (user: User, error: ApiError) => void;
};

function RowMenu({ user, me, refused, onOpen, onRefused }: RowProps) {
  const can = useCan();
  const enable = useEnable();
  const entries: MenuEntry[] = [];
  if (can("users.write")) {
    entries.push({
      kind: "action",
      label: words.role.change,
      icon: "edit",
      disabledReason: unavailable("role", user, me, refused),
      onSelect: () => onOpen({ dialog: "role", user }),
    });
  }
  if (can("users.delete") && user.status !== "disabled") {
    entries.push({
      kind: "action",
      label: words.disable.open,
      icon: "slash",
      danger: true,
      disabledReason: unavailable("disable", user, me, refused),
      onSelect: () => onOpen({ dialog: "disable", user }),
    });
  }
  if (can("users.enable") && user.status === "disabled") {
    entries.push({
      kind: "action",
      label: words.enable.open,
      icon: "check",
      disabledReason: unavailable("enable", user, me, refused),
      onSelect: () => void enable(user).catch((cause) => onRefused(user, toApiError(cause))),
    });
  }
  if (entries.length === 0) return null;
  return (
    <div className="flex justify-end">
      <Menu label={words.actionsFor(user.email)} entries={entries}>
        <Icon name="more" />
      </Menu>
    </div>
  );
}

/** Lets a disabled account in again; says what went wrong, and rejects then. */
export function useEnable(): (user: User) => Promise<void> {
  const runtime = useRuntime();
  const cache = useQueryClient();
  return async (user) => {
    try {
      await runtime.api.post("/v1/users/{user_id}/enable", { path: { user_id: user.id } });
    } catch (cause) {
      toastError(cause);
      throw cause;
    }
    toast(words.disable.undone(user.email));
    await cache.invalidateQueries({ queryKey: runtime.key("users") });
  };
}
