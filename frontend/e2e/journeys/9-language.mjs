/** The language of the page: by the browser, and by choice. */
import assert from "node:assert/strict";

async function language(stage) {
  await stage.startDaemon();
  const page = await stage.openPage({ locale: "de-AT" });
  await stage.go("/");
  await page.getByRole("heading", { level: 1, name: "Übersicht" }).waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "de");
  await stage.stop("home in German");

  await stage.go("/me");
  const choice = page.getByRole("group", { name: "Sprache" });
  await choice.getByRole("radio", { name: "English" }).click();
  await page.getByRole("group", { name: "Language" }).waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  await stage.stop("the account in English");

  await page.getByRole("radio", { name: "As the browser" }).click();
  await page.getByRole("heading", { level: 1, name: "Mein Konto" }).waitFor();
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole("button", { name: "Mehr" }).click();
  await page.getByRole("menuitem", { name: "Einstellungen" }).click();
  await page.getByRole("heading", { level: 1, name: "Einstellungen" }).waitFor();
  await stage.stop("settings in German on a phone");
}

export const journeys = [{ name: "language: German by the browser, English by choice", run: language }];
