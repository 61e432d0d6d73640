// An envelope opened by htmx: the text unfolds and takes the focus. When the answer is no message
// (a session that ended, an error), the plain form is sent, and its page says why.

document.addEventListener("htmx:afterSwap", (event) => {
  const message = document.getElementById(event.detail.requestConfig?.elt?.dataset.message ?? "");
  if (!message) return;
  message.classList.add("unfolding");
  // Expired or withdrawn meanwhile: the whole message is read out, tombstone included.
  const place = message.querySelector("[data-opened]") ?? message;
  place.tabIndex = -1;
  place.focus({ preventScroll: true });
});

for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, (event) => {
    const form = event.detail.elt;
    if (!(form instanceof HTMLFormElement)) return;
    // Signed in again in another tab: this page's token is of the session before.
    if (event.detail.xhr?.status === 403) window.location.reload();
    else form.submit();
  });
}

// A redirection leads to a whole page (signing in, the second factor): it is no message, so go there.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (requestConfig?.elt?.dataset.message && !xhr.responseText.trimStart().startsWith("<article")) {
    event.detail.shouldSwap = false;
    window.location.reload();
  }
});
