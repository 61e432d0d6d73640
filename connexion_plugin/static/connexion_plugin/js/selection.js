// The inbox's check boxes: one that takes all, and buttons that wait until something is chosen.

const all = document.querySelector("[data-select-all]");
const buttons = document.querySelectorAll("[data-needs-selection]");
const boxes = [...document.querySelectorAll('input[name="selection"]')];

function update() {
  const chosen = boxes.filter((box) => box.checked).length;
  for (const button of buttons) button.disabled = chosen === 0;
  if (!all) return;
  all.checked = chosen > 0 && chosen === boxes.length;
  all.indeterminate = chosen > 0 && chosen < boxes.length;
}

if (all) {
  all.closest("label").hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    update();
  });
}
for (const box of boxes) box.addEventListener("change", update);
window.addEventListener("pageshow", update);
update();
