// The page of a registration: what a reader has opened stays open when news replaces it.
"use strict";

const opened = new Set();

document.addEventListener("toggle", ({ target }) => {
  if (!target.id) return;
  if (target.open) opened.add(target.id);
  else opened.delete(target.id);
}, true);

document.addEventListener("htmx:load", ({ detail }) => {
  for (const found of detail.elt.querySelectorAll("details[id]")) {
    if (opened.has(found.id)) found.open = true;
  }
});

// A link to a request opens it.
const openNamed = () => {
  const named = document.getElementById(location.hash.slice(1));
  if (named instanceof HTMLDetailsElement) named.open = true;
};
window.addEventListener("hashchange", openNamed);
openNamed();
