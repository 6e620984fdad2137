/** The foot of a form of rules: what went wrong, saving, and the question before something would be removed at once. */
import type { RetentionPreview } from "@/api/types";
import { SaveRow } from "@/components/forms";
import { ConfirmDialog, FormError } from "@/components/ui";
import { reasonOf, type Submission } from "@/lib/form";
import { retention as words } from "@/messages/en/retention";
import { whatGoes } from "./preview";

type Props = {
  submission: Submission;
  dirty: boolean;
  /** What the rules would remove, as long as that is asked about. */
  asking: RetentionPreview | null;
  onDiscard: () => void;
  onConfirm: () => void;
  onClose: () => void;
};

export function PolicyFoot({ submission, dirty, asking, onDiscard, onConfirm, onClose }: Props) {
  return (
    <>
      <FormError error={asking ? null : submission.error} />
      <SaveRow
        label={words.save}
        dirty={dirty}
        pending={submission.pending}
        onDiscard={() => {
          onDiscard();
          submission.reset();
        }}
      />
      {asking && (
        <ConfirmDialog
          title={words.ask}
          intro={words.askIntro}
          consequences={[whatGoes(asking)]}
          confirmLabel={words.confirm}
          pending={submission.pending}
          error={submission.error && reasonOf(submission.error)}
          onConfirm={onConfirm}
          onClose={onClose}
        />
      )}
    </>
  );
}
