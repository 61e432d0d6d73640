// The tabs' counts of unread conversations, asked for every half minute while the page is looked at (spec I2).

const PAUSE = 30_000;
const tabs = document.querySelector("[data-counts-url]");

function inWords(count) {
  if (count > 99) return tabs.dataset.most;
  // The server wrote one and two in the reader's language; other numbers take the plural's place.
  return count === 1 ? tabs.dataset.one : tabs.dataset.two.replace("2", String(count));
}

function show(tab, count) {
  const place = tab.querySelector(".count");
  place.hidden = count === 0;
  const [figure, words] = place.children;
  figure.textContent = count > 99 ? "99+" : String(count);
  words.textContent = inWords(count);
}

async function ask() {
  if (document.hidden) return;
  try {
    const answer = await fetch(tabs.dataset.countsUrl, { credentials: "same-origin" });
    // A session that ended answers with a page: the next click will say so.
    if (!answer.ok || answer.redirected) return;
    const { counts } = await answer.json();
    for (const tab of tabs.querySelectorAll("[data-persona]")) show(tab, counts[tab.dataset.persona] ?? 0);
  } catch {
    // Offline: what is shown stays.
  }
}

if (tabs) {
  setInterval(ask, PAUSE);
  document.addEventListener("visibilitychange", ask);
}
