// <upload-limit chosen-by="field" words="…{limit}…{organization}…" exceeded="…">: where the organization is chosen in the
// form, says what the chosen one lets a message carry, and has <document-uploads> hold to it before anything is sent
// (spec D1). Without this module each organization's limit is said at the choice.

class UploadLimit extends HTMLElement {
  connectedCallback() {
    if (this.choice) return;
    this.form = this.closest("form");
    this.home = this.form.querySelector("document-uploads");
    this.choice = this.form.elements.namedItem(this.getAttribute("chosen-by"));
    this.choice.addEventListener("change", () => {
      this.home.say(""); // it was about the other's limit
      this.follow();
    });
    // A browser that comes back to the page may choose again what was chosen there.
    window.addEventListener("pageshow", () => this.follow());
    this.home.addEventListener("upload-changed", () => this.tell());
    this.form.addEventListener("submit", (event) => this.beforeSubmit(event), { capture: true });
    this.follow();
  }

  follow() {
    const { limit, size, organization } = this.choice.selectedOptions[0].dataset;
    this.home.setAttribute("limit", limit);
    this.home.setAttribute("limit-words", size);
    this.said = this.getAttribute("words").replace("{limit}", () => size).replace("{organization}", () => organization);
    this.tell();
  }

  get isExceeded() {
    const rows = [...this.home.querySelectorAll(".chosen document-upload")];
    return rows.reduce((sum, row) => sum + Number(row.dataset.size), 0) > Number(this.home.getAttribute("limit"));
  }

  get sentence() {
    return this.isExceeded ? `${this.said} ${this.getAttribute("exceeded")}` : this.said;
  }

  // What stands there already is not said again.
  tell() {
    this.toggleAttribute("is-exceeded", this.isExceeded);
    if (this.textContent !== this.sentence) this.textContent = this.sentence;
  }

  // Whether the draft, as it was last kept, is for the one that is chosen.
  isKept(keeper) {
    return new URLSearchParams(keeper.last).get(this.choice.name) === this.choice.value;
  }

  // Chosen for one organization, and too large for the next: no word is sent before that is settled. What is wrong stands
  // above the documents, and is said once more.
  beforeSubmit(event) {
    if (event.defaultPrevented || !this.isExceeded || event.submitter?.name === "save_draft") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.home.querySelector("uploads-voice").say(this.sentence);
    this.home.querySelector("document-upload button:not([hidden])").focus();
  }
}

customElements.define("upload-limit", UploadLimit);
