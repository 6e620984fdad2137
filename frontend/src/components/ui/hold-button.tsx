/** Holding something back, with a reason, and letting it go on. One button for both, so that the focus is still on it afterwards. */
import { useState } from "react";
import { Button } from "./button";
import { ReasonDialog } from "./reason-dialog";
import { useToasts } from "./toast";

type Props = {
  isHeld: boolean;
  /** `title` and `text` are the dialog's; `help` says who will read the reason. */
  words: { hold: string; resume: string; title: string; text: string; help: string };
  /** What it throws is shown in the dialog, which stays open. */
  onHold: (reason: string | undefined) => Promise<void>;
  onResume: () => Promise<void>;
};

export function HoldButton({ isHeld, words, onHold, onResume }: Props) {
  const { toastError } = useToasts();
  const [asking, setAsking] = useState(false);
  const [pending, setPending] = useState(false);
  async function resume() {
    setPending(true);
    await onResume().catch(toastError);
    setPending(false);
  }
  return (
    <>
      <Button
        icon={isHeld ? "play" : "pause"}
        pending={pending}
        onClick={() => (isHeld ? void resume() : setAsking(true))}
      >
        {isHeld ? words.resume : words.hold}
      </Button>
      {asking && (
        <ReasonDialog
          title={words.title}
          text={words.text}
          help={words.help}
          submitLabel={words.hold}
          onSubmit={(reason) => onHold(reason).then(() => setAsking(false))}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}
