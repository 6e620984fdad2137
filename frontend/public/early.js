// Applies the stored theme before the first paint, so that the page never flashes. It must stay tiny and must not touch anything else.
(() => {
  try {
    const theme = localStorage.getItem("oore.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // Storage is off: the system's theme applies.
  }
})();
