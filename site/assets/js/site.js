// Three comforts for readers with JavaScript; everything on a page can be read without them.
"use strict";

// Copy a formula as LaTeX: what the page says it means (a step's line with its left side), or what was typeset.
(() => {
  const word = (name) => document.querySelector(`meta[name="derivations-${name}"]`)?.content ?? "";
  const copy = async (text) => {
    if (navigator.clipboard?.writeText) return navigator.clipboard.writeText(text);
    // Pages opened from a file have no clipboard interface in some browsers.
    const area = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  };
  for (const box of document.querySelectorAll(".formula[data-copy]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy-tex";
    button.title = word("copy");
    button.setAttribute("aria-label", word("copy"));
    button.textContent = "TeX";
    button.addEventListener("click", async () => {
      await copy(box.dataset.copy);
      button.classList.add("copied");
      button.setAttribute("aria-label", word("copied"));
      setTimeout(() => {
        button.classList.remove("copied");
        button.setAttribute("aria-label", word("copy"));
      }, 1500);
    });
    box.append(button);
  }
})();

// The language switch keeps the place on the page: heading ids are the same in both languages.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[hreflang]");
  if (link) link.hash = location.hash;
}, true);

// A link to a step inside something folded would lead nowhere visible.
(() => {
  const open = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let element = target; element; element = element.parentElement) {
      if (element.tagName === "DETAILS") element.open = true;
    }
  };
  open();
  addEventListener("hashchange", open);
})();

// From file:// a link to a folder would list the folder; from a server its index.html is understood.
if (location.protocol === "file:") {
  for (const link of document.querySelectorAll("a[href]")) {
    if (link.protocol === "file:" && link.pathname.endsWith("/")) link.pathname += "index.html";
  }
}
