/** What forms of settings share beyond the inventory: a foot, secrets, lines. Loaded with the first of them. */
export { linesOf } from "./lines";
export { SaveRow } from "./save-row";
export { isChange, KEEP, newText, type SecretChange } from "./secret";
export { SecretField } from "./secret-field";
