// <document-uploads limit="bytes" create="address" …>: takes the documents that are chosen, dropped or pasted, refuses
// what a message cannot carry before anything is sent, sends three at once, and lets the form go when all have arrived
// (spec D2). Without this module the plain control stands, to the same limits.

const AT_ONCE = 3;
const NAMED = 3; // of those that raise a doubt together
const MOVING = new Set(["queued", "sending", "offline", "full", "busy", "signedOut", "removing"]);

class DocumentUploads extends HTMLElement {
  connectedCallback() {
    if (this.list) return;
    this.input = this.querySelector('input[type="file"]');
    this.form = this.closest("form");
    this.list = this.querySelector(".chosen");
    this.sentence = this.querySelector(".chosen-sentence");
    this.memory = this.querySelector("upload-memory");
    this.input.addEventListener("change", () => {
      const chosen = [...this.input.files];
      this.input.value = "";
      this.add(chosen);
    });
    this.addEventListener("documents-chosen", (event) => this.add(event.detail));
    this.addEventListener("upload-changed", () => this.changed());
    this.form.addEventListener("session-stands", () => this.rows.forEach((row) => row.signedIn()));
    this.form.addEventListener("submit", (event) => this.beforeSubmit(event), { capture: true });
  }

  get rows() {
    return [...this.list.querySelectorAll("document-upload")];
  }

  get isUnderWay() {
    return this.rows.some((row) => MOVING.has(row.state) || row.state === "paused");
  }

  get token() {
    return this.form.elements.namedItem("csrfmiddlewaretoken").value;
  }

  async add(files) {
    this.say("");
    const refused = files.filter((file) => file.isUnread).map(({ name }) => [name, "unread"]);
    const twice = [];
    const doubts = [];
    for (const file of files.filter(({ isUnread }) => !isUnread)) {
      if (await this.isListed(file)) {
        twice.push(file.name);
        continue;
      }
      const { row, doubt } = await this.begun(file);
      if (doubt) doubts.push(this.dataset[doubt].replace("{name}", () => file.name));
      const others = this.rows.reduce((sum, other) => sum + (other === row ? 0 : other.size), 0);
      const isTooLarge = others + file.size > Number(this.getAttribute("limit"));
      const isOneTooMany = this.rows.length >= Number(this.getAttribute("files"));
      if (row) row.take(file);
      else if (isTooLarge || isOneTooMany) refused.push([file.name, isTooLarge ? "tooLarge" : "tooMany"]);
      else this.row(file).take(file);
    }
    const room = this.querySelector("upload-room");
    const sentences = [...doubts.slice(0, NAMED), room.refusal(refused), room.repetition(twice)].filter(Boolean);
    if (sentences.length) this.say(sentences.join(" "));
    this.input.setAttribute("aria-invalid", String(refused.length > 0));
  }

  // Whether a row has this very file: two of a folder may agree in name, size and date.
  async isListed(file) {
    for (const row of this.rows) if (row.file && (await this.memory.isSame(row.file, file))) return true;
    return false;
  }

  // The row that waits for this file; else why one of its name and size does not.
  async begun(file) {
    let doubt = null;
    for (const row of this.rows.filter(({ state, size }) => state === "unfinished" && size === file.size)) {
      const isTheOne = await this.memory.knows(row.path, file);
      if (isTheOne) return { row };
      if (row.name.normalize() === file.name.normalize()) doubt ??= isTheOne === false ? "changed" : "unknown";
    }
    return { row: null, doubt };
  }

  row(file) {
    const item = this.querySelector("template[data-row]").content.firstElementChild.cloneNode(true);
    const row = item.querySelector("document-upload");
    Object.assign(row.dataset, { name: file.name, size: file.size, place: this.memory.place(file) });
    this.querySelector("upload-places").call(row, file.name);
    this.list.append(item);
    return row;
  }

  changed() {
    let busy = this.rows.filter((row) => MOVING.has(row.state) && row.state !== "queued").length;
    for (const row of this.rows.filter((each) => each.state === "queued")) {
      // They begin one by one, so that the server lists them in the order in which they were chosen.
      const isOneBeginning = this.rows.some((each) => each.state === "sending" && !each.url);
      if (!isOneBeginning && busy++ < AT_ONCE) row.start();
    }
    if (this.rows.some((row) => row.state === "signedOut")) this.form.querySelector("draft-keeper")?.check();
    if (this.submitter === undefined) return;
    const stuck = this.rows.find((row) => row.state !== "done" && !MOVING.has(row.state));
    const { submitter } = this;
    if (stuck) this.hold(stuck);
    else if (this.rows.every((row) => row.state === "done")) this.form.requestSubmit(submitter);
  }

  // Submitted too early is no fault: it is done as soon as it can be, and one sees that.
  beforeSubmit(event) {
    const open = this.rows.filter((row) => row.state !== "done");
    if (event.defaultPrevented || !open.length || event.submitter?.name === "save_draft") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.submitter = event.submitter;
    this.say(this.dataset.posting);
    this.changed();
  }

  hold(row) {
    this.submitter = undefined;
    this.say(this.dataset.unposted.replace("{name}", () => row.dataset.called));
    row.querySelector("button:not([hidden])")?.focus();
  }

  say(sentence) {
    this.sentence.textContent = sentence;
  }

  // What the server wrote for people, or our own words.
  spoken(answer, otherwise = this.dataset.failed) {
    const isText = answer.getHeader("Content-Type")?.startsWith("text/plain");
    return (isText && answer.getBody()) || otherwise;
  }

  // A document before the first word: were the draft made without the page, its next save would be one too many. And the
  // service holds a document to what the organization allows for which the draft is kept.
  async draftKept() {
    const keeper = this.form.querySelector("draft-keeper");
    const isOfTheChosen = this.form.querySelector("upload-limit")?.isKept(keeper) ?? true;
    if (!this.form.elements.namedItem("draft_revision").value || !isOfTheChosen) await keeper.save();
  }

  drop(row) {
    row.closest("li").remove();
    this.say("");
    this.input.focus();
    this.dispatchEvent(new CustomEvent("upload-changed", { detail: { name: row.dataset.called, state: "removed" } }));
  }
}

customElements.define("document-uploads", DocumentUploads);
