// Runs before the first paint: applies the stored theme and height of rows, so that the page never flashes, says the language of the page, and starts
// the app once the page is read and its words are there. For whom is signed in it fetches the shell beside the app, which would
// ask for it only later. It must stay tiny and must not touch anything else.
(() => {
  const page = document.documentElement;
  const load = (path) => import(path);
  let theme;
  let chosen;
  let tabKeys = [];
  try {
    theme = localStorage.getItem("oore.theme");
    if (localStorage.getItem("oore.rows") === "compact") page.dataset.rows = "compact";
    chosen = localStorage.getItem("oore.language");
    tabKeys = Object.keys(sessionStorage);
  } catch {
    // Storage is off: the system's theme and the browser's language apply, and the app fetches the shell itself.
  }
  if (theme === "light" || theme === "dark") page.dataset.theme = theme;
  if (tabKeys.some((key) => key.startsWith("oore.session."))) {
    for (const href of process.env.OORE_SHELL) {
      document.head.append(Object.assign(document.createElement("link"), { rel: "modulepreload", href }));
    }
  }
  const language = [chosen, ...navigator.languages].find((tag) => /^(en|de)\b/.test(tag));
  // English is in the app. Without the other words it is shown in English rather than not at all.
  const words = language?.startsWith("de") && load(process.env.OORE_GERMAN).catch(() => null);
  const parsed = new Promise((go) => addEventListener("DOMContentLoaded", go));
  Promise.all([words, parsed]).then(([found]) => {
    if (found) {
      page.lang = "de";
      globalThis.ooreWords = found.german;
    }
    load(process.env.OORE_APP);
  });
})();
