/* The forms of a check's page that are sent as a whole, when there turns out to be no network: an
   urgent risk or photographs are kept on this device instead of being lost with the page. */

import { Full, choices, who } from "./db.js";
import { keep, uuid } from "./queue.js";
import { flush } from "./send.js";
import { prepare, whole } from "./photo.js";
import { w } from "./words.js";

const PATIENCE = 6000;

/* Whether the server can be reached now. */
async function reached() {
  if (!navigator.onLine) return false;
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  try { await fetch("/pocket/mine", { headers: { "X-Kloe-Write": "1" }, signal: stop.signal }); return true; } catch { return false; } finally { clearTimeout(timer); }
}

function tell(text, kind) {
  const note = document.createElement("div");
  note.className = `notice ${kind}`;
  note.textContent = text;
  const slot = document.getElementById("messages");
  slot.replaceChildren(note);
  slot.scrollIntoView({ block: "nearest" });
}

async function keepRisk(form, button, given) {
  const [kind, kind_words] = [button.value, button.textContent.trim()];
  const id = form.elements.write_id.value || uuid();
  const values = { kind, text: form.elements.text.value, place: form.elements.place.value };
  await keep({ ...given, id, kind: "risk", check: form.elements.check?.value || null, values, title: kind_words });
  tell(`${w("risk-kept")} ${w("ring-now")}`, "error");
}

async function keepFiles(form, given) {
  const { small, exif } = choices.all();
  const place = Number(form.elements.case?.value) || 0;
  for (const file of form.elements.upload.files) {
    const made = file.type.startsWith("image/") ? await prepare(file, { small, place: Boolean(exif) }) : await whole(file);
    await keep({ ...given, kind: "photo", check: form.dataset.check, item: form.elements.namedItem("item").value, place, located: made.place,
      values: { caption: form.elements.caption.value, name: made.name }, bytes: made.blob.size, title: made.name }, { blob: made.blob });
  }
  tell(w("kept-here"), "warning");
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest?.("form[data-pocket]");
  if (!form || form.dataset.sending) { if (form) event.preventDefault(); return; }
  event.preventDefault();
  const button = event.submitter;
  form.dataset.sending = "1";
  const go = () => form.requestSubmit(button);
  if (await reached()) {
    form.removeAttribute("data-pocket");
    go();
    return;
  }
  await who.set(document.body.dataset.user, document.body.dataset.name || "");
  const given = { assessment: form.dataset.assessment, about: document.querySelector("h1")?.textContent.trim() || "" };
  try {
    if (form.dataset.pocket === "risk") await keepRisk(form, button, given); else await keepFiles(form, given);
    form.reset();
    form.elements.write_id.value = uuid();
  } catch (error) { tell(w(error instanceof Full ? "full" : "no-store"), "error"); }
  delete form.dataset.sending;
  flush();
});
