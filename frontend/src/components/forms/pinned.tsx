/**
 * Keeps a form on what was stored when somebody began to type: what others save meanwhile takes nothing away, it is only said.
 * It must not know the fields; the form's `SaveRow` tells whether anything is typed.
 */
import { Fragment, type ReactNode, useState } from "react";
import { Banner, Button } from "@/components/ui";
import { pinned as words } from "@/messages/en/pinned";
import { type Typing, TypingContext } from "./save-row";

type Version = string | number;

type Props<T> = {
  current: T;
  versionOf: (one: T) => Version;
  /** `onSaved` is told what the server has stored now. */
  children: (shown: T, onSaved: (saved: T) => void) => ReactNode;
};

/** Nothing typed: it follows what is stored. */
export function Pinned<T>({ current, versionOf, children }: Props<T>) {
  const [pinned, setPinned] = useState(current);
  // What the own save took the place of is around until the cache tells its answer.
  const [replaced, setReplaced] = useState<Version | null>(null);
  const [typing, setTyping] = useState<Typing>("no");
  const version = versionOf(current);
  const isSame = version === versionOf(pinned);
  const isBehind = !isSame && version !== replaced;
  if (isBehind && typing === "no") setPinned(current);
  if (isSame && replaced !== null) setReplaced(null);
  function onSaved(saved: T) {
    setReplaced(version);
    setPinned(saved);
  }
  return (
    <TypingContext value={setTyping}>
      <div>
        <div role="status">
          {isBehind && typing === "yes" && (
            <div className="mb-3">
              <Banner
                tone="warning"
                title={words.title}
                actions={<Button onClick={() => setPinned(current)}>{words.reload}</Button>}
              >
                <p>{words.text}</p>
              </Banner>
            </div>
          )}
        </div>
        <Fragment key={versionOf(pinned)}>{children(isSame ? current : pinned, onSaved)}</Fragment>
      </div>
    </TypingContext>
  );
}
