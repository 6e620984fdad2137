/** The rules of retention as the pages of the instance and of a project enter them, and what they would remove. */

export { KeepStatuses } from "./keep-statuses";
export { PolicyFoot } from "./policy-foot";
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
