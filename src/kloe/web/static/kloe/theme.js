/* The theme page: which criterion is here, the column that speaks about it, and the keys. */
(() => {
  "use strict";
  const page = document.querySelector("[data-theme-page]");
  if (!page) return;
  const cards = () => [...page.querySelectorAll("[data-criterion]")];
  const about = document.querySelector("[data-about]");
  const keysOn = () => document.body.dataset.keys === "on";

  function here() { return page.querySelector("[data-criterion][data-here]"); }

  function moveTo(card, { focus = true } = {}) {
    if (!card) return;
    if (card !== here()) {
      cards().forEach((c) => { delete c.dataset.here; });
      card.dataset.here = "";
      showAbout(card);
    }
    if (focus) {
      card.focus({ preventScroll: true });
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      card.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
    }
  }

  function showAbout(card) {
    const body = card.querySelector("[data-about-body]");
    if (!about || !body) return;
    about.replaceChildren(...[...body.cloneNode(true).childNodes]);
    about.querySelectorAll("[id]").forEach((e) => e.removeAttribute("id"));
    about.hidden = false;
  }

  page.addEventListener("focusin", (event) => {
    const card = event.target.closest("[data-criterion]");
    if (card) moveTo(card, { focus: false });
  });
  page.addEventListener("click", (event) => {
    const card = event.target.closest("[data-criterion]");
    if (card) moveTo(card, { focus: false });
  });

  /* What changes with a rating beside the ladder itself. */
  let refresh = 0;
  page.addEventListener("kloe:saved", (event) => {
    const card = event.target.closest("[data-criterion]");
    if (card) card.classList.toggle("placed", Boolean(event.detail.placed));
    clearTimeout(refresh);
    refresh = setTimeout(() => document.body.dispatchEvent(new CustomEvent("kloe-rated")), 600);
  });

  const typing = (element) =>
    element.matches("textarea, select, [contenteditable]") ||
    (element.matches("input") && !["radio", "checkbox", "button", "submit"].includes(element.type));

  function step(by) {
    const all = cards();
    const at = all.indexOf(here());
    moveTo(all[at < 0 ? 0 : Math.max(0, Math.min(all.length - 1, at + by))]);
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === "Escape" && typing(event.target)) {
      const card = event.target.closest("[data-criterion]");
      if (card) { card.focus({ preventScroll: true }); event.preventDefault(); }
      return;
    }
    if (!keysOn() || typing(event.target)) return;
    if (document.querySelector("dialog[open]") && event.key !== "?") return;
    const card = here();
    const form = card?.querySelector("form[data-save]");
    if (event.key === "j" || event.key === "n") step(1);
    else if (event.key === "k" || event.key === "p") step(-1);
    else if (event.key === "?") document.getElementById("keys")?.showModal();
    else if (!card) return;
    else if (/^[0-9]$/.test(event.key)) {
      const radio = form?.querySelector(`input[data-key="${event.key}"]`);
      if (event.key === "0") form && window.kloeSave.saveWith(form, [["reason", form.elements.reason.value]]);
      else if (radio) {
        radio.checked = true;
        radio.dispatchEvent(new Event("change", { bubbles: true }));
      } else return;
    } else if (event.key === "r") form?.elements.reason?.focus();
    else if (event.key === "e") card.querySelector("[data-add-evidence]")?.click();
    else if (event.key === "u") { if (!event.repeat) undo(card); }
    else return;
    event.preventDefault();
  });

  function undo(card) {
    const form = card.querySelector("form[data-save]");
    if (form && card.dataset.undo) window.kloeSave.undo(form, card.dataset.undo);
  }

  page.addEventListener("click", (event) => {
    const button = event.target.closest("[data-undo-button]");
    if (button) { event.preventDefault(); undo(button.closest("[data-criterion]")); }
  });
  const showKeys = document.querySelector("[data-show-keys]");
  if (showKeys && keysOn()) {
    showKeys.hidden = false;
    showKeys.addEventListener("click", () => document.getElementById("keys")?.showModal());
  }

  const target = location.hash ? document.getElementById(location.hash.slice(1)) : null;
  const first = target?.closest("[data-criterion]") || cards()[0];
  if (first) moveTo(first, { focus: Boolean(target) });
})();
