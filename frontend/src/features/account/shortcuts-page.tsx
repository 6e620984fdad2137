/** `/me/shortcuts`: every shortcut there is, and the switch that turns single keys off. */
import { ACCOUNT_PARENTS, AccountFrame } from "@/components/settings";
import { Page } from "@/components/shell";
import { ALL_SHORTCUTS, ShortcutList, ShortcutSwitch } from "@/components/shortcuts/shortcuts";
import { keys as words } from "@/messages/en/keys";

export function ShortcutsPage() {
  return (
    <AccountFrame>
      <Page title={words.title} parents={ACCOUNT_PARENTS}>
        <div className="card px-4 py-3">
          <ShortcutSwitch />
        </div>
        <div className="lg:columns-2 *:mb-6 *:break-inside-avoid">
          <ShortcutList ids={ALL_SHORTCUTS} level={2} />
        </div>
        <p className="text-ink-2">{words.inLog}</p>
      </Page>
    </AccountFrame>
  );
}
