// <document-uploads>: what is chosen, or brought by document-drop.js, goes up at once, each in its own row, into the draft of
// the form (spec D2, C8). What is too large is refused before a byte is sent. Without scripts the form brings them.

const AT_ONCE = 2;
const BETWEEN_ANNOUNCEMENTS = 15_000;

class DocumentUploads extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector('input[type="file"]');
    this.form = this.closest("form");
    if (!this.input || !this.form || !window.tus || this.rows) return;
    this.template = this.querySelector("template[data-row]");
    this.rows = this.querySelector(".uploads");
    this.refusal = this.querySelector(".too-large-sentence");
    this.spoken = this.querySelector("[role=status]");
    const known = [...this.rows.children];
    this.rows.replaceChildren();
    for (const { dataset } of known) {
      const [length, offset] = [Number(dataset.length), Number(dataset.offset)];
      this.add({ known: { ...dataset, length, offset, complete: dataset.complete === "true" } });
    }
    this.input.addEventListener("change", () => {
      this.take([...this.input.files]);
      // They come before the form does, and not with it.
      this.input.value = "";
    });
    this.addEventListener("upload-change", (event) => this.changed(event.detail.row));
    this.addEventListener("upload-shut-out", () => this.keeper?.save({ afresh: true }));
    this.form.addEventListener("draft-saved", () => this.goOn());
    window.addEventListener("online", () => this.goOn());
    this.addEventListener("documents-brought", (event) => this.take(event.detail.files));
    this.form.addEventListener("submit", (event) => this.beforeSubmit(event), { capture: true });
    this.dataset.ready = "";
  }

  get keeper() {
    return this.form.querySelector("draft-keeper");
  }

  get all() {
    return [...this.rows.querySelectorAll("upload-row")];
  }

  get words() {
    return {
      endpoint: this.getAttribute("endpoint"),
      token: () => this.form.elements.namedItem("csrfmiddlewaretoken").value,
      size: (count) => this.size(count),
      cutOff: this.getAttribute("cut-off"),
      state: (row, share) => this.sentence(row, share),
    };
  }

  add(what) {
    const item = this.rows.appendChild(document.createElement("li"));
    item.appendChild(document.createElement("upload-row")).show(this.words, this.template, what);
  }

  async take(files) {
    this.refusal.textContent = "";
    for (const file of files) {
      const standing = this.all.find((row) => row.matches(file));
      if (standing) standing.take(file);
      else if (this.tooMany(file)) this.refusal.textContent = this.getAttribute("too-large").replace("{0}", file.name);
      else this.add({ file });
    }
    // The draft must be there before what is uploaded to it, and the page must know its revision.
    if (await this.keeper.ensure()) this.next();
    else for (const row of this.all.filter((one) => one.state === "waiting")) row.become("failed", this.getAttribute("cut-off"));
  }

  tooMany(file) {
    const total = this.all.reduce((sum, row) => sum + row.length, file.size);
    return total > Number(this.getAttribute("limit")) || this.all.length >= Number(this.getAttribute("most"));
  }

  next() {
    const sending = this.all.filter((row) => row.state === "sending").length;
    for (const row of this.all.filter((one) => one.state === "waiting").slice(0, Math.max(0, AT_ONCE - sending))) row.send();
  }

  goOn() {
    for (const row of this.all) if (row.state === "failed" && row.isCutOff) row.send();
    this.next();
  }

  changed(row) {
    for (const item of this.rows.querySelectorAll("li:empty")) item.remove();
    if (["complete", "failed", "removed", undefined].includes(row?.state)) this.next();
    if (this.held && this.all.every((one) => one.isWhole)) {
      const submitter = this.held;
      this.held = null;
      this.form.requestSubmit(submitter);
    }
    const isDue = Date.now() - (this.announced ?? 0) > BETWEEN_ANNOUNCEMENTS;
    if (row && (["complete", "failed"].includes(row.state) || isDue)) {
      this.announced = Date.now();
      this.spoken.textContent = `${row.name} — ${row.querySelector("[data-state-words]").textContent}`;
    }
  }

  // Submitted while documents are on their way: it goes as soon as they are here.
  beforeSubmit(event) {
    if (event.submitter?.name === "save_draft" || this.all.every((row) => row.isWhole)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const isMoving = this.all.every((row) => row.isWhole || ["sending", "waiting"].includes(row.state));
    this.held = isMoving ? event.submitter : null;
    this.refusal.textContent = this.getAttribute(isMoving ? "submits-later" : "still-coming");
    this.refusal.scrollIntoView({ block: "nearest" });
  }

  sentence(row, share) {
    const { lang } = document.documentElement;
    const number = new Intl.NumberFormat(lang, { style: "percent" }).format(share / 100);
    if (row.state !== "sending") return (this.getAttribute(row.state) ?? "").replace("{0}", number);
    if (!row.speed) return number;
    const seconds = Math.ceil((row.length - row.sent) / row.speed);
    const [amount, unit] = seconds < 90 ? [seconds, "second"] : [Math.ceil(seconds / 60), "minute"];
    const left = new Intl.NumberFormat(lang, { style: "unit", unit, unitDisplay: "long" }).format(amount);
    return [number, this.getAttribute("speed").replace("{0}", this.size(row.speed)), this.getAttribute("left").replace("{0}", left)].join(" — ");
  }

  // The same steps and units as formats.size (spec D1).
  size(count) {
    const units = this.getAttribute("units").split(",");
    let [power, amount] = [0, count];
    while (power < units.length - 1 && amount >= 1023.95) [power, amount] = [power + 1, amount / 1024];
    const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: power ? 1 : 0 });
    return `${number.format(amount)}\u00a0${units[power]}`;
  }
}

customElements.define("document-uploads", DocumentUploads);
