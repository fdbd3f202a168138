// What the form of a draft does by itself: it saves, counts, and hides what is not asked.
// Without it everything is shown, and every button saves.
"use strict";

{
  const form = document.getElementById("draft");
  const WAIT = 1000;
  const TRY_AGAIN = 10_000;

  // --- Fields that are asked only under a condition: data-shown-when="usecase=MIXED,LOW_VOLUME" ---

  const valueOf = (name) => {
    const field = form.elements[name];
    return field.type === "checkbox" ? (field.checked ? "True" : "False") : field.value;
  };
  const showWhatIsAsked = () => {
    for (const part of form.querySelectorAll("[data-shown-when]")) {
      const [name, values] = part.dataset.shownWhen.split("=");
      part.hidden = !values.split(",").includes(valueOf(name));
    }
  };

  // --- Counting ---

  // GSM 03.38: what fits into 7 bits, and what takes two places of them.
  const GSM =
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ" +
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
  const GSM_TWICE = "^{}\\[~]|€\f";

  // How many parts a message goes out in: [parts, signs that are not GSM]. A sign is never torn.
  const partsOf = (text) => {
    const signs = [...text];
    const foreign = signs.filter((sign) => !GSM.includes(sign) && !GSM_TWICE.includes(sign));
    const places = (sign) => (foreign.length ? sign.length : GSM_TWICE.includes(sign) ? 2 : 1);
    const [alone, together] = foreign.length ? [70, 67] : [160, 153];
    const total = signs.reduce((sum, sign) => sum + places(sign), 0);
    if (total <= alone) return [total ? 1 : 0, foreign];
    let parts = 1;
    let room = together;
    for (const sign of signs) {
      if (places(sign) > room) {
        parts += 1;
        room = together;
      }
      room -= places(sign);
    }
    return [parts, foreign];
  };

  const count = (line) => {
    const field = document.getElementById(line.dataset.counts);
    const { least, most } = field.dataset;
    const text = field.value.trim();
    const length = [...text].length;
    let said = `${length} of ${least ? `${least} to ` : ""}${most} characters`;
    if (length && length < least) said += `, ${least - length} to go`;
    if (length > most) said += `, ${length - most} too many`;
    if ("message" in field.dataset && length) {
      const [parts, foreign] = partsOf(text);
      said += ` · goes out in ${parts} ${parts === 1 ? "part" : "parts"}`;
      if (foreign.length) {
        const signs = [...new Set(foreign)].slice(0, 5).join(" ");
        said += `, shorter ones because of ${signs} (UCS-2)`;
      } else said += " (GSM-7)";
    }
    line.textContent = said;
    line.dataset.fits = length && (length < least || length > most) ? "no" : "yes";
    line.hidden = false;
  };
  const countAll = () => form.querySelectorAll("[data-counts]").forEach(count);

  // --- A model text to begin with ---

  for (const button of form.querySelectorAll("[data-begin]")) {
    const field = document.getElementById(button.dataset.begin);
    const offer = () => {
      button.hidden = field.value.trim() !== "";
    };
    offer();
    field.addEventListener("input", offer);
    button.addEventListener("click", () => {
      field.value = document.getElementById(button.dataset.with).textContent;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.focus();
    });
  }

  // --- Saving ---

  const line = document.getElementById("saved");
  let saved = null; // what the portal has; null while it may have something else
  let timer = 0;
  let under_way = null;
  let leaving = false;

  const written = () => {
    const data = new FormData(form);
    for (const field of form.querySelectorAll("[data-by-hand]")) data.delete(field.name);
    return new URLSearchParams(data);
  };
  const content = () => {
    const data = written();
    data.delete("seen");
    data.delete("csrfmiddlewaretoken");
    return data.toString();
  };
  const say = (text, trouble = false) => {
    line.textContent = text;
    line.toggleAttribute("data-trouble", trouble);
  };

  // The answer is pieces of this very page, each with its id.
  const show = (html) => {
    const answer = new DOMParser().parseFromString(html, "text/html");
    say(answer.getElementById("saved").textContent);
    for (const piece of answer.querySelectorAll("#seen, #steps, .said")) {
      const old = document.getElementById(piece.id);
      if (old && !old.contains(document.activeElement)) old.replaceWith(piece);
    }
    for (const said of form.querySelectorAll(".said")) {
      const field = said.closest(".field").querySelector("input, select, textarea");
      const wrong = said.querySelector(".errorlist") !== null;
      if (wrong) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
  };

  // Marked as htmx marks its requests: without a session the answer is 401, not the way to the door.
  const ask = (options) =>
    fetch(form.action, { ...options, headers: { "HX-Request": "true" }, redirect: "error" });
  const send = (keepalive) => ask({ method: "POST", body: written(), keepalive });

  // Whoever signed in again elsewhere has another token than the one this page was given.
  const sendWithNewToken = async (keepalive, answer) => {
    const page = await ask({});
    if (!page.ok) return page;
    const fresh = new DOMParser().parseFromString(await page.text(), "text/html");
    const token = fresh.querySelector("#draft [name=csrfmiddlewaretoken]");
    if (!token) return answer;
    form.elements.csrfmiddlewaretoken.value = token.value;
    return send(keepalive);
  };

  const save = async (keepalive = false) => {
    clearTimeout(timer);
    if (leaving || content() === saved) return;
    if (under_way) {
      later(WAIT);
      return;
    }
    const now = content();
    let again = TRY_AGAIN;
    try {
      under_way = send(keepalive);
      let answer = await under_way;
      if (answer.status === 403) answer = await sendWithNewToken(keepalive, answer);
      if (answer.ok) {
        show(await answer.text());
        saved = now;
      } else if (answer.status === 401) {
        say(
          "You have been signed out. Your text is still here: sign in in another tab and it will " +
            "be saved.",
          true,
        );
      } else if (answer.status === 409) {
        say(await answer.text(), true);
      } else {
        say(`Not saved: the portal answered with an error (${answer.status}).`, true);
      }
      // Only where it may go well by itself; else with the next change, or on coming back.
      if (answer.status < 500) again = 0;
    } catch {
      say("Not saved: the portal cannot be reached. Your text is still here.", true);
    } finally {
      under_way = null;
    }
    if (again) later(again);
    else if (saved === now && content() !== saved) later(WAIT);
  };
  const later = (milliseconds) => {
    clearTimeout(timer);
    timer = setTimeout(save, milliseconds);
  };

  const keepSaving = () => {
    saved = content();
    form.addEventListener("input", () => later(WAIT));
    form.addEventListener("change", () => save());
    document.addEventListener("visibilitychange", () => save(document.visibilityState === "hidden"));
    window.addEventListener("focus", () => save());
    window.addEventListener("pagehide", () => save(true));
    // What is on its way has to arrive before the button's own POST: it may not know of it.
    form.addEventListener("submit", async (event) => {
      clearTimeout(timer);
      if (!under_way) {
        leaving = true;
        setTimeout(() => (leaving = false), TRY_AGAIN); // should nothing come of it
        return;
      }
      event.preventDefault();
      await under_way.catch(() => null);
      setTimeout(() => form.requestSubmit(event.submitter), 50);
    });
  };

  // Out of the browser's memory comes a page that does not know what was saved since.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });

  form.addEventListener("input", () => {
    showWhatIsAsked();
    countAll();
  });
  showWhatIsAsked();
  countAll();
  if ("autosave" in form.dataset) keepSaving();
}
