// <uploads-voice>: says to screen readers how the documents get on: each trouble at once, arrivals and what is still on
// its way at most every fifteen seconds. What moves on the screen is not in a live region.

const PAUSE = 15_000;
const STEP = 0.1; // a tenth of the whole is worth saying
const TROUBLES = new Set(["offline", "full", "signedOut", "failed"]);

class UploadsVoice extends HTMLElement {
  connectedCallback() {
    const home = this.closest("document-uploads");
    home.addEventListener("upload-changed", (event) => this.changed(event.detail, home));
    home.addEventListener("upload-moved", () => this.moved(home));
  }

  changed({ name, state, before, words }, home) {
    if (state === "done" && before) this.arrive(name, home);
    else if (TROUBLES.has(state) && state !== this.trouble) this.say(this.fill(home.dataset.trouble, { name, words }));
    this.trouble = TROUBLES.has(state) ? state : null;
    if (state === "sending") this.spokenAt ??= performance.now();
  }

  // One by its name; those of the same fifteen seconds together, and the last of all as soon as it is there.
  arrive(name, home) {
    this.arrivals = [...(this.arrivals ?? []), name];
    clearTimeout(this.timer);
    const { done, all } = this.count(home);
    const rest = done === all ? 0 : Math.max(0, (this.toldAt ?? -PAUSE) + PAUSE - performance.now());
    this.timer = setTimeout(() => this.tell(home), rest);
  }

  tell(home) {
    const names = this.arrivals;
    this.arrivals = [];
    this.toldAt = performance.now();
    const sentence = names.length === 1 ? home.dataset.arrived : home.dataset.arrivedTogether;
    this.say(this.fill(sentence, { name: names[0], ...this.count(home) }));
  }

  moved(home) {
    const count = this.count(home);
    if (performance.now() - (this.spokenAt ?? 0) < PAUSE || count.share - (this.spoken ?? 0) < STEP) return;
    this.spoken = count.share;
    const percent = new Intl.NumberFormat(document.documentElement.lang, { style: "percent" }).format(count.share);
    this.say(this.fill(home.dataset.together, { ...count, percent }));
  }

  count(home) {
    const rows = [...home.querySelectorAll("document-upload")];
    const sum = (of) => rows.reduce((total, row) => total + of(row), 0);
    const size = sum((row) => row.size);
    return {
      done: rows.filter((row) => row.state === "done").length,
      all: rows.length,
      share: sum((row) => row.sent) / (size || 1),
    };
  }

  fill(sentence, figures) {
    return sentence.replace(/\{(\w+)\}/g, (_whole, name) => figures[name]);
  }

  say(sentence) {
    this.spokenAt = performance.now();
    this.textContent = sentence;
  }
}

customElements.define("uploads-voice", UploadsVoice);
