// <upload-room>: where a limit says no, names what is unfinished and counts all the same, so that one removes it. Begun in
// another browser, or chosen under another name, it is never gone on with here.

const NAMED = 3;

class UploadRoom extends HTMLElement {
  get words() {
    const home = this.closest("document-uploads");
    const unfinished = home.rows.filter((row) => row.state === "unfinished").slice(0, NAMED);
    return unfinished.map((row) => home.dataset.takesRoom.replace("{name}", row.name));
  }

  // The server's no: what another window began since this page was opened is listed first.
  async tell() {
    const home = this.closest("document-uploads");
    const listed = await home.memory.listed().catch(() => []);
    const known = new Set(home.rows.map((row) => row.url && row.path));
    for (const row of listed.filter(({ dataset }) => !known.has(dataset.url))) home.list.append(document.adoptNode(row.closest("li")));
    if (this.words.length) home.say(this.words.join(" "));
  }
}

customElements.define("upload-room", UploadRoom);
