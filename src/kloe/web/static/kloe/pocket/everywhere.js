/* On every page of somebody signed in: whose device this is now, what waits on it, and signing out
   with something unsent. Does next to nothing on a device where nothing was ever kept. */

const KEY = "kloe:pocket";
const person = document.body.dataset.user || "";
const read = () => { try { return JSON.parse(localStorage.getItem(KEY) || "null"); } catch { return null; } };
const known = read();

async function status(parts) {
  const { queue, words } = parts;
  const found = await queue.tally(person);
  const note = document.getElementById("pocket-note");
  if (!note) return;
  note.hidden = !found.all;
  if (!found.all) return;
  note.querySelector("[data-what]").textContent = found.risks ? words.w("nobody-knows") : words.waits(found);
  note.classList.toggle("error", found.risks > 0);
}

async function load() {
  const [db, queue, send, words] = await Promise.all(["./db.js", "./queue.js", "./send.js", "./words.js"].map((name) => import(name)));
  return { db, queue, send, words };
}

/* Somebody else was here before: what they took along goes; what they did not send stays, unseen. */
async function begin() {
  const parts = await load();
  if (known?.person && known.person !== person) await parts.db.forget(known.person);
  await parts.db.who.set(person, document.body.dataset.name || "");
  const { adoptDrafts } = await import("./drafts.js");
  await adoptDrafts();
  addEventListener("kloe:pocket", () => status(parts));
  try { new BroadcastChannel("kloe-pocket").onmessage = () => status(parts); } catch { /* one tab */ }
  await status(parts);
  if ((await parts.queue.tally(person)).all) await parts.send.flush();
}

/* Signing out: what is unsent is said first; what was taken along leaves the device. */
async function signOut(form) {
  const { db, queue, words } = await load();
  const found = await queue.tally(person);
  const dialog = document.getElementById("pocket-out");
  if (found.all && dialog) {
    dialog.querySelector("[data-what]").textContent = words.waits(found);
    dialog.showModal();
    const chosen = await new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true }));
    if (chosen !== "out") { if (chosen === "unsent") location.assign("/pocket/#/unsent"); return; }
  }
  await db.forget(person);
  await db.who.out();
  form.submit();
}

if (person) {
  if (known) begin().catch(() => { /* a browser that keeps nothing */ });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!read() || !new URL(form.action, location.href).pathname.endsWith("/accounts/logout/")) return;
    event.preventDefault();
    signOut(form).catch(() => form.submit());
  });
}
