// The print icon; where this module does not run, the browser's own menu prints the same page.

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
