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
