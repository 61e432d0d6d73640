// <upload-memory>: tells a file that is chosen again from another of its name, so that no document is ever made of two.
// What stays in the browser is a hash bound to the upload's address: no name, no size, no content.

const PREFIX = "connexion-upload:";
const LONGEST = 14 * 24 * 60 * 60 * 1000; // an upload that nobody went on with is gone by then
const END = 64 * 1024;
const ANSWER = 60_000; // ms

class UploadMemory extends HTMLElement {
  connectedCallback() {
    for (const key of Object.keys(this.store)) {
      if (key.startsWith(PREFIX) && !(Date.now() - Number(this.store[key].split(" ")[1]) < LONGEST)) this.forget(key.slice(PREFIX.length));
    }
  }

  // A browser may keep nothing, by choice of its person.
  get store() {
    try {
      return window.localStorage ?? {};
    } catch {
      return {};
    }
  }

  async keep(address, file) {
    const hash = await this.hash(address, file);
    try {
      if (hash) this.store.setItem(PREFIX + address, `${hash} ${Date.now()}`);
    } catch {
      // Full or forbidden: after a reload it begins afresh.
    }
  }

  forget(address) {
    this.store.removeItem?.(PREFIX + address);
  }

  // Whether this is the file whose beginning was sent; undefined where this browser does not know.
  async knows(address, file) {
    const kept = this.store[PREFIX + address]?.split(" ")[0];
    const hash = kept && (await this.hash(address, file));
    return hash ? hash === kept : undefined;
  }

  // Where the upload is that we called so; null where the server knows of none.
  async addressOf(mark) {
    // By what we called it: the server's name for it may be another than ours.
    const there = (await this.listed()).find(({ dataset }) => dataset.mark === mark);
    return there?.dataset.url ?? null;
  }

  // What the server has of this draft, as its page tells now.
  async listed() {
    const answer = await fetch(this.closest("form").action, { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(ANSWER) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return [...page.querySelectorAll(".chosen document-upload")];
  }

  async hash(address, file) {
    if (!window.crypto?.subtle) return "";
    const about = `${address}\n${file.name}\n${file.size}\n${file.lastModified}\n`;
    const sample = new Blob([about, file.slice(0, END), file.slice(Math.max(0, file.size - END))]);
    const digest = await window.crypto.subtle.digest("SHA-256", await sample.arrayBuffer());
    return btoa(String.fromCharCode(...new Uint8Array(digest)));
  }
}

customElements.define("upload-memory", UploadMemory);
