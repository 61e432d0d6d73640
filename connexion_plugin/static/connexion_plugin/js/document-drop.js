// <document-drop>: files that are dropped anywhere on the page, pasted, or brought by the folder; it hands them to
// <document-uploads> around it, which lists and sends them (spec D2).

const SILENCE = 60_000; // ms without an answer of the system, after which none is awaited
const LITTER = new Set([".ds_store", "thumbs.db", "desktop.ini"]);

// Spreadsheets put a picture of the cells beside their text; the Finder of macOS, the files' own names.
function meansText(clipboard) {
  const names = new Set([...clipboard.files].map(({ name }) => name.normalize()));
  return clipboard.getData("text/plain").split(/[\r\n]+/).some((line) => line && !names.has(line.normalize()));
}

// A picture that some program pasted without a name is called by its kind: `image.png`.
const named = (file) => (file.name ? file : new File([file], file.type.replace("/", ".") || "document", file));

// What is in entries that were dropped. A slow disk may take its time, as long as it says something now and then.
class Listing {
  asked = new Set();

  async all(entries) {
    return (await Promise.all(entries.map((entry) => this.under(entry)))).flat();
  }

  // Its files; in the place of what the system does not let us read, its name, so that nothing is missing unsaid.
  async under(entry) {
    const unread = { name: entry.name, isUnread: true };
    if (entry.isFile) {
      const file = await this.ask((found, failed) => entry.file(found, failed)).catch(() => unread);
      // Where a browser gives the place of what is chosen by the folder, it gives none here.
      if (entry.fullPath?.lastIndexOf("/") > 0) file.place = entry.fullPath.slice(1);
      return LITTER.has(file.name.toLowerCase()) ? [] : [file];
    }
    const reader = entry.createReader();
    const all = [];
    for (;;) {
      // A hundred at a time, until there are none.
      const some = await this.ask((found, failed) => reader.readEntries(found, failed)).catch(() => null);
      if (!some?.length) return [...(await this.all(all)), ...(some ? [] : [unread])];
      all.push(...some);
    }
  }

  ask(question) {
    return new Promise((found, failed) => {
      const heard = (tell) => (answer) => {
        this.asked.delete(failed);
        this.watch();
        tell(answer);
      };
      this.asked.add(failed);
      this.watch();
      question(heard(found), heard(failed));
    });
  }

  // All wait for one disk: as long as any is answered, the others are to come.
  watch() {
    clearTimeout(this.timer);
    if (this.asked.size) this.timer = setTimeout(() => this.giveUp(), SILENCE);
  }

  giveUp() {
    for (const failed of this.asked) failed(new DOMException("The system says nothing.", "TimeoutError"));
    this.asked.clear();
  }
}

class DocumentDrop extends HTMLElement {
  connectedCallback() {
    if (this.ears) return;
    this.ears = { dragover: this.over, dragleave: this.away, drop: this.drop, paste: this.paste };
    for (const [name, ear] of Object.entries(this.ears)) document.addEventListener(name, ear);
    const folder = this.querySelector("[data-folder]");
    this.chooser = Object.assign(document.createElement("input"), { type: "file", webkitdirectory: true });
    this.chooser.addEventListener("change", () => {
      this.offer([...this.chooser.files].filter((file) => !LITTER.has(file.name.toLowerCase())));
      this.chooser.value = "";
    });
    folder.hidden = !("webkitdirectory" in this.chooser);
    folder.addEventListener("click", () => this.chooser.click());
  }

  disconnectedCallback() {
    for (const [name, ear] of Object.entries(this.ears)) document.removeEventListener(name, ear);
    this.ears = null;
  }

  get isInSight() {
    return this.getClientRects().length > 0;
  }

  // Files, or the promise of them.
  offer(chosen) {
    this.dispatchEvent(new CustomEvent("documents-chosen", { bubbles: true, detail: chosen }));
  }

  over = (event) => {
    if (!this.isInSight || !event.dataTransfer?.types.includes("Files")) return;
    // Beside the frame as well: a browser would leave the page to show the file.
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    this.toggleAttribute("awaits", true);
  };

  away = (event) => {
    if (!event.relatedTarget) this.toggleAttribute("awaits", false);
  };

  drop = (event) => {
    this.toggleAttribute("awaits", false);
    if (!this.isInSight || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    // All entries before the first wait: after it the browser takes them back.
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const listing = new Listing();
    this.offer(entries.length ? listing.all(entries) : [...event.dataTransfer.files]);
  };

  paste = (event) => {
    const { files } = event.clipboardData;
    if (!this.isInSight || !files.length || meansText(event.clipboardData)) return;
    event.preventDefault();
    this.offer([...files].map(named));
  };
}

customElements.define("document-drop", DocumentDrop);
