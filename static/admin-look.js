// Django's autocomplete gives its boxes no names; those who hear the page get that of the label.
"use strict";

const nameBoxes = () => {
  for (const select of document.querySelectorAll("select.admin-autocomplete")) {
    const label = document.querySelector(`label[for="${select.id}"]`);
    const box = select.nextElementSibling;
    if (!label || !box) continue;
    const name = label.textContent.replace(":", "").trim();
    for (const part of box.querySelectorAll(".select2-search__field, [role=combobox], [role=textbox]")) {
      part.setAttribute("aria-label", name);
    }
  }
};

// The boxes are made in a turn of jQuery's own, which may come after the page is loaded.
window.addEventListener("load", () => django.jQuery(nameBoxes));
