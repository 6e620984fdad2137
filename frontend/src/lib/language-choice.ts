/** Which language this browser shows. public/early.js reads the same choice before anything else; words are those of the page. */
import { keptChoice } from "./kept-choice";

const CHOICES = ["browser", "en", "de"] as const;

export const languageIs = keptChoice("oore.language", CHOICES);

/** Words are taken as the page starts, so it starts again. */
export function chooseLanguage(choice: (typeof CHOICES)[number]): void {
  languageIs.set(choice);
  window.location.reload();
}
