// Menus made of <details> close on Escape, on a click elsewhere and when the focus leaves.

const open = () => document.querySelector("details[data-menu][open]");

document.addEventListener("keydown", (event) => {
  const menu = open();
  if (event.key !== "Escape" || !menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

for (const occasion of ["click", "focusin"]) {
  document.addEventListener(occasion, (event) => {
    const menu = open();
    if (menu && !menu.contains(event.target)) menu.open = false;
  });
}
