/** Asks for a reason before something is held back. The dialog is loaded when the first one opens. */
import { onRequest } from "./on-request";

export type ReasonDialogProps = {
  title: string;
  text: string;
  /** Who will read the reason. */
  help: string;
  submitLabel: string;
  /** Does it; what it throws is shown in the dialog. No reason is `undefined`. */
  onSubmit: (reason: string | undefined) => Promise<void>;
  onClose: () => void;
};

export const ReasonDialog = onRequest<ReasonDialogProps>(() => import("./overlays/reason-dialog-impl"));
