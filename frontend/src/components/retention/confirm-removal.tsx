/** Asks before rules are saved that would remove something at once, and says how much. */
import type { RetentionPreview } from "@/api/types";
import { ConfirmDialog } from "@/components/ui";
import { reasonOf, type Submission } from "@/lib/form";
import { retention as words } from "@/messages/en/retention";
import { whatGoes } from "./preview";

type Props = {
  preview: RetentionPreview;
  submission: Submission;
  onConfirm: () => void;
  onClose: () => void;
};

export function ConfirmRemoval({ preview, submission, onConfirm, onClose }: Props) {
  return (
    <ConfirmDialog
      title={words.ask}
      intro={words.askIntro}
      consequences={[whatGoes(preview)]}
      confirmLabel={words.confirm}
      pending={submission.pending}
      error={submission.error && reasonOf(submission.error)}
      onConfirm={onConfirm}
      onClose={onClose}
    />
  );
}
