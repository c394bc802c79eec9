// Search, filters, colours and copying of a gallery's pages; a classic script, so that pages work from a folder.
"use strict";
(function () {
  const root = document.documentElement;
  const $ = (selector) => document.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];

  // ---- colours: what the system prefers, unless the button was used; pictures follow where both were made.
  const kept = {
    get() { try { return localStorage.getItem("gdviz-theme"); } catch (_) { return null; } },
    set(value) { try { localStorage.setItem("gdviz-theme", value); } catch (_) { /* a browser that keeps nothing */ } },
  };
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme || (system.matches ? "dark" : "light")) === "dark";
  function dress() {
    const theme = isDark() ? "dark" : "light";
    for (const one of all("[data-src-dark],[data-src-light]")) {
      for (const key of ["src", "poster"]) {
        const name = key + theme[0].toUpperCase() + theme.slice(1);
        if (one.dataset[name] && one.getAttribute(key) !== one.dataset[name]) one.setAttribute(key, one.dataset[name]);
      }
    }
    const button = $("#theme");
    if (button) button.setAttribute("aria-pressed", String(isDark()));
  }
  if (kept.get()) root.dataset.theme = kept.get();
  dress();
  system.addEventListener("change", dress);
  if ($("#theme")) {
    $("#theme").addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      kept.set(root.dataset.theme);
      dress();
    });
  }

  // ---- copying
  for (const button of all("button[data-copy]")) {
    button.addEventListener("click", async () => {
      const text = document.getElementById(button.dataset.copy).textContent;
      let done = false;
      try { await navigator.clipboard.writeText(text); done = true; } catch (_) {
        const area = document.createElement("textarea");
        area.value = text;
        document.body.append(area);
        area.select();
        try { done = document.execCommand("copy"); } catch (_) { done = false; }
        area.remove();
        button.focus();
      }
      const said = button.textContent;
      button.textContent = done ? button.dataset.done : button.dataset.failed;
      setTimeout(() => { button.textContent = said; }, 1500);
    });
  }

  // ---- formulas wider than the page are scrolled by keys, too
  function reach() {
    for (const box of all(".formula")) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0; else box.removeAttribute("tabindex");
    }
  }
  addEventListener("resize", reach);
  reach();

  // ---- languages: the same search in the other language
  for (const link of all("nav.languages a")) {
    link.addEventListener("click", () => { link.hash = location.hash; });
  }

  // ---- search and filters; what was asked for stands in the address
  const form = $("form.search");
  root.dataset.ready = "";  // whatever follows is done before anybody can type
  if (!form) return;
  const cards = all(".card").map((card) => ({
    card, words: card.dataset.words.toLowerCase(), tags: new Set(card.dataset.tags.split(" ")),
  }));
  const fold = (text) => text.toLowerCase().normalize("NFC").split(/\s+/).filter(Boolean);
  const asked = () => Object.fromEntries([...new FormData(form)].filter(([, value]) => value));
  function show() {
    const { q = "", ...filters } = asked();
    const words = fold(q), wanted = Object.values(filters);
    let count = 0;
    for (const one of cards) {
      const fits = words.every((word) => one.words.includes(word)) && wanted.every((tag) => one.tags.has(tag));
      one.card.hidden = !fits;
      count += fits;
    }
    for (const chapter of all(".chapter")) chapter.hidden = !chapter.querySelector(".card:not([hidden])");
    $(".count").textContent = count ? form.dataset.count.replace("{n}", count) : form.dataset.none;
  }
  function keep() {
    const hash = new URLSearchParams(asked()).toString();
    history.replaceState(null, "", hash ? "#" + hash : location.pathname + location.search);
  }
  function recall() {
    const given = new URLSearchParams(location.hash.slice(1));
    for (const field of form.elements) if (field.name) field.value = given.get(field.name) || "";
    show();
  }
  form.addEventListener("input", () => { show(); keep(); });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => { show(); keep(); }));
  addEventListener("hashchange", recall);
  recall();
  addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
    if (event.key === "/" && !typing) { event.preventDefault(); form.elements.q.focus(); }
    if (event.key === "Escape" && typing) document.activeElement.blur();
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const links = all(".card:not([hidden]) a"), at = links.indexOf(document.activeElement);
    if (step && at >= 0 && links[at + step]) { event.preventDefault(); links[at + step].focus(); }
  });
})();
