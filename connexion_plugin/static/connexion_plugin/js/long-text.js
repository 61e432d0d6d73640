// <long-text more="…" less="…">: a long message is cut with a button that shows the rest (spec C6).
// Without this module, and on paper, everything shows.

class LongText extends HTMLElement {
  connectedCallback() {
    if (this.button) return;
    this.text = this.querySelector(".text");
    if (!this.text) return;
    this.classList.add("cut");
    if (this.text.scrollHeight <= this.text.clientHeight + 4) {
      this.classList.remove("cut");
      return;
    }
    this.button = document.createElement("button");
    this.button.type = "button";
    this.button.className = "link";
    this.button.addEventListener("click", () => this.show(this.classList.contains("cut")));
    this.append(this.button);
    this.show(false);
  }

  show(whole) {
    this.classList.toggle("cut", !whole);
    this.button.textContent = this.getAttribute(whole ? "less" : "more");
    this.button.setAttribute("aria-expanded", String(whole));
  }
}

customElements.define("long-text", LongText);
