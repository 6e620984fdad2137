/** The look at what saving a pipeline would change; fetched when somebody saves. */
import type { Pipeline } from "@/api/types";
import { onRequest } from "@/components/ui";
import type { Wanted } from "./changes";

export type ReviewProps = {
  /** As it is stored now, by whomever. */
  stored: Pipeline;
  wanted: Wanted;
  onSave: () => void;
  onClose: () => void;
};

export const Review = onRequest<ReviewProps>(() => import("./review-dialog"));
