// <document-uploads limit="bytes" create="address" …>: the documents of a form, which <upload-choice> brings in: sends three
// at once, and lets the form go when all have arrived (spec D2). Without this module the plain control stands, to the
// same limits.

const AT_ONCE = 3;
const MOVING = new Set(["queued", "sending", "offline", "full", "busy", "signedOut", "removing"]);

class DocumentUploads extends HTMLElement {
  connectedCallback() {
    if (this.list) return;
    this.input = this.querySelector('input[type="file"]');
    this.form = this.closest("form");
    this.list = this.querySelector(".chosen");
    this.sentence = this.querySelector(".chosen-sentence");
    for (const part of ["memory", "choice"]) this[part] = this.querySelector(`upload-${part}`);
    this.addEventListener("upload-changed", () => this.changed());
    this.form.addEventListener("session-stands", () => {
      for (const row of this.rows) row.signedIn();
      if (this.isHeld && this.isReady) this.post(this.owed);
    });
    this.form.addEventListener("submit-held", () => (this.isHeld = this.owed !== undefined));
    this.form.addEventListener("submit", (event) => this.beforeSubmit(event), { capture: true });
  }

  get rows() {
    return [...this.list.querySelectorAll("document-upload")];
  }

  get isUnderWay() {
    return this.choice.isUnderWay || this.rows.some((row) => MOVING.has(row.state) || row.state === "paused");
  }

  get isReady() {
    return !this.choice.isUnderWay && this.rows.every((row) => row.state === "done");
  }

  get token() {
    return this.form.elements.namedItem("csrfmiddlewaretoken").value;
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
    if (stuck?.state === "unfinished" && !this.hasLooked) this.look();
    else if (stuck) this.hold(stuck);
    else if (this.isReady) this.post(this.submitter);
  }

  // What waits for nobody here may have arrived by another window.
  async look() {
    this.hasLooked = true;
    await this.querySelector("upload-room").list();
    this.changed();
  }

  // What was promised is kept when the draft could not be saved at that moment: as soon as the service answers again.
  post(submitter) {
    this.isHeld = false;
    this.submitter = undefined;
    this.owed = submitter;
    this.form.requestSubmit(submitter);
  }

  // Submitted too early is no fault: it is done as soon as it can be, and one sees that.
  beforeSubmit(event) {
    // What is posted is what one sees: another window may change the same draft.
    const shown = this.form.elements.namedItem("documents_shown");
    if (shown) shown.value = this.rows.filter(({ url }) => url).map(({ url }) => this.memory.idOf(url)).join(" ");
    if (event.defaultPrevented || this.isReady || event.submitter?.name === "save_draft") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.submitter = event.submitter;
    this.hasLooked = false;
    this.say(this.dataset.posting);
    this.changed();
  }

  hold(row) {
    this.submitter = undefined;
    this.say(this.dataset.unposted.replace("{name}", () => row.dataset.called));
    row.querySelector("button:not([hidden])")?.focus();
  }

  // What was meant to go with it is not there: whether it is to go without is its author's to say.
  holdWithout(sentences) {
    if (this.submitter === undefined) return this.say(sentences);
    this.submitter = undefined;
    return this.say(`${sentences} ${this.dataset.unpostedWithout}`);
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
    this.isHeld = false;
    this.owed = undefined;
    this.say("");
    this.input.focus();
    this.dispatchEvent(new CustomEvent("upload-changed", { detail: { name: row.dataset.called, state: "removed" } }));
  }
}

customElements.define("document-uploads", DocumentUploads);
