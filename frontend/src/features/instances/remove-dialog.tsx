/** Takes an instance off the list, with its session and everything that this tab has of it. */
import { useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { ConfirmDialog } from "@/components/ui";
import { type Instance, removeInstance } from "@/lib/instances/registry";
import { runtimeOf } from "@/lib/instances/runtime";
import { signOut } from "@/lib/instances/sign-in";
import { instances as words } from "@/messages/en/instances";

type Props = { instance: Instance; onClose: () => void; onNews: (text: string) => void };

export function RemoveDialog({ instance, onClose, onNews }: Props) {
  const router = useRouter();
  const [pending, setPending] = useState(false);
  const runtime = runtimeOf(instance);
  const isSignedIn = runtime.session.token() !== null;
  async function remove() {
    setPending(true);
    // Whatever the instance says, it goes; a session that can't be ended now ends by itself within a day.
    if (isSignedIn) await signOut(runtime).catch(() => undefined);
    onNews(words.remove.done(instance.label));
    removeInstance(instance.id);
    // The address of this page may still name it.
    await router.navigate({
      to: "/connect",
      search: (old) => ({ ...old, instance: undefined }),
      replace: true,
    });
  }
  return (
    <ConfirmDialog
      title={words.remove.title(instance.label)}
      intro={`${words.remove.keeps} ${words.remove.intro}`}
      consequences={words.remove.consequences(instance.url, isSignedIn)}
      confirmLabel={words.remove.submit}
      pending={pending}
      onConfirm={() => void remove()}
      onClose={onClose}
    />
  );
}
