// Copies a key, and ticks the choice that a date belongs to. Both can be done by hand.
"use strict";

if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copies]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent);
      button.textContent = "Copied";
    });
  }
}

const until = document.getElementById("id_until");
if (until) {
  const choice = document.querySelector('input[name="life"][value="date"]');
  until.addEventListener("input", () => {
    if (until.value) choice.checked = true;
  });
}
