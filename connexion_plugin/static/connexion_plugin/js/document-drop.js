// Documents dropped on a form, or pasted into it, are handed to its <document-uploads>; a folder brings what is
// in it, and in the folders below (spec D2).

async function filesIn(entry) {
  if (entry.isFile) return [await new Promise((found, lost) => entry.file(found, lost))];
  const reader = entry.createReader();
  const entries = [];
  for (;;) {
    const some = await new Promise((read, lost) => reader.readEntries(read, lost));
    if (!some.length) return (await Promise.all(entries.map(filesIn))).flat();
    entries.push(...some);
  }
}

function placeFor(event) {
  return event.target.closest?.("form")?.querySelector("document-uploads[data-ready]");
}

function bring(place, files) {
  place.dispatchEvent(new CustomEvent("documents-brought", { detail: { files } }));
}

document.addEventListener("dragover", (event) => {
  if (event.dataTransfer.types.includes("Files") && placeFor(event)) event.preventDefault();
});

document.addEventListener("drop", async (event) => {
  const place = placeFor(event);
  if (!place || !event.dataTransfer.files.length) return;
  event.preventDefault();
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  const plain = [...event.dataTransfer.files];
  bring(place, entries.length ? (await Promise.all(entries.map(filesIn))).flat() : plain);
});

document.addEventListener("paste", (event) => {
  const place = placeFor(event);
  if (place && event.clipboardData.files.length) bring(place, [...event.clipboardData.files]);
});
