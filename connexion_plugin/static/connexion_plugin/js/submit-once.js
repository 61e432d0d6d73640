// A form sent once is not sent twice: its button rests after the first click, and wakes when one comes back.

const resting = new WeakSet();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]") || event.defaultPrevented) return;
  if (resting.has(form)) {
    event.preventDefault();
    return;
  }
  resting.add(form);
  // Not `disabled`: a disabled button would lose the focus, and its name would leave what is sent.
  event.submitter?.setAttribute("aria-disabled", "true");
});

window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-once]")) {
    resting.delete(form);
    form.querySelector('[aria-disabled="true"]')?.removeAttribute("aria-disabled");
  }
});
