// <upload-farewell>: asks whether one means to leave while documents are on their way. A click on a file leaves the page
// where it is: the browser cannot know that before the answer, and would ask too.

const CLICKED = 1_000; // ms from a click to what it leads to

class UploadFarewell extends HTMLElement {
  connectedCallback() {
    if (this.ears) return;
    this.ears = true;
    document.addEventListener("click", ({ target, timeStamp }) => (this.clickedAt = target.closest?.("a[data-file]") ? timeStamp : undefined), { capture: true });
    window.addEventListener("beforeunload", (event) => {
      if (this.isConnected && this.closest("document-uploads").isUnderWay && !(event.timeStamp - this.clickedAt < CLICKED)) event.preventDefault();
    });
  }
}

customElements.define("upload-farewell", UploadFarewell);
