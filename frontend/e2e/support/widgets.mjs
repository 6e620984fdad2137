/** Parts that many pages have, by what a person sees of them: rows, cells, dialogs, messages. */

export const row = (page, text) => page.getByRole("row").filter({ hasText: text });

/** A text in a row as it is shown at this width; phones show it elsewhere than wide windows do. */
export const cell = (page, who, text) => row(page, who).getByText(text).filter({ visible: true });

export const dialog = (page) => page.getByRole("dialog");

export const toast = (page, text) => page.getByRole("region", { name: "Notifications" }).getByText(text);
