// <draft-keeper save="address" …>: keeps what is typed in its form as a draft, quietly (spec C8).
// What cannot be saved stays on the page, which says why and tries again; nothing is submitted before the
// session is known to stand, so that no text is sent into a sign-in page.

const REST = 1_500, LONGEST = 10_000; // after the last key; while somebody types on
const RETRY = 10_000;
const CARRIED = 60_000; // bytes that may outlive the page: of more, a browser refuses the whole request
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
      if (typeof value === "string" && !["csrfmiddlewaretoken", "draft_revision", "documents_shown"].includes(name)) fields.append(name, value);
    }
    return fields.toString();
  }

  get isDirty() {
    return this.typed() !== this.last;
  }

  wait() {
    if (this.stopped || !this.isDirty) return;
    clearTimeout(this.timer);
    this.since ??= Date.now();
    const rest = Math.min(REST, Math.max(0, this.since + LONGEST - Date.now()));
    this.timer = setTimeout(() => this.save(), rest);
  }

  again() {
    if (this.failed && !this.stopped) this.save({ afresh: true });
  }

  flush() {
    if (this.isDirty && !this.stopped) this.save({ keepalive: true });
  }

  // An upload was answered as a stranger's is: what comes of asking is said here, and `session-stands` to the form.
  check() {
    if (!this.failed && !this.saving) this.save({ afresh: true });
  }

  // Resolves to whether what is typed is safe, or need not be kept.
  async save({ keepalive = false, afresh = false } = {}) {
    if (this.saving) return this.saving;
    clearTimeout(this.timer);
    this.saving = this.send(keepalive, afresh || this.failed).finally(() => {
      this.saving = this.since = null;
      if (this.failed && !this.stopped) this.timer = setTimeout(() => this.again(), this.isTold ? 6 * RETRY : RETRY);
      else this.wait();
    });
    return this.saving;
  }

  async send(keepalive, afresh) {
    const typed = this.typed();
    const keep = this.form.querySelector("document-upload") ? "&keep=1" : "";
    const body = `${typed}&draft_revision=${this.field("draft_revision").value}${keep}`;
    const options = { credentials: "same-origin", headers: { Accept: "application/json" }, signal: AbortSignal.timeout(6 * RETRY) };
    try {
      // Signing in again gives the browser another token: ask for it first.
      if (afresh && !(await this.understood(await fetch(this.getAttribute("save"), options), false))) return false;
      const headers = {
        ...options.headers,
        "X-CSRFToken": this.field("csrfmiddlewaretoken").value,
        "Content-Type": "application/x-www-form-urlencoded;charset=UTF-8",
      };
      const answer = await fetch(this.getAttribute("save"), { ...options, method: "POST", headers, body, keepalive: keepalive && body.length < CARRIED });
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
    if (answer.status === 503) return this.fail(said.sentence, { told: true }); // it may be submitted all the same
    this.failed = false;
    this.confirmed = Date.now();
    this.isTold &&= !isSave;
    if (!this.isTold) this.trouble.replaceChildren();
    for (const input of document.querySelectorAll('[name="csrfmiddlewaretoken"]')) input.value = said.token;
    this.form.dispatchEvent(new Event("session-stands"));
    if (isSave) {
      this.field("draft_revision").value = said.revision ?? "";
      this.state.textContent = said.sentence;
      this.querySelector(".draft-discard").hidden = said.revision === null;
    }
    return true;
  }

  fail(sentence, { stop = false, link = false, told = false } = {}) {
    Object.assign(this, { failed: true, stopped: stop });
    if (told && this.isTold) return false; // the first reference stays
    this.isTold = told;
    this.state.textContent = "";
    if (this.trouble.firstChild?.textContent === sentence) return false;
    this.trouble.replaceChildren(Object.assign(document.createElement("p"), { textContent: sentence }));
    if (link) {
      const door = { href: this.getAttribute("leads-to"), target: "_blank", textContent: this.getAttribute("sign-in") };
      this.trouble.append(Object.assign(document.createElement("a"), door));
    }
    return false;
  }

  async beforeSubmit(event) {
    // What was typed since is kept first: the session may have ended a moment ago.
    const isKnown = this.confirmed && Date.now() - this.confirmed < KNOWN_GOOD && !this.failed && !this.isDirty;
    if (event.defaultPrevented || this.stopped || this.isTold || (isKnown && !this.saving)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.state.textContent = this.getAttribute("saving");
    const isSafe = (await this.save()) || this.stopped || this.isTold;
    if (isSafe) return this.form.requestSubmit(event.submitter);
    this.trouble.scrollIntoView({ block: "nearest" });
    this.form.dispatchEvent(new Event("submit-held"));
  }
}

customElements.define("draft-keeper", DraftKeeper);
