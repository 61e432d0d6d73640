// <upload-places>: tells the rows of one name apart by the folders that they come from, as far up as it takes: on the
// screen, in what their buttons are called, and in what is said of them (spec D2). Where no folder tells, by numbers.

const LONGEST = 800; // characters of a path that its author is given back after a reload

class UploadPlaces extends HTMLElement {
  connectedCallback() {
    this.seen = new MutationObserver(() => this.tell());
    this.seen.observe(this.home.querySelector(".chosen"), { childList: true });
    this.tell();
  }

  disconnectedCallback() {
    this.seen.disconnect();
  }

  get home() {
    return this.closest("document-uploads");
  }

  // The same for a row that the server wrote and for one of ours.
  get labels() {
    const labelled = this.home.querySelector("template[data-row]").content.querySelectorAll("[aria-label]");
    return (this.written ??= [...labelled].map((each) => each.getAttribute("aria-label")));
  }

  tell() {
    const named = new Map();
    for (const row of this.home.querySelectorAll(".chosen document-upload")) {
      const name = row.dataset.name.normalize();
      if (!named.has(name)) named.set(name, []);
      named.get(name).push(row);
    }
    for (const rows of named.values()) this.apart(rows).forEach((called, n) => this.call(rows[n], called));
  }

  // What to call rows of one name, in their order.
  apart(rows) {
    const folders = rows.map((row) => (row.dataset.place ?? "").split("/").slice(0, -1));
    const called = rows.map((row) => row.dataset.name);
    const deepest = folders.reduce((most, { length }) => Math.max(most, length), 0);
    let alike = rows.length > 1 ? [...rows.keys()] : [];
    for (let up = 1; up <= deepest && alike.length; up++) {
      for (const n of alike) called[n] = [...folders[n].slice(-up), rows[n].dataset.name].join("/");
      const times = this.times(alike.map((n) => called[n]));
      alike = alike.filter((n) => times.get(called[n]) > 1);
    }
    const before = new Map();
    for (const n of alike) {
      const plain = called[n];
      before.set(plain, (before.get(plain) ?? 0) + 1);
      // As its readers will see it: the server numbers what is posted under one name.
      if (before.get(plain) > 1) called[n] = plain.replace(/(\.[^./]{1,19})?$/, (extension) => ` (${before.get(plain)})${extension}`);
    }
    return called;
  }

  times(words) {
    const counted = new Map();
    for (const word of words) counted.set(word, (counted.get(word) ?? 0) + 1);
    return counted;
  }

  call(row, called) {
    if (row.dataset.called === called) return;
    row.dataset.called = called;
    row.querySelector(".name").textContent = called;
    row.querySelectorAll("[aria-label]").forEach((each, n) => each.setAttribute("aria-label", this.labels[n].replace("{name}", () => called)));
  }

  // For the server, which gives it back to nobody but its author, and forgets it when the message is posted.
  of(row) {
    return row.dataset.place ? { relativePath: row.dataset.place.slice(-LONGEST) } : {};
  }
}

customElements.define("upload-places", UploadPlaces);
