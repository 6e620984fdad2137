/** Asks before several builds are canceled, and names them. */
import { ConfirmDialog } from "@/components/ui";
import { t } from "@/messages";
import { bulk as words } from "@/messages/en/bulk";
import type { OneOfMany } from "./bulk";

/** So many are named before something happens to them. */
const NAMED = 5;

type Props<T extends OneOfMany> = {
  /** As they were when it was asked: they change while it works. */
  builds: readonly T[];
  nameOf: (build: T) => string;
  pending: boolean;
  onConfirm: () => void;
  onClose: () => void;
};

export function CancelDialog<T extends OneOfMany>({ builds, nameOf, ...rest }: Props<T>) {
  return (
    <ConfirmDialog
      title={words.cancelTitle(builds.length)}
      intro={words.cancelIntro}
      consequences={named(builds, nameOf)}
      confirmLabel={words.cancel(builds.length)}
      {...rest}
    />
  );
}

function named<T extends OneOfMany>(builds: readonly T[], nameOf: (build: T) => string): string[] {
  const names = builds
    .slice(0, NAMED)
    .map((build) => `${t.builds.number(build.build_number)} ${nameOf(build)}`);
  return builds.length > NAMED ? [...names, words.more(builds.length - NAMED)] : names;
}
