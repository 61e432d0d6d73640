// <upload-row>: one document on its way, with its progress, pause, resumption and end (spec D2). Made by
// <document-uploads>; the protocol is spoken by tus-js-client, which vendor/tus.min.js brings.

const REQUEST_BYTES = 8 * 1024 * 1024; // so that a slow line holds a worker briefly
const DELAYS = [0, 1_000, 3_000, 5_000, 10_000, 20_000, 30_000, 30_000, 60_000, 60_000];
const COMES_BACK = [409, 423]; // another request still holds it, or has moved it

class UploadRow extends HTMLElement {
  // `known` is what the server says of an upload that an earlier page began: url, name, length, offset.
  show(words, template, { file = null, known = null }) {
    Object.assign(this, { words, file, url: known?.url ?? null });
    this.name = known?.name ?? file.name;
    this.length = known?.length ?? file.size;
    this.sent = known?.offset ?? 0;
    this.append(template.content.cloneNode(true));
    this.querySelector("[data-name]").textContent = this.name;
    this.querySelector("[data-size]").textContent = words.size(this.length);
    this.bar = this.querySelector("progress");
    this.bar.setAttribute("aria-label", this.name);
    for (const [action, run] of Object.entries({ pause: () => this.pause(), resume: () => this.send(), retry: () => this.send(), remove: () => this.remove() })) {
      const button = this.querySelector(`[data-${action}]`);
      button.setAttribute("aria-label", `${button.textContent.trim()} — ${this.name}`);
      button.addEventListener("click", run);
    }
    this.become(known?.complete ? "complete" : known ? "interrupted" : "waiting");
  }

  get isWhole() {
    return this.state === "complete";
  }

  matches(file) {
    return !this.file && !this.isWhole && file.name === this.name && file.size === this.length;
  }

  become(state, sentence = "") {
    this.state = state;
    this.dataset.state = state;
    const share = this.length ? Math.floor((100 * this.sent) / this.length) : 100;
    this.bar.value = state === "complete" ? 100 : share;
    this.bar.hidden = state === "complete";
    const shown = { pause: ["sending"], resume: ["paused"], retry: ["failed"] };
    for (const [action, states] of Object.entries(shown)) this.querySelector(`[data-${action}]`).hidden = !states.includes(state);
    this.querySelector("[data-state-words]").textContent = sentence || this.words.state(this, share);
    this.dispatchEvent(new CustomEvent("upload-change", { bubbles: true, detail: { row: this } }));
  }

  take(file) {
    this.file = file;
    this.become("waiting");
  }

  send() {
    if (!this.file) return;
    this.speed = 0;
    this.measured = { at: performance.now(), sent: this.sent };
    this.upload ??= new window.tus.Upload(this.file, {
      endpoint: this.words.endpoint,
      uploadUrl: this.url,
      chunkSize: REQUEST_BYTES,
      retryDelays: DELAYS,
      metadata: { filename: this.file.name },
      // No names in the browser's storage: the server says what is on its way.
      storeFingerprintForResuming: false,
      onBeforeRequest: (request) => request.setHeader("X-CSRFToken", this.words.token()),
      onShouldRetry: (error) => this.shouldRetry(error),
      onUploadUrlAvailable: () => this.begun(),
      onProgress: (sent) => this.progress(sent),
      onSuccess: () => {
        this.sent = this.length;
        this.become("complete");
      },
      onError: (error) => this.failed(error),
    });
    this.become("sending");
    // Begun twice it would be there twice: what was paused before it had an address goes on by itself.
    if (!this.isBeginning) this.upload.start();
    this.isBeginning = !this.url;
  }

  begun() {
    this.url = this.upload.url;
    this.isBeginning = false;
    if (this.state === "removed") this.giveUp();
    else if (this.state !== "sending") this.upload.abort();
  }

  progress(sent) {
    this.sent = sent;
    const now = performance.now();
    const seconds = (now - this.measured.at) / 1000;
    if (seconds < 0.5) return;
    const speed = Math.max(0, sent - this.measured.sent) / seconds;
    this.speed = this.speed ? 0.7 * this.speed + 0.3 * speed : speed;
    this.measured = { at: now, sent };
    if (this.state === "sending") this.become("sending");
  }

  pause() {
    if (!this.isBeginning) this.upload.abort();
    this.become("paused");
  }

  shouldRetry(error) {
    const status = error.originalResponse?.getStatus() ?? 0;
    if (status === 0) return navigator.onLine;
    return COMES_BACK.includes(status) || (status >= 500 && status !== 507);
  }

  failed(error) {
    this.isBeginning = false;
    const response = error.originalResponse;
    const isOurs = response?.getHeader("Tus-Resumable");
    // Without the protocol's mark a page answered: the session ended, or a second factor is asked for.
    this.isCutOff = !isOurs;
    this.become("failed", isOurs ? response.getBody() : this.words.cutOff);
    if (response && !isOurs) this.dispatchEvent(new CustomEvent("upload-shut-out", { bubbles: true }));
  }

  async remove() {
    this.state = "removed";
    await this.giveUp();
    const place = this.parentElement;
    super.remove();
    place?.dispatchEvent(new CustomEvent("upload-change", { bubbles: true, detail: { row: null } }));
  }

  async giveUp() {
    if (!this.url) return;
    try {
      await this.upload?.abort();
      await fetch(this.url, { method: "DELETE", credentials: "same-origin", headers: { "Tus-Resumable": "1.0.0", "X-CSRFToken": this.words.token() } });
    } catch {
      // Offline: it is given up by itself when it has stood still for a while.
    }
  }
}

customElements.define("upload-row", UploadRow);
