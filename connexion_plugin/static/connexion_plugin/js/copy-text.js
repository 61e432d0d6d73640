// Beside what is shown, a button that copies it. Without this module the text is there to be selected.

class CopyText extends HTMLElement {
  connectedCallback() {
    if (this.querySelector("button")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link copy";
    button.textContent = this.getAttribute("label");
    // Of several buttons that all say "Copy", each says what; the visible word comes first (WCAG 2.5.3).
    button.setAttribute("aria-label", `${this.getAttribute("label")} – ${this.getAttribute("about")}`);
    const said = document.createElement("span");
    said.setAttribute("role", "status");
    button.addEventListener("click", () => this.copy(said));
    this.append(button, said);
  }

  async copy(said) {
    said.textContent = "";
    try {
      await navigator.clipboard.writeText(this.querySelector("code").textContent);
      said.textContent = this.getAttribute("done");
    } catch {
      // Not allowed, or no secure connection: it is selected, and one key away.
      getSelection().selectAllChildren(this.querySelector("code"));
      said.textContent = this.getAttribute("failed");
    }
  }
}

customElements.define("copy-text", CopyText);
