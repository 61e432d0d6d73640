// The field that takes addresses from the address book: what is chosen moves into the box of participants at
// once, and what is typed asks the whole book. Without this module the field holds one address, sent with the form.

const field = document.querySelector("[data-contact]");
const box = document.querySelector("textarea[name=addresses]");
const list = document.getElementById("contacts");
const said = document.querySelector("[data-contact-said]");
let timer;

function known() {
  return [...list.options].some((option) => option.value === field.value);
}

function join() {
  const chosen = field.value.trim();
  if (!chosen) return;
  const typed = box.value.trimEnd();
  const isThere = typed.split("\n").includes(chosen);
  if (!isThere) box.value = typed ? `${typed}\n${chosen}` : chosen;
  field.value = "";
  box.dispatchEvent(new Event("input", { bubbles: true }));
  if (said) said.textContent = said.dataset.contactSaid.replace("%s", () => chosen);
}

async function ask() {
  const url = `${field.dataset.suggestionsUrl}?q=${encodeURIComponent(field.value)}`;
  const answer = await fetch(url, { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  const { suggestions } = await answer.json();
  const options = suggestions.map((value) => {
    const option = document.createElement("option");
    option.value = value;
    return option;
  });
  list.replaceChildren(...options);
}

if (field && box && list) {
  field.addEventListener("input", () => {
    clearTimeout(timer);
    if (known()) join();
    else if (field.value.trim().length > 1) timer = setTimeout(() => ask().catch(() => {}), 200);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    join();
  });
}
