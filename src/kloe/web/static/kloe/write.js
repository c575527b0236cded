/* Writing a text of the report: a toolbar that sets the signs of Markdown, references inserted by
   one press, undo. Saving is save.js; without any of this it is a text field that is sent. */
(() => {
  "use strict";
  const form = document.querySelector("form.write");
  const field = document.getElementById("text");
  const tools = document.querySelector("[data-tools]");
  if (!form || !field || !tools) return;
  tools.hidden = false;
  const words = tools.dataset.words;
  const live = document.getElementById("live");
  const say = (text) => { if (live) live.textContent = text; };

  /* Typed in as if by hand, so that the browser's own undo takes it back. */
  function put(text, from = field.selectionStart, to = field.selectionEnd) {
    field.focus();
    field.setSelectionRange(from, to);
    if (!document.execCommand("insertText", false, text)) {
      field.setRangeText(text, from, to, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  function around(before, after) {
    const { selectionStart: from, selectionEnd: to, value } = field;
    const chosen = value.slice(from, to);
    if (value.slice(from - before.length, from) === before && value.slice(to, to + after.length) === after) {
      put(chosen, from - before.length, to + after.length);
      field.setSelectionRange(from - before.length, to - before.length);
      return;
    }
    put(before + (chosen || words) + after);
    const begin = from + before.length;
    field.setSelectionRange(begin, begin + (chosen || words).length);
  }

  /* The lines the selection touches, each with a sign before it, or without it where all have it. */
  function lines(sign) {
    const { value } = field;
    const from = value.lastIndexOf("\n", field.selectionStart - 1) + 1;
    const next = value.indexOf("\n", Math.max(field.selectionEnd, from));
    const to = next < 0 ? value.length : next;
    const old = value.slice(from, to).split("\n");
    const bare = old.map((line) => line.replace(/^(#{1,6} |> |- |\d+\. )/, ""));
    const wanted = bare.map((line, n) => (typeof sign === "function" ? sign(n) : sign) + line);
    const made = (old.every((line, n) => line === wanted[n]) ? bare : wanted).join("\n");
    const gap = from > 0 && value[from - 2] !== "\n" && value[from - 1] === "\n" && made !== bare.join("\n") ? "\n" : "";
    put(gap + made, from, to);
    field.setSelectionRange(from + gap.length + made.length, from + gap.length + made.length);
  }

  function block(text) {
    const { value, selectionEnd: at } = field;
    const before = value.slice(0, at), after = value.slice(at);
    const open = !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
    const close = !after ? "\n" : after.startsWith("\n\n") ? "" : after.startsWith("\n") ? "\n" : "\n\n";
    put(open + text + close, at, at);
  }

  function insert(code) {
    const { value, selectionEnd: at } = field;
    const open = at > 0 && /\S/.test(value[at - 1]) && !/[([]/.test(value[at - 1]) ? " " : "";
    put(open + code, at, at);
    say(code);
  }

  const column = tools.dataset.column;
  const marks = {
    heading: () => lines("# "),
    sub: () => lines("## "),
    strong: () => around("**", "**"),
    emphasis: () => around("*", "*"),
    list: () => lines("- "),
    numbers: () => lines((n) => `${n + 1}. `),
    quote: () => lines("> "),
    link() {
      const chosen = field.value.slice(field.selectionStart, field.selectionEnd) || words;
      put(`[${chosen}](https://)`);
      const end = field.selectionEnd - 1;
      field.setSelectionRange(end, end);
    },
    table: () => block(`| ${column} 1 | ${column} 2 |\n|---|---|\n| ${words} | ${words} |`),
  };
  const keys = { b: "strong", i: "emphasis", k: "link" };

  field.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.shiftKey) return;
    const mark = event.altKey ? { 1: "heading", 2: "sub" }[event.key] : keys[event.key.toLowerCase()];
    if (!mark) return;
    event.preventDefault();
    marks[mark]();
  });

  /* One stop for the Tab key; arrows go from button to button. */
  const buttons = [...tools.querySelectorAll("button")];
  const only = (chosen) => buttons.forEach((b) => { b.tabIndex = b === chosen ? 0 : -1; });
  only(buttons[0]);
  tools.addEventListener("keydown", (event) => {
    const here = buttons.indexOf(document.activeElement);
    const to = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (here < 0 || to === undefined) return;
    event.preventDefault();
    const next = buttons[(to + buttons.length) % buttons.length];
    only(next);
    next.focus();
  });
  tools.addEventListener("click", (event) => {
    const button = event.target.closest("[data-md]");
    if (!button) return;
    only(button);
    marks[button.dataset.md]();
  });

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-insert], [data-insert-block], [data-line], [data-undo-text]");
    if (!target) return;
    if (target.dataset.insert) insert(target.dataset.insert);
    else if (target.dataset.insertBlock) { block(target.dataset.insertBlock); say(target.textContent); }
    else if (target.dataset.line) {
      const before = field.value.split("\n").slice(0, Number(target.dataset.line) - 1).join("\n");
      const at = before ? before.length + 1 : 0;
      field.focus();
      field.setSelectionRange(at, at);
    } else { event.preventDefault(); undo(target.dataset.undoText); }
  });

  async function undo(address) {
    await window.kloeSave.undo(form, address);
    if (!form.querySelector("[data-conflict]:not([hidden])")) field.focus();
  }
})();
