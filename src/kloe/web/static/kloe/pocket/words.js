/* The words of the shell stand in its page, translated; here they are found and filled in. */

const known = new Map();
for (const one of document.getElementById("words")?.content.querySelectorAll("[data-w]") || []) {
  known.set(one.dataset.w, one.textContent.trim());
}
const language = document.documentElement.lang || "en";
const rules = new Intl.PluralRules(language);

/* The words by that key, with what they speak of put in. */
export const w = (key, values = {}) =>
  (known.get(key) || "").replace(/%\((\w+)\)s/g, (_all, name) => values[name] ?? "");

/* So many of something: the forms stand by numbers; of these, one that counts like `n`. */
export function count(key, n) {
  const forms = (known.get(key) || "").split(";;").map((form) => form.split("|"));
  const like = forms.find(([number]) => Number(number) === n)
    || forms.find(([number]) => rules.select(Number(number)) === rules.select(n)) || ["", ""];
  return like[1].replace("%(n)s", String(n));
}

/* Several counts in a sentence, without those that are nothing. */
export const counts = (given) => {
  const parts = Object.entries(given).filter(([, n]) => n).map(([key, n]) => count(key, n));
  return new Intl.ListFormat(language, { type: "conjunction" }).format(parts);
};

const today = (date) => date.toDateString() === new Date().toDateString();
export function moment(iso) {
  if (!iso) return "";
  const date = new Date(iso);
  const time = date.toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
  return today(date) ? time : `${date.toLocaleDateString(language, { day: "numeric", month: "short" })}, ${time}`;
}

/* How much waits, in a sentence: "3 changes and 1 photograph wait on this phone." */
export const waits = ({ risks, changes, photographs }) =>
  count("waits", risks + changes + photographs).replace("%(what)s", counts({ risks, changes, photographs }));

export function size(bytes) {
  const units = ["B", "kB", "MB", "GB"];
  let n = bytes; let unit = 0;
  while (n >= 1000 && unit < 3) { n /= 1000; unit += 1; }
  return `${n.toLocaleString(language, { maximumFractionDigits: n < 10 && unit ? 1 : 0 })} ${units[unit]}`;
}

/* A part of the page from its template: texts into [data-t], parts with nothing to say left out. */
export function part(id, values = {}) {
  const made = document.getElementById(id).content.cloneNode(true);
  const node = made.firstElementChild;
  for (const slot of [...(node.matches("[data-t]") ? [node] : []), ...node.querySelectorAll("[data-t]")]) {
    const value = values[slot.dataset.t];
    if (value === undefined || value === null || value === "") { if (!slot.hasAttribute("data-keep")) slot.remove(); }
    else slot.textContent = value;
  }
  for (const slot of node.querySelectorAll("[data-if]")) if (!values[slot.dataset.if]) slot.remove();
  return node;
}

/* For those who listen rather than look. */
export function say(text) {
  const live = document.getElementById("live");
  if (!live) return;
  live.textContent = "";
  setTimeout(() => { live.textContent = text; }, 30);
}
