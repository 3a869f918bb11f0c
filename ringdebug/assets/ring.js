// Keeps the page up to date, and sorts the table in place. The pages work without it.
"use strict";
(() => {
  const state = document.getElementById("live");
  const pause = document.getElementById("pause");
  let source = null;
  let paused = false;

  const main = () => document.getElementById("main");
  const keyOf = (node) => (node.nodeType === Node.ELEMENT_NODE ? node.getAttribute("data-key") : null);

  // morph makes an element equal to another. What is equal already stays, and with it the
  // focus, a selection and what was typed.
  function morph(from, to) {
    if (from.nodeType !== to.nodeType || from.nodeName !== to.nodeName) {
      from.replaceWith(to);
    } else if (from.nodeType !== Node.ELEMENT_NODE) {
      if (from.data !== to.data) from.data = to.data;
    } else if (!from.isEqualNode(to)) {
      morphAttributes(from, to);
      morphChildren(from, to);
    }
  }

  function morphAttributes(from, to) {
    for (const { name } of [...from.attributes]) {
      if (!to.hasAttribute(name)) from.removeAttribute(name);
    }
    for (const { name, value } of to.attributes) {
      if (from.getAttribute(name) !== value) from.setAttribute(name, value);
    }
  }

  // Children with a key stay what they are when their order changes.
  function morphChildren(from, to) {
    const keyed = new Map();
    for (const child of from.children) {
      if (keyOf(child) !== null) keyed.set(keyOf(child), child);
    }
    let at = from.firstChild;
    for (const want of [...to.childNodes]) {
      const key = keyOf(want);
      const have = key !== null ? keyed.get(key) : at && keyOf(at) === null ? at : null;
      if (!have) {
        from.insertBefore(want, at);
        continue;
      }
      if (have === at) at = at.nextSibling;
      else from.insertBefore(have, at);
      morph(have, want);
    }
    while (at) {
      const gone = at;
      at = at.nextSibling;
      gone.remove();
    }
  }

  function update(next) {
    const focused = document.activeElement;
    morph(main(), next);
    if (focused !== document.activeElement && focused.isConnected) focused.focus({ preventScroll: true });
  }

  function say(name, text) {
    if (!state || state.textContent === text) return;
    state.className = "state " + name;
    state.textContent = text;
  }

  function disconnect() {
    if (source) source.close();
    source = null;
  }

  function connect() {
    disconnect();
    const from = main().dataset.events;
    if (!from || paused || document.hidden) return;
    const stream = new EventSource(from);
    source = stream;
    stream.onopen = () => say("on", "Live");
    stream.onmessage = (event) => {
      say("on", "Live");
      const part = document.createElement("template");
      part.innerHTML = event.data;
      update(part.content.firstElementChild);
    };
    stream.onerror = () => {
      if (source !== stream) return;
      say("off", "No connection");
      if (stream.readyState === EventSource.CLOSED) setTimeout(() => source === stream && connect(), 5000);
    };
  }

  async function load(address, remember) {
    try {
      const answer = await fetch(address, { headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(answer.statusText);
      const next = new DOMParser().parseFromString(await answer.text(), "text/html");
      update(document.importNode(next.getElementById("main"), true));
      if (remember) history.pushState(null, "", address);
      connect();
    } catch {
      location.assign(address);
    }
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-sort]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    load(link.href, true);
  });
  addEventListener("popstate", () => main().dataset.events && load(location.href, false));
  document.addEventListener("visibilitychange", connect);
  addEventListener("pagehide", disconnect);
  addEventListener("pageshow", (event) => event.persisted && connect());

  if (pause) {
    pause.hidden = false;
    pause.addEventListener("click", () => {
      paused = !paused;
      pause.textContent = paused ? "Resume" : "Pause";
      if (paused) say("paused", "Paused");
      connect();
    });
  }
  connect();
})();
