// The inbox's check boxes: one that takes all, and a button that waits until something is chosen.

const all = document.querySelector("[data-select-all]");
const button = document.querySelector("[data-needs-selection]");
const boxes = [...document.querySelectorAll('input[name="selection"]')];

function update() {
  const chosen = boxes.filter((box) => box.checked).length;
  if (button) button.disabled = chosen === 0;
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
