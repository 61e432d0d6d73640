// What just happened takes the focus and is read out, unless the address leads to a place of the page (a message
// just posted): then it is said in a live region of its own, for words that were there from the start are no news.

const SAID_AFTER = 300;
const SILENT_AFTER = 10_000;

const announcer = document.querySelector("[data-announcer]");
const notices = [...document.querySelectorAll(".announcements > .notice:not([hidden])")];

if (announcer && notices.length > 0 && window.location.hash) {
  setTimeout(() => {
    announcer.textContent = notices.map((notice) => notice.textContent.trim()).join(" ");
  }, SAID_AFTER);
  setTimeout(() => announcer.replaceChildren(), SILENT_AFTER);
}
