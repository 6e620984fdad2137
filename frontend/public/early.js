// Runs before the first paint: applies the stored theme, so that the page never flashes, and for whom is signed in starts to
// fetch the shell beside the app, which would ask for it only later. It must stay tiny and must not touch anything else.
(() => {
  try {
    const theme = localStorage.getItem("oore.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
    if (!Object.keys(sessionStorage).some((key) => key.startsWith("oore.session."))) return;
    for (const href of process.env.OORE_SHELL) {
      document.head.append(Object.assign(document.createElement("link"), { rel: "modulepreload", href }));
    }
  } catch {
    // Storage is off: the system's theme applies, and the app fetches the shell itself.
  }
})();
