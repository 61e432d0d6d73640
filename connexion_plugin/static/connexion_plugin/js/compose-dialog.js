// "Add a message" opens on top of the conversation; without this module the link leads to its own page.

let dialog;

async function fetchForm(url) {
  const answer = await fetch(url, { credentials: "same-origin", headers: { Accept: "text/html" } });
  // Redirected means that the session ended: the page itself must say so.
  if (!answer.ok || answer.redirected) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return page.querySelector("[data-compose]");
}

function build(compose, link) {
  const box = document.createElement("dialog");
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button quiet close";
  close.setAttribute("aria-label", link.dataset.close);
  close.append(link.querySelector("template").content.cloneNode(true));
  close.addEventListener("click", () => box.close());
  const title = compose.querySelector("h1");
  const heading = document.createElement("h2");
  heading.id = "compose-heading";
  heading.textContent = title.textContent;
  const head = document.createElement("header");
  head.append(heading, close);
  title.replaceWith(head);
  compose.querySelector("[data-cancel]")?.addEventListener("click", (event) => {
    event.preventDefault();
    box.close();
  });
  box.setAttribute("aria-labelledby", heading.id);
  box.append(compose);
  document.querySelector("main").append(box);
  return box;
}

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-compose-link]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  try {
    if (!dialog) {
      const compose = await fetchForm(link.href);
      if (!compose) throw new Error("no form");
      dialog = build(document.adoptNode(compose), link);
    }
    dialog.showModal();
    dialog.querySelector("textarea")?.focus();
  } catch {
    window.location.assign(link.href);
  }
});
