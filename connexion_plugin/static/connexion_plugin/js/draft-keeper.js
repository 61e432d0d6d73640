// <draft-keeper save="address" …>: keeps what is typed in its form as a draft, quietly (spec C8).
// What cannot be saved stays on the page, which says why and tries again; nothing is submitted into a lost session.

const REST = 1_500; // after the last key
const LONGEST = 10_000; // while somebody types on
const RETRY = 10_000;
const KNOWN_GOOD = 20_000; // a session that answered so lately need not be asked again

class DraftKeeper extends HTMLElement {
  connectedCallback() {
    this.form = this.closest("form");
    if (!this.form || this.state) return;
    this.state = this.querySelector(".draft-state");
    this.trouble = this.querySelector(".draft-trouble");
    this.last = this.typed();
    this.form.querySelector('[name="save_draft"]')?.toggleAttribute("hidden", true);
    for (const kind of ["input", "change"]) this.form.addEventListener(kind, () => this.wait());
    this.form.addEventListener("submit", (event) => this.beforeSubmit(event), { capture: true });
    document.addEventListener("visibilitychange", () => (document.hidden ? this.flush() : this.again()));
    window.addEventListener("pagehide", () => this.flush());
    window.addEventListener("online", () => this.again());
    // Restored from the browser's memory after it was submitted, or saved elsewhere: show what is kept.
    window.addEventListener("pageshow", (event) => {
      if (event.persisted && !this.isDirty && !this.failed) window.location.reload();
    });
  }

  field(name) {
    return this.form.elements.namedItem(name);
  }

  typed() {
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(this.form)) {
      if (typeof value === "string" && !["csrfmiddlewaretoken", "draft_revision"].includes(name)) fields.append(name, value);
    }
    return fields.toString();
  }

  get isDirty() {
    return this.typed() !== this.last;
  }

  // For what is uploaded: there must be a draft, even where nothing is typed, and its revision be known here.
  async ensure() {
    if (this.field("draft_revision").value) return true;
    this.keeps = true;
    return this.save();
  }

  wait() {
    if (this.stopped || !this.isDirty) return;
    clearTimeout(this.timer);
    this.since ??= Date.now();
    this.timer = setTimeout(() => this.save(), Math.min(REST, Math.max(0, this.since + LONGEST - Date.now())));
  }

  again() {
    if (this.failed && !this.stopped) this.save({ afresh: true });
  }

  flush() {
    if (this.isDirty && !this.stopped) this.save({ keepalive: true });
  }

  // Resolves to whether what is typed is safe, or need not be kept.
  async save({ keepalive = false, afresh = false } = {}) {
    if (this.saving) return this.saving;
    clearTimeout(this.timer);
    this.saving = this.send(keepalive, afresh || this.failed).finally(() => {
      this.saving = null;
      this.since = null;
      if (this.failed && !this.stopped) this.timer = setTimeout(() => this.again(), RETRY);
      else this.wait();
    });
    return this.saving;
  }

  async send(keepalive, afresh) {
    const typed = this.typed();
    const body = `${typed}&draft_revision=${this.field("draft_revision").value}${this.keeps ? "&keep=1" : ""}`;
    const options = { credentials: "same-origin", headers: { Accept: "application/json" } };
    try {
      // Signing in again gives the browser another token: ask for it first.
      if (afresh && !(await this.understood(await fetch(this.getAttribute("save"), options), false))) return false;
      const headers = {
        ...options.headers,
        "X-CSRFToken": this.field("csrfmiddlewaretoken").value,
        "Content-Type": "application/x-www-form-urlencoded;charset=UTF-8",
      };
      const answer = await fetch(this.getAttribute("save"), { ...options, method: "POST", headers, body, keepalive });
      if (!(await this.understood(answer, true))) return false;
      this.last = typed;
      return true;
    } catch {
      return this.fail(this.getAttribute("offline"));
    }
  }

  async understood(answer, isSave) {
    if (answer.status === 404) return this.fail(this.getAttribute("gone"), { stop: true });
    const isOurs = answer.headers.get("Content-Type")?.startsWith("application/json") && !answer.redirected;
    if (!isOurs) return answer.status >= 500 ? this.fail(this.getAttribute("offline")) : this.fail(this.getAttribute("signed-out"), { link: true });
    const said = await answer.json();
    if (answer.status === 409) return this.fail(said.sentence, { stop: true });
    this.failed = false;
    this.confirmed = Date.now();
    this.trouble.replaceChildren();
    for (const input of document.querySelectorAll('[name="csrfmiddlewaretoken"]')) input.value = said.token;
    if (isSave) {
      this.field("draft_revision").value = said.revision ?? "";
      this.state.textContent = said.sentence;
      this.querySelector(".draft-discard").hidden = said.revision === null;
      this.dispatchEvent(new CustomEvent("draft-saved", { bubbles: true }));
    }
    return true;
  }

  fail(sentence, { stop = false, link = false } = {}) {
    this.failed = true;
    this.stopped = stop;
    this.state.textContent = "";
    if (this.trouble.firstChild?.textContent === sentence) return false;
    const words = document.createElement("p");
    words.textContent = sentence;
    this.trouble.replaceChildren(words);
    if (link) {
      const door = document.createElement("a");
      door.href = this.getAttribute("leads-to");
      door.target = "_blank";
      door.textContent = this.getAttribute("sign-in");
      this.trouble.append(door);
    }
    return false;
  }

  async beforeSubmit(event) {
    const isKnown = this.confirmed && Date.now() - this.confirmed < KNOWN_GOOD && !this.failed;
    if (event.defaultPrevented || this.stopped || (isKnown && !this.saving)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const { submitter } = event;
    this.state.textContent = this.getAttribute("saving");
    if ((await this.save()) || this.stopped) this.form.requestSubmit(submitter);
    else this.trouble.scrollIntoView({ block: "nearest" });
  }
}

customElements.define("draft-keeper", DraftKeeper);
