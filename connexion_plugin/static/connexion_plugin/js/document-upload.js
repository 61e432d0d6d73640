// <document-upload>: one document's row: how far it is, what one can do. It goes on by itself after what came between.

const RESTS = [1_000, 2_000, 5_000, 10_000, 20_000]; // ms before the first try, the second, …
const SURE = 2_000; // ms of sending, after which the trouble is taken to be over
const PATIENCE = 5; // answers as to a stranger, where the session is known to stand
const PASSING = new Set(["offline", "full", "busy"]);

class DocumentUpload extends HTMLElement {
  connectedCallback() {
    if (this.home) return;
    this.home = this.closest("document-uploads");
    // Brought into the page as a whole (the dialog), what is inside wakes after what is around it.
    customElements.upgrade(this);
    for (const part of ["meter", "sender", "trouble", "watch"]) this[part] = this.querySelector(`upload-${part}`);
    this.words = this.querySelector(".state");
    this.tries = 0;
    this.url = this.dataset.url ?? "";
    this.name = this.dataset.name;
    this.size = Number(this.dataset.size);
    this.sent = this.kept = Number(this.dataset.offset ?? 0);
    this.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-does]");
      // The one that removes is a form's, for browsers that run no scripts.
      event.preventDefault();
      if (button) this[button.dataset.does]();
    });
    for (const back of ["online", "pageshow"]) window.addEventListener(back, () => this.wake());
    document.addEventListener("visibilitychange", () => document.hidden || this.wake());
    // What is lost keeps no form from going: the service says so to whoever submits.
    if (this.url) this.show(this.dataset.lost || this.sent === this.size ? "done" : "unfinished", this.dataset.lost);
  }

  take(file) {
    this.file = file;
    this.show("queued");
  }

  show(state, sentence = this.home.dataset[state]) {
    const had = this.contains(document.activeElement);
    const before = this.state;
    this.state = state;
    this.setAttribute("state", state);
    if (state !== "sending") this.rest();
    this.meter.show(this.sent, this.size, { draw: true });
    this.words.textContent = sentence ?? "";
    for (const button of this.querySelectorAll("button[data-when]")) {
      button.hidden = !button.dataset.when.split(" ").includes(state);
    }
    // The button that was pressed may be gone: the next takes its place.
    if (had && (!this.contains(document.activeElement) || document.activeElement.hidden)) this.querySelector("button:not([hidden])")?.focus();
    const detail = { name: this.dataset.called ?? this.name, state, before, words: this.words.textContent };
    this.home.dispatchEvent(new CustomEvent("upload-changed", { detail }));
  }

  // What had left this machine and not arrived is sent again.
  rest() {
    this.sent = this.kept;
    this.meter.rest();
  }

  async start() {
    clearTimeout(this.timer);
    if (!PASSING.has(this.state)) this.show("sending"); // a try that may fail again does not change what is shown
    try {
      await this.sender.send(this.file, this.url);
    } catch {
      this.wait("offline");
    }
  }

  begun(url) {
    if (this.url === url) return;
    this.url = url;
    this.keeping = this.home.memory.keep(this.path, this.file);
  }

  get path() {
    return new URL(this.url, window.location.href).pathname;
  }

  moved(sent) {
    if (PASSING.has(this.state) && performance.now() - this.sender.piece > SURE) this.show("sending");
    if (this.state !== "sending") return;
    this.sent = sent;
    this.meter.show(sent, this.size);
    this.home.dispatchEvent(new CustomEvent("upload-moved"));
  }

  done() {
    this.home.memory.forget(this.path);
    this.kept = this.size;
    this.show("done");
  }

  wait(state, sentence) {
    const rest = RESTS[Math.min(this.tries++, state === "busy" ? 2 : RESTS.length - 1)];
    if (state === "signedOut" && this.tries > PATIENCE) return this.fail(this.home.dataset.failed);
    if (state !== this.state) this.show(state, sentence);
    clearTimeout(this.timer);
    // A session comes back by its person's hand; <draft-keeper> says when.
    if (state !== "signedOut") this.timer = setTimeout(() => this.start(), rest);
  }

  // After a sleep, or a time without a line: a row that waits tries now, and one that sends may wait for nobody.
  wake() {
    this.watch.hurry();
    if (PASSING.has(this.state)) this.start();
  }

  signedIn() {
    if (this.state === "signedOut") this.timer = setTimeout(() => this.start(), this.tries > 1 ? RESTS[this.tries - 1] : 0);
  }

  fail(sentence, { afresh = false } = {}) {
    if (afresh) {
      this.sender.forget();
      Object.assign(this, { url: "", kept: 0 });
    }
    this.show("failed", sentence);
  }

  pause() {
    this.halt();
    this.show("paused");
  }

  halt() {
    clearTimeout(this.timer);
    this.sender.stop();
  }

  async resume() {
    this.tries = 0;
    if (!(await this.trouble.stands(this))) this.show("queued");
  }

  async remove() {
    this.halt();
    this.show("removing");
    this.url ||= (await this.sender.unknown()) ?? "";
    if (this.url && !(await this.trouble.end(this))) return this.trouble.stays(this);
    if (this.url) this.home.memory.forget(this.path);
    return this.home.drop(this);
  }
}

customElements.define("document-upload", DocumentUpload);
