/* What the views of the shell say and show with. */

import { Full } from "./db.js";
import { say, w } from "./words.js";

export const show = (node) => document.getElementById("view").replaceChildren(node);

export function tell(text, kind = "") {
  const note = document.createElement("div");
  note.className = `notice ${kind}`;
  note.textContent = text;
  document.getElementById("messages").replaceChildren(note);
}

/* What went wrong on this device, in words; a lost write is said at once and loudly. */
export function failed(error) {
  if (!(error instanceof Full || error instanceof DOMException)) throw error;
  tell(error instanceof Full ? w("full") : w("no-store"), "error");
  say(error instanceof Full ? w("full") : w("no-store"));
  document.getElementById("messages").scrollIntoView({ block: "nearest" });
}

const laid = new WeakMap();

/* Bring a list up to date. What did not change stays in its place, with the finger or the focus that
   is on it: `mark` tells in words all that is shown of a thing, beginning with its `id`. */
export function lay(list, things, mark, make) {
  const before = laid.get(list) || new Map();
  const after = new Map();
  for (const [n, thing] of things.entries()) {
    const said = JSON.stringify(mark(thing));
    const stood = before.get(thing.id);
    const node = stood?.said === said ? stood.node : make(thing);
    after.set(thing.id, { said, node });
    if (list.children[n] !== node) list.insertBefore(node, list.children[n] || null);
  }
  while (list.children.length > things.length) list.lastElementChild.remove();
  laid.set(list, after);
}
