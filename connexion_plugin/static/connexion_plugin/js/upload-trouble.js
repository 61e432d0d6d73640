// <upload-trouble>: reads what came in the place of an arrival, and tells its row: to wait, and until when, or to give up.

const REST = 20_000; // ms between two tries to end one at the service

// Whether another address answered than the one that was asked.
function isElsewhere({ originalRequest, originalResponse }) {
  const path = (address) => new URL(address, window.location.href).pathname;
  const answered = originalResponse.getUnderlyingObject()?.responseURL;
  return Boolean(answered) && path(answered) !== path(originalRequest.getURL());
}

class UploadTrouble extends HTMLElement {
  // Whether a file that could not be read is still away, or another by now: a document would be made of two.
  async stands({ url, path, file, home }) {
    if (this.isDoubtful && url) this.isDoubtful = !(await home.memory.knows(path, file));
    return Boolean(this.isDoubtful && url);
  }

  // What was sent of it stays its own: whoever removes it removes that too, and it goes on if the file is back.
  doubt() {
    const row = this.closest("document-upload");
    this.isDoubtful = true;
    row.fail(row.home.dataset.unreadable);
  }

  // One document that was made of two is nobody's, and no reload may find it.
  async refuse(row) {
    this.doubt();
    while (row.isConnected && !(await this.end(row))) await new Promise((later) => setTimeout(later, REST));
  }

  // Whether it is gone at the service.
  async end({ url, home }) {
    try {
      const headers = { "Tus-Resumable": "1.0.0", "X-CSRFToken": home.token };
      const answer = await fetch(url, { method: "DELETE", headers, redirect: "manual" });
      return answer.ok || answer.status === 404 || answer.status === 410;
    } catch {
      return false;
    }
  }

  // It was to be removed, and is still there.
  stays(row) {
    if (this.isDoubtful) this.doubt();
    else row.show(row.sent === row.size ? "done" : row.file ? "paused" : "unfinished");
    row.home.say(row.home.dataset.unremoved.replace("{name}", () => row.dataset.called ?? row.name));
  }

  tell(error, { isReadable }) {
    const row = this.closest("document-upload");
    const { home } = row;
    this.isDoubtful = false;
    if (!isReadable) return this.doubt();
    const answer = error.originalResponse;
    const status = answer?.getStatus();
    if (!status) return row.wait("offline");
    if (status === 507) return row.wait("full", home.spoken(answer, home.dataset.full));
    if (status === 429 || status >= 500) return row.wait("offline", home.spoken(answer, home.dataset.offline));
    // Another request of this upload has not ended, or it went further than was answered.
    if (row.url && (status === 423 || (status === 409 && answer.getHeader("Upload-Offset")))) return row.wait("busy");
    const isOurs = answer.getHeader("Tus-Resumable");
    // The sign-in page, or a token of the session before.
    if (isElsewhere(error) || (isOurs && status === 403)) return row.wait("signedOut");
    const isGone = status === 404 || status === 410;
    // Whoever stands between us and the service (a proxy, a firewall) says in a page of its own why.
    if (!isOurs && !isGone) return row.fail(home.dataset.between.replace("{status}", status));
    if (status === 413) home.querySelector("upload-room").tell();
    return row.fail(home.spoken(answer), { afresh: isGone });
  }
}

customElements.define("upload-trouble", UploadTrouble);
