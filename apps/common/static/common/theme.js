// Light or dark: the system's choice, unless this browser remembers another. Loaded before the page
// is painted, so that nothing flashes.
(() => {
  "use strict";
  const KEY = "nija.theme";
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;

  const remembered = () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null; // storage is switched off: the system's choice holds
    }
  };
  const isDark = () => (root.dataset.theme || (system.matches ? "dark" : "light")) === "dark";

  const apply = (theme) => {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    for (const name of document.querySelectorAll("[data-theme-name]")) {
      name.textContent = isDark() ? "Light" : "Dark";
    }
    document.dispatchEvent(new Event("nija:theme"));
  };

  apply(remembered());
  system.addEventListener("change", () => apply(null));
  document.addEventListener("DOMContentLoaded", () => {
    for (const button of document.querySelectorAll("[data-theme-toggle]")) {
      button.hidden = false;
      button.addEventListener("click", () => {
        const theme = isDark() ? "light" : "dark";
        try {
          localStorage.setItem(KEY, theme);
        } catch {
          // it holds for this page only
        }
        apply(theme);
      });
    }
    apply(null);
  });
})();
