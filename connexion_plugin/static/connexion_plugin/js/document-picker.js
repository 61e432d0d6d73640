// <document-picker limit="bytes" …>: lists what was chosen with its size, lets one take a document back,
// and refuses before sending what a message cannot carry (spec D2). The plain control works without it.

class DocumentPicker extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector('input[type="file"]');
    if (!this.input || this.list) return;
    this.list = document.createElement("ul");
    this.list.className = "chosen";
    this.sentence = document.createElement("p");
    this.sentence.className = "too-large-sentence";
    this.sentence.setAttribute("role", "alert");
    this.append(this.list, this.sentence);
    this.files = [];
    this.input.addEventListener("change", () => this.add([...this.input.files]));
    this.input.form?.addEventListener("submit", (event) => this.refuse(event), { capture: true });
    this.show();
  }

  add(chosen) {
    // Choosing again adds to what is there: the browser's own control would replace it.
    const known = new Set(this.files.map((file) => `${file.name}/${file.size}/${file.lastModified}`));
    this.files.push(...chosen.filter((file) => !known.has(`${file.name}/${file.size}/${file.lastModified}`)));
    this.keep();
  }

  keep() {
    const transfer = new DataTransfer();
    for (const file of this.files) transfer.items.add(file);
    this.input.files = transfer.files;
    this.show();
  }

  get tooLarge() {
    const total = this.files.reduce((sum, file) => sum + file.size, 0);
    return total > Number(this.getAttribute("limit"));
  }

  refuse(event) {
    if (!this.tooLarge) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.input.focus();
  }

  show() {
    this.list.replaceChildren(...this.files.map((file, index) => this.row(file, index)));
    this.sentence.textContent = this.tooLarge ? this.getAttribute("too-large") : "";
    this.input.setAttribute("aria-invalid", String(this.tooLarge));
  }

  row(file, index) {
    const row = document.createElement("li");
    const name = document.createElement("span");
    name.textContent = file.name;
    const bytes = document.createElement("span");
    bytes.className = "bytes";
    bytes.textContent = ` (${this.size(file.size)})`;
    name.append(bytes);
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "button quiet";
    remove.setAttribute("aria-label", this.getAttribute("remove").replace("%s", file.name));
    remove.append(this.querySelector("template").content.cloneNode(true));
    remove.addEventListener("click", () => {
      this.files.splice(index, 1);
      this.keep();
      this.input.focus();
    });
    row.append(name, remove);
    return row;
  }

  // The same steps and units as formats.size (spec D1).
  size(count) {
    const units = this.getAttribute("units").split(",");
    let power = 0;
    let amount = count;
    while (power < units.length - 1 && amount >= 1023.95) {
      amount /= 1024;
      power += 1;
    }
    const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: power ? 1 : 0 });
    return `${number.format(amount)}\u00a0${units[power]}`;
  }
}

customElements.define("document-picker", DocumentPicker);
