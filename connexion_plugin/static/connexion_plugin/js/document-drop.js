// <document-drop>: files that are dropped anywhere on the page, pasted, or brought by the folder; it hands them to
// <document-uploads> around it, which lists and sends them (spec D2).

const LITTER = new Set([".ds_store", "thumbs.db", "desktop.ini"]);

// Spreadsheets put a picture of the cells beside their text; the Finder of macOS, the files' own names.
function meansText(clipboard) {
  const names = new Set([...clipboard.files].map(({ name }) => name.normalize()));
  return clipboard.getData("text/plain").split(/[\r\n]+/).some((line) => line && !names.has(line.normalize()));
}

// A picture that some program pasted without a name is called by its kind: `image.png`.
const named = (file) => (file.name ? file : new File([file], file.type.replace("/", ".") || "document", file));

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

  offer(files) {
    const home = this.closest("document-uploads");
    if (files.length) this.dispatchEvent(new CustomEvent("documents-chosen", { bubbles: true, detail: files }));
    else home.say(home.dataset.empty);
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

  drop = async (event) => {
    this.toggleAttribute("awaits", false);
    if (!this.isInSight || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    // All entries before the first wait: after it the browser takes them back.
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const files = entries.length ? (await Promise.all(entries.map((entry) => this.under(entry)))).flat() : [...event.dataTransfer.files];
    this.offer(files);
  };

  paste = (event) => {
    const { files } = event.clipboardData;
    if (!this.isInSight || !files.length || meansText(event.clipboardData)) return;
    event.preventDefault();
    this.offer([...files].map(named));
  };

  // Its files; in the place of what the system does not let us read, its name, so that nothing is missing unsaid.
  async under(entry) {
    const unread = { name: entry.name, isUnread: true };
    if (entry.isFile) {
      const file = await new Promise((found, failed) => entry.file(found, failed)).catch(() => unread);
      // Where a browser gives the place of what is chosen by the folder, it gives none here.
      if (entry.fullPath?.lastIndexOf("/") > 0) file.place = entry.fullPath.slice(1);
      return LITTER.has(file.name.toLowerCase()) ? [] : [file];
    }
    const reader = entry.createReader();
    const all = [];
    for (;;) {
      // A hundred at a time, until there are none.
      const some = await new Promise((found) => reader.readEntries(found, () => found(null)));
      if (!some?.length) return [...(await Promise.all(all.map((child) => this.under(child)))).flat(), ...(some ? [] : [unread])];
      all.push(...some);
    }
  }
}

customElements.define("document-drop", DocumentDrop);
