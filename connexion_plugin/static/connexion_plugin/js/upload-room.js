// <upload-room>: says which documents were not added, and why. Where a limit says no, it names what is unfinished and counts
// all the same, so that one removes it: begun in another browser, or under another name, it is never gone on with here.

const NAMED = 3;

class UploadRoom extends HTMLElement {
  get home() {
    return this.closest("document-uploads");
  }

  // Three by their names: nobody listens to three thousand.
  refusal(refused) {
    if (!refused.length) return "";
    const sentences = refused.slice(0, NAMED).map(([name, why]) => this.sentence(why, name));
    const others = refused.length - NAMED;
    if (others > 0) sentences.push(this.home.dataset[others === 1 ? "oneMoreRefused" : "moreRefused"].replace("{n}", this.number(others)));
    // What could not be read wants no room.
    return [...sentences, ...(refused.every(([, why]) => why === "unread") ? [] : this.words)].join(" ");
  }

  sentence(why, name) {
    return this.home.dataset[why].replace("{limit}", () => this.home.getAttribute("limit-words")).replace("{name}", () => name);
  }

  repetition(twice) {
    if (!twice.length) return "";
    return this.home.dataset[twice.length === 1 ? "twice" : "moreTwice"].replace("{name}", () => twice[0]).replace("{n}", this.number(twice.length));
  }

  number(count) {
    return new Intl.NumberFormat(document.documentElement.lang).format(count);
  }

  get words() {
    const unfinished = this.home.rows.filter((row) => row.state === "unfinished").slice(0, NAMED);
    return unfinished.map((row) => this.home.dataset.takesRoom.replace("{name}", () => row.dataset.called ?? row.name));
  }

  // The server's no.
  async tell() {
    await this.list();
    if (this.words.length) this.home.say(this.words.join(" "));
  }

  // What another window began since this page was opened.
  async list() {
    const { home } = this;
    const listed = await home.memory.listed().catch(() => []);
    for (const there of listed) {
      const { url, mark, offset, size } = there.dataset;
      // One whose beginning is not answered yet is known by what we called it.
      const here = home.rows.find((row) => (row.url ? row.path === url : mark && row.sender.marked === mark));
      if (!here) home.list.append(document.adoptNode(there.closest("li")));
      else if (here.state === "unfinished" && offset === size) here.done();
    }
  }
}

customElements.define("upload-room", UploadRoom);
