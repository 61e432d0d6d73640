// The counts of unread conversations, asked for every half minute while the page is looked at (spec I2).

const PAUSE = 30_000;
const mailbox = document.querySelector("[data-counts-url]");
let tag = "";
let asked = Date.now();

function inWords(count) {
  if (count > 99) return mailbox.dataset.most;
  // The server wrote one and two in the reader's language; other numbers take the plural's place.
  return count === 1 ? mailbox.dataset.one : mailbox.dataset.two.replace("2", String(count));
}

// Whether the place said something else before.
function show(place, count) {
  const [figure, words] = place.children;
  const text = count > 99 ? "99+" : String(count);
  const changed = figure.textContent !== text;
  place.hidden = count === 0;
  figure.textContent = text;
  words.textContent = inWords(count);
  return changed;
}

function showAll(counts) {
  const shown = [...mailbox.querySelectorAll("[data-persona]")];
  // Every one, and not only up to the first that changed.
  const changed = shown.map((tab) => show(tab.querySelector(".count"), counts[tab.dataset.persona] ?? 0));
  const known = new Set(shown.map((tab) => tab.dataset.persona));
  const others = Object.keys(counts).some((persona) => !known.has(persona));
  // In a live region: shown, it is read out. The rows are of the moment at which the page was made.
  const news = document.querySelector("[data-news]"); // the address book has tabs, and no rows to be behind
  if (news && (changed.includes(true) || others)) news.hidden = false;
}

async function ask() {
  if (document.hidden) return;
  asked = Date.now();
  try {
    const headers = tag ? { "If-None-Match": tag } : {};
    // A session that ended leads to the sign-in page: nobody reads it here, and it is not fetched every half minute.
    const options = { credentials: "same-origin", cache: "no-store", redirect: "manual", headers };
    const answer = await fetch(mailbox.dataset.countsUrl, options);
    // Nothing new (304), or nothing to tell: the next click will say why.
    if (!answer.ok) return;
    tag = answer.headers.get("ETag") ?? "";
    showAll((await answer.json()).counts);
  } catch {
    // Offline: what is shown stays.
  }
}

if (mailbox) {
  setInterval(ask, PAUSE);
  // Back at the page: at once, unless that was just now.
  document.addEventListener("visibilitychange", () => {
    if (Date.now() - asked > 5_000) ask();
  });
  // Once the letters have their width: before, the tab would end up half out of sight.
  document.fonts.ready.then(() => mailbox.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" }));
}
