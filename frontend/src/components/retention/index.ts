/** The rules of retention as the pages of the instance and of a project enter them, and what they would remove. */
export { ConfirmRemoval } from "./confirm-removal";
export { KeepStatuses } from "./keep-statuses";
export { RetentionPreviewCard, usePreview } from "./preview";
export { NumberField, RuleFields } from "./rule-fields";
export {
  gigabytes,
  IN_GIGABYTES,
  isWrong,
  NO_RULES,
  numberOf,
  type Rules,
  rulesOf,
  typedRules,
} from "./rules";
