// <upload-meter>: how far one document is, how fast it goes and how long it still takes (spec D2).

const SAMPLE = 500; // ms between two looks at the speed
const WEIGHT = 0.25; // of the newest look; the rest is what was seen before

class UploadMeter extends HTMLElement {
  // Forgets the speed: what was measured before a pause says nothing of what follows.
  rest() {
    this.rate = this.seen = undefined;
  }

  show(sent, size, { draw = false } = {}) {
    const now = performance.now();
    this.seen ??= { at: now, sent };
    const isDue = now - this.seen.at >= SAMPLE;
    if (isDue) {
      const rate = Math.max(0, (sent - this.seen.sent) / (now - this.seen.at)) * 1000;
      this.rate = this.rate === undefined ? rate : this.rate + WEIGHT * (rate - this.rate);
      this.seen = { at: now, sent };
    }
    if (!isDue && !draw) return;
    const bar = this.querySelector("progress");
    bar.max = size || 1;
    bar.value = size ? sent : 1;
    this.querySelector(".figures").textContent = this.words(sent, size);
  }

  words(sent, size) {
    if (sent === 0 || sent === size) return this.size(size);
    const { part, going } = this.closest("document-uploads").dataset;
    const figures = { sent: this.size(sent), size: this.size(size) };
    if (this.rate >= 1) {
      figures.speed = this.size(this.rate);
      figures.left = this.time((size - sent) / this.rate);
    }
    return (figures.speed ? going : part).replace(/\{(\w+)\}/g, (_whole, name) => figures[name]);
  }

  time(seconds) {
    const [amount, unit] =
      seconds < 55 ? [Math.max(5, Math.ceil(seconds / 5) * 5), "second"]
      : seconds < 5_400 ? [Math.max(1, Math.round(seconds / 60)), "minute"]
      : [Math.round(seconds / 3_600), "hour"];
    return new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, unitDisplay: "long" }).format(amount);
  }

  // The same steps and units as formats.size (spec D1).
  size(count) {
    const units = this.closest("document-uploads").getAttribute("units").split(",");
    let power = 0;
    let amount = count;
    while (power < units.length - 1 && amount >= 1023.95) {
      amount /= 1024;
      power += 1;
    }
    const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: power ? 1 : 0 });
    return `${number.format(amount)}\u00a0${units[power]}`;
  }
}

customElements.define("upload-meter", UploadMeter);
