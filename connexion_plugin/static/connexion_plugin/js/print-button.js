// The print icon; where this module does not run, the browser's own menu prints the same page.
// A link that ends in #print prints the page that it leads to, once.

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

if (window.location.hash === "#print") {
  history.replaceState(null, "", window.location.pathname + window.location.search);
  document.fonts.ready.then(() => window.print());
}
