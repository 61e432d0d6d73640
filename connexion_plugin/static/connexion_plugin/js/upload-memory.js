// <upload-memory>: tells a file that is chosen again from another of its name, so that no document is ever made of two.
// What stays in the browser is a hash bound to the upload's id: no name, no size, no content.

const PREFIX = "connexion-upload:";
const LONGEST = 14 * 24 * 60 * 60 * 1000; // an upload that nobody went on with is gone by then
const SAMPLE = 64 * 1024;
const SAMPLES = 16; // from the beginning to the end
const ANSWER = 60_000; // ms

// What stands for an upload in every language of the site: the end of its address.
const idOf = (address) => address.split("/").filter(Boolean).at(-1);

// Where in its folder the file lies; nothing of what was chosen alone.
const place = (file) => (file.place ?? file.webkitRelativePath ?? "").normalize();

// A disk that is gone may never answer.
const silence = () => new Promise((_found, failed) => setTimeout(failed, ANSWER));

class UploadMemory extends HTMLElement {
  // What other windows have begun while this one stood open; to itself, and no longer than it does.
  heard = new Map();

  connectedCallback() {
    window.addEventListener("storage", ({ key, newValue, oldValue }) => {
      if (!key?.startsWith(PREFIX)) return;
      this.heard.set(key, newValue ?? oldValue);
      this.isBehind = true;
    });
    for (const key of Object.keys(this.store)) {
      if (key.startsWith(PREFIX) && !(Date.now() - Number(this.store[key].split(" ")[1]) < LONGEST)) this.store.removeItem(key);
    }
  }

  place(file) {
    return place(file);
  }

  idOf(address) {
    return idOf(address);
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
    const id = idOf(address);
    const hash = await this.hash(id, file);
    const placed = place(file) ? await this.hash(id, file, place(file)) : "";
    try {
      if (hash) this.store.setItem(PREFIX + id, `${hash} ${Date.now()} ${placed}`.trim());
    } catch {
      // Full or forbidden: after a reload it begins afresh.
    }
  }

  forget(address) {
    this.store.removeItem?.(PREFIX + idOf(address));
  }

  // Whether this is the file whose beginning was sent; undefined where this browser does not know.
  async knows(address, file) {
    const id = idOf(address);
    const [kept, , placed] = (this.store[PREFIX + id] ?? this.heard.get(PREFIX + id))?.split(" ") ?? [];
    // One of a folder may be chosen alone afterwards; where both places are known, they tell twins apart.
    const isPlaced = Boolean(placed && place(file));
    const hash = kept && (await this.hash(id, file, isPlaced ? place(file) : ""));
    return hash ? hash === (isPlaced ? placed : kept) : undefined;
  }

  // Whether these are one file, chosen twice.
  async isSame(one, other) {
    const alike = one.size === other.size && one.lastModified === other.lastModified && one.name.normalize() === other.name.normalize();
    if (!alike || (place(one) && place(other) && place(one) !== place(other))) return false;
    return (await this.hash("", one)) === (await this.hash("", other));
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

  // What is in it; null where it cannot be read.
  read(blob) {
    return Promise.race([blob.arrayBuffer(), silence()]).catch(() => null);
  }

  // Nothing where this browser has none to give, or cannot read the file.
  async hash(id, file, where = "") {
    if (!window.crypto?.subtle) return "";
    const about = `${id}\n${file.name}\n${file.size}\n${file.lastModified}\n${where && `${where}\n`}`;
    const step = Math.max(0, file.size - SAMPLE) / (SAMPLES - 1);
    const starts = new Set(Array.from({ length: SAMPLES }, (_none, n) => Math.floor(n * step)));
    const sample = new Blob([about, ...[...starts].map((start) => file.slice(start, start + SAMPLE))]);
    const bytes = await this.read(sample);
    if (!bytes) return "";
    const digest = await window.crypto.subtle.digest("SHA-256", bytes);
    return btoa(String.fromCharCode(...new Uint8Array(digest)));
  }
}

customElements.define("upload-memory", UploadMemory);
