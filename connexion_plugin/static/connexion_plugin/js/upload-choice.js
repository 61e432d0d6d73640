// <upload-choice>: takes the documents that are chosen, dropped or pasted: makes their rows, and refuses what a message
// cannot carry before anything is sent. What a slow disk still lists, or reads to tell one file from another, is on its
// way as well: no form goes without it (spec D2).

const NAMED = 3; // of those that raise a doubt together

class UploadChoice extends HTMLElement {
  // Not before what it hands its files to is there: until then, and where that cannot be loaded, the plain control stands.
  async connectedCallback() {
    if (this.home) return;
    this.home = this.closest("document-uploads");
    await Promise.all(["document-uploads", "document-upload"].map((name) => customElements.whenDefined(name)));
    this.memory = this.home.querySelector("upload-memory");
    this.input = this.home.querySelector('input[type="file"]');
    this.underWay = 0;
    this.turn = Promise.resolve();
    this.input.addEventListener("change", () => {
      const chosen = [...this.input.files];
      this.input.value = "";
      if (chosen.length) this.take(chosen);
    });
    this.home.addEventListener("documents-chosen", (event) => this.take(event.detail));
  }

  get isUnderWay() {
    return this.underWay > 0;
  }

  // Files, or the promise of them. One choice after the other: two would not see what each other adds.
  async take(chosen) {
    const { home } = this;
    this.underWay += 1;
    try {
      if (home.submitter === undefined) home.say("");
      const files = await chosen;
      const added = this.turn.then(() => this.add(files));
      this.turn = added.catch(() => {});
      await added;
    } catch (error) {
      home.holdWithout(home.dataset.unlisted);
      throw error;
    } finally {
      this.underWay -= 1;
      home.changed();
    }
  }

  async add(files) {
    const { home } = this;
    if (this.memory.isBehind) await this.lookAround();
    const refused = files.filter((file) => file.isUnread).map(({ name }) => [name, "unread"]);
    const twice = [];
    const doubts = [];
    for (const file of files.filter(({ isUnread }) => !isUnread)) {
      if (await this.isListed(file)) {
        twice.push(file.name);
        continue;
      }
      const { row, doubt } = await this.begun(file);
      if (doubt) doubts.push(home.dataset[doubt].replace("{name}", () => file.name));
      const others = home.rows.reduce((sum, other) => sum + (other === row ? 0 : other.size), 0);
      const isTooLarge = others + file.size > Number(home.getAttribute("limit"));
      const isOneTooMany = home.rows.length >= Number(home.getAttribute("files"));
      if (row) row.take(file);
      else if (isTooLarge || isOneTooMany) refused.push([file.name, isTooLarge ? "tooLarge" : "tooMany"]);
      else this.row(file).take(file);
    }
    this.tell({ doubts, refused, twice, isEmpty: !files.length });
  }

  tell({ doubts, refused, twice, isEmpty }) {
    const { home } = this;
    const room = home.querySelector("upload-room");
    const empty = isEmpty && home.dataset.empty;
    const sentences = [empty, ...doubts.slice(0, NAMED), room.refusal(refused), room.repetition(twice)].filter(Boolean).join(" ");
    if (isEmpty || refused.length) home.holdWithout(sentences);
    else if (sentences) home.say(sentences);
    this.input.setAttribute("aria-invalid", String(refused.length > 0));
  }

  // What the same person has chosen in another window is not chosen again.
  async lookAround() {
    this.memory.isBehind = false;
    await this.home.querySelector("upload-room").list();
  }

  // Whether a row has this very file: two of a folder may agree in name, size and date.
  async isListed(file) {
    const isOf = (row) => {
      if (row.file) return this.memory.isSame(row.file, file);
      return row.state === "done" && !row.dataset.lost && row.size === file.size && this.memory.knows(row.path, file);
    };
    for (const row of this.home.rows) if (await isOf(row)) return true;
    return false;
  }

  // The row that waits for this file; else why one of its name and size does not.
  async begun(file) {
    let doubt = null;
    for (const row of this.home.rows.filter(({ state, size }) => state === "unfinished" && size === file.size)) {
      const isTheOne = await this.memory.knows(row.path, file);
      if (isTheOne) return { row };
      if (row.name.normalize() === file.name.normalize()) doubt ??= isTheOne === false ? "changed" : "unknown";
    }
    return { row: null, doubt };
  }

  row(file) {
    const item = this.home.querySelector("template[data-row]").content.firstElementChild.cloneNode(true);
    const row = item.querySelector("document-upload");
    Object.assign(row.dataset, { name: file.name, size: file.size, place: this.memory.place(file) });
    this.home.querySelector("upload-places").call(row, file.name);
    this.home.list.append(item);
    return row;
  }
}

customElements.define("upload-choice", UploadChoice);
