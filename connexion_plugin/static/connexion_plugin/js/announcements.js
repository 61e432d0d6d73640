// What just happened takes the focus and is read out. Where the address leads to a place of the page (a message just
// posted), nothing takes it; where several things happened, the first does. The rest is said in a live region of its
// own, for words that were there from the start are no news.

const SAID_AFTER = 300;
const SILENT_AFTER = 10_000;

const announcer = document.querySelector("[data-announcer]");
// An undo that is still offered, of a deletion that was told before, is none.
const notices = [...document.querySelectorAll(".announcements > .notice:not([hidden], form:not([autofocus]))")];
const unheard = window.location.hash ? notices : notices.slice(1);

if (announcer && unheard.length > 0) {
  setTimeout(() => {
    announcer.textContent = unheard.map((notice) => notice.textContent.trim()).join(" ");
  }, SAID_AFTER);
  setTimeout(() => announcer.replaceChildren(), SILENT_AFTER);
}
