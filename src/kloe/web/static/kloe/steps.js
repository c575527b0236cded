/* Pages in a row: J or N goes to the next, K or P to the one before. */
(() => {
  "use strict";
  const steps = document.querySelector("[data-steps]");
  if (!steps || document.body.dataset.keys !== "on") return;
  const typing = (element) => element.matches("textarea, select, input, [contenteditable]");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase();
    const rel = key === "j" || key === "n" ? "next" : key === "k" || key === "p" ? "prev" : "";
    const link = rel && steps.querySelector(`a[rel="${rel}"]`);
    if (!link) return;
    event.preventDefault();
    link.click();
  });
})();
