// Boxes marked data-grows follow what is written, in browsers that do not do it by `field-sizing`.

function grow(box) {
  box.style.blockSize = "auto";
  box.style.blockSize = `${box.scrollHeight + 2}px`;
}

if (!CSS.supports("field-sizing", "content")) {
  document.addEventListener("input", (event) => {
    if (event.target.matches("textarea[data-grows]")) grow(event.target);
  });
  for (const box of document.querySelectorAll("textarea[data-grows]")) if (box.value) grow(box);
}
