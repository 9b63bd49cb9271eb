// Light or dark: the reader's system says, unless the reader does.

import { by, setText } from "./dom.js";

const NEXT = { "": "light", light: "dark", dark: "" };
const WORDS = { "": "Theme: system", light: "Theme: light", dark: "Theme: dark" };

export function followTheme() {
  show(remembered());
  by("theme").addEventListener("click", () => {
    const theme = NEXT[document.documentElement.dataset.theme ?? ""];
    show(theme);
    remember(theme);
  });
}

function show(theme) {
  document.documentElement.dataset.theme = theme;
  setText(by("theme"), WORDS[theme]);
}

function remembered() {
  try {
    const theme = localStorage.getItem("kaizen-eval theme") ?? "";
    return theme in NEXT ? theme : "";
  } catch {
    return ""; // files have no storage in some browsers
  }
}

function remember(theme) {
  try {
    localStorage.setItem("kaizen-eval theme", theme);
  } catch {
    // then it holds as long as the page is open
  }
}
