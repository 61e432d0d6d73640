// <upload-sender>: sends one file in pieces (tus 1.0), and tells the row around it how that goes and what came between.

const SMALL = 4 * 1024 ** 2; // bytes a request: on a slow line each holds a worker of the server only briefly
const LARGE = 8 * 1024 ** 2;
const QUICK = 4_000; // ms for a piece, under which the next may be large
// On a fast line what a request costs beside its bytes counts: one may bring what passes in half a second.
const LARGEST = 32 * 1024 ** 2, BRIEF = 500;
const ANSWER = 60_000; // ms for an answer to what brings no bytes

// The client knows of a line that breaks, and not of one that says nothing more.
function awaitNoLonger(request) {
  request.timeout = ANSWER;
  request.addEventListener("timeout", (event) => request.onerror(event));
}

class UploadSender extends HTMLElement {
  // Goes on where the server is, when it knows this upload; raises when the client cannot be loaded.
  // Once, however many ask: a lid that opens is both a page seen again and a line that is back.
  send(file, url) {
    this.wanted = true;
    return (this.going ??= this.begin(file, url).finally(() => (this.going = null)));
  }

  async begin(file, url) {
    this.upload ??= await this.prepared(file, url);
    await this.beginning;
    // What was awaited goes on by itself: two would send one document.
    if (this.runs) return;
    if (!this.upload.url) await this.home.draftKept();
    if (!this.upload.url && this.asked) this.upload.url = await this.begunAlready();
    if (!this.wanted) return;
    this.asked = this.runs = true;
    this.piece = performance.now();
    if (!this.upload.url) this.beginning = new Promise((answered) => Object.assign(this, { answered }));
    // Without an address for new ones the client cannot begin afresh what the server has merely not recognized.
    this.upload.options.endpoint = this.upload.url ? null : this.home.getAttribute("create");
    this.upload.start();
  }

  // The answer to a beginning was lost: the page itself tells whether the server has it, so that it is not begun twice.
  begunAlready() {
    return this.home.memory.addressOf(this.mark);
  }

  // What was begun without our knowing it, for who takes the document back.
  async unknown() {
    await this.beginning;
    return this.upload?.url ?? (this.asked ? this.begunAlready().catch(() => null) : null);
  }

  // What we call this upload, beside its name: nobody else would.
  get mark() {
    return (this.marked ??= crypto.getRandomValues(new Uint32Array(4)).join("-"));
  }

  // A beginning that is on its way is awaited, so that its address is known: given up, it would be begun twice.
  stop() {
    this.wanted = false;
    if (this.upload?.url) this.abort();
  }

  abort() {
    this.upload.abort();
    this.runs = false;
  }

  forget() {
    this.stop();
    this.upload = this.marked = null;
    this.asked = this.runs = false;
  }

  get home() {
    return this.closest("document-uploads");
  }

  get row() {
    return this.closest("document-upload");
  }

  async prepared(file, url) {
    const { Upload } = await import(this.home.getAttribute("client"));
    const { home, row } = this;
    const upload = new Upload(file, {
      chunkSize: SMALL,
      retryDelays: null,
      // The browser keeps no names: see <upload-memory>.
      storeFingerprintForResuming: false,
      metadata: { filename: file.name, filetype: file.type, mark: this.mark, ...home.querySelector("upload-places").of(row) },
      onBeforeRequest: (request) => {
        request.setHeader("X-CSRFToken", home.token);
        const underlying = request.getUnderlyingObject();
        if (request.getMethod() === "PATCH") this.watch(upload, underlying);
        else awaitNoLonger(underlying);
      },
      onUploadUrlAvailable: () => {
        this.answered?.();
        if (!this.wanted) this.abort();
        row.begun(upload.url);
        home.changed();
      },
      onProgress: (sent) => row.moved(sent),
      onChunkComplete: (size, kept) => this.pieceArrived(upload, size, kept),
      onSuccess: () => this.arrived(file),
      onError: (error) => this.stumbled(error, file),
    });
    return Object.assign(upload, { url: url || null });
  }

  // Bytes may take as long as they need, as long as some pass.
  watch(upload, request) {
    this.row.watch.over(request, this.row.tries, () => {
      upload.options.chunkSize = SMALL;
      request.onerror(new ProgressEvent("error"));
    });
  }

  pieceArrived(upload, size, kept) {
    Object.assign(this.row, { kept, tries: 0 });
    if (this.row.state !== "sending") this.row.show("sending");
    this.row.meter.show(kept, this.row.size, { draw: true });
    const took = performance.now() - this.piece;
    const briefly = Math.round((size / took) * BRIEF);
    upload.options.chunkSize = took < QUICK ? Math.min(LARGEST, Math.max(LARGE, briefly)) : SMALL;
    this.piece = performance.now();
  }

  // Some browsers read on in a file that changes meanwhile, and make one document of two: nobody is to post that.
  async arrived(file) {
    this.runs = false;
    const { home, row } = this;
    await row.keeping;
    const isAnother = (await home.memory.knows(row.path, file)) === false;
    if (!this.wanted) return;
    if (isAnother) row.trouble.refuse(row);
    else row.done();
  }

  async stumbled(error, file) {
    this.runs = false;
    this.answered?.();
    // To its end: of one that was cut some browsers still read the beginning, and wait for the rest without a word.
    const ends = new Blob([file.slice(0, 1), file.slice(-1)]);
    const isReadable = (await this.home.memory.read(ends))?.byteLength === ends.size;
    if (this.wanted && !this.runs) this.row.trouble.tell(error, { isReadable });
  }
}

customElements.define("upload-sender", UploadSender);
