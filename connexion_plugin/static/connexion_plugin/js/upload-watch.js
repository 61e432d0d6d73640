// <upload-watch>: gives up a piece of which nothing is heard any more. While a machine sleeps, what stands between it and
// the service (a router, a proxy) may forget the connection: no byte passes, no answer comes, and nobody says so.

const SILENCE = 60_000; // ms without a byte that leaves, or an answer
const WOKEN = 10_000; // the same, once the page is looked at again or the line is back
const MOMENT = 2_000; // that a line has in any case to bring a sign, when what was silent was the whole machine
const LOOK = 5_000;
const MOST = 3; // times that patience, after as many pieces given up

class UploadWatch extends HTMLElement {
  // Over one request until it ends: `lost` is called at most once, after what was begun is taken back.
  // Behind a proxy that takes a piece whole and passes it on slowly, silence is no fault: each try in a row is given more.
  over(request, tries, lost) {
    clearInterval(this.looks);
    this.request = request;
    this.lost = lost;
    this.patience = SILENCE * Math.min(tries + 1, MOST);
    this.moved();
    for (const sign of ["progress", "load"]) request.upload.addEventListener(sign, () => this.moved());
    request.addEventListener("progress", () => this.moved());
    request.addEventListener("loadend", () => this.request === request && this.end());
    this.looks = setInterval(() => this.look(this.patience), LOOK);
  }

  // By the clock on the wall: the other stands still in some browsers while the machine sleeps.
  moved() {
    clearTimeout(this.soon);
    this.movedAt = Date.now();
  }

  look(patience) {
    const silent = Date.now() - this.movedAt;
    if (silent < 0) this.moved(); // the clock was set back
    else if (silent >= patience) this.giveUp();
  }

  // A line that stands brings a sign of it by then: after a silence that was long already, in a moment.
  hurry() {
    if (!this.request) return;
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.look(WOKEN), Math.max(MOMENT, this.movedAt + WOKEN - Date.now()));
  }

  giveUp() {
    const { request, lost } = this;
    this.end();
    request.abort();
    lost();
  }

  end() {
    clearInterval(this.looks);
    clearTimeout(this.soon);
    this.request = null;
  }
}

customElements.define("upload-watch", UploadWatch);
