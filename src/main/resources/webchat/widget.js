// The chat bubble of a web chat. It keeps to a shadow tree of its own, and shows texts as texts, never as markup.
(function (settings) {
  "use strict";
  const script = document.currentScript;
  const door = new URL(script.src).href.replace(/\/widget\.js.*$/, "");
  const storageKey = "caravanserai." + door;
  const PROTOCOL = "caravanserai.webchat.v1";
  const TEXT_MAX = 4000;
  const LONGEST_WAIT = 30000;

  const shown = new Map(); // elements by message id
  const unsent = new Map(); // texts by the ids that this page gave them, until the hub has them
  let socket = null;
  let token = stored();
  let seen = 0;
  let failures = 0;
  let timer = 0;
  let ended = false;

  // ---- what is seen

  const STYLE = `
    :host { all: initial; }
    * { box-sizing: border-box; font: 15px/1.45 system-ui, sans-serif; }
    .chat { position: fixed; bottom: 20px; z-index: 2147483000; color: #1c1c1c; }
    .bottom-right { right: 20px; } .bottom-left { left: 20px; }
    .bubble { width: 56px; height: 56px; border: 0; border-radius: 50%; background: var(--color); color: #fff;
      cursor: pointer; box-shadow: 0 2px 10px #0004; padding: 0; overflow: hidden; }
    .bubble svg { width: 28px; height: 28px; fill: currentColor; display: block; margin: 2px auto 0; }
    .bubble img { width: 100%; height: 100%; object-fit: cover; }
    .bottom-left .bubble { float: left; } .bottom-right .bubble { float: right; }
    .panel { display: flex; flex-direction: column; width: min(370px, calc(100vw - 40px));
      height: min(560px, calc(100vh - 110px)); margin-bottom: 12px; background: #fff; border-radius: 12px;
      box-shadow: 0 6px 28px #0005; overflow: hidden; }
    .panel[hidden] { display: none; }
    header { padding: 12px 16px; background: var(--color); color: #fff; font-weight: 600; }
    .messages { flex: 1; overflow-y: auto; padding: 12px; display: flex; flex-direction: column; gap: 8px; }
    .message { max-width: 85%; padding: 8px 12px; border-radius: 12px; background: #f0f1f3; white-space: pre-wrap;
      overflow-wrap: anywhere; align-self: flex-start; }
    .contact { background: var(--color); color: #fff; align-self: flex-end; }
    .unsent { opacity: .6; } .being-written::after { content: "\\2026"; opacity: .6; }
    .sources { margin-top: 6px; font-size: 12px; opacity: .75; }
    .state { padding: 0 16px; font-size: 12px; color: #8a3b00; min-height: 0; }
    form { display: flex; gap: 8px; padding: 10px; border-top: 1px solid #e4e4e4; }
    textarea { flex: 1; resize: none; border: 1px solid #c9c9c9; border-radius: 8px; padding: 8px; height: 42px; }
    form button { border: 0; border-radius: 8px; padding: 0 14px; background: var(--color); color: #fff; cursor: pointer; }`;

  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "closed" });
  const chat = element("div", "chat " + (settings.position || "bottom-right"));
  chat.style.setProperty("--color", settings.color || "#0b7285");
  root.adoptedStyleSheets = [sheet(STYLE), sheet(settings.customCss || "")]; // which no page's policy forbids
  root.append(chat);
  const panel = element("section", "panel");
  panel.hidden = true;
  panel.setAttribute("role", "dialog");
  panel.setAttribute("aria-label", settings.title || "Chat");
  const messages = element("div", "messages");
  messages.setAttribute("role", "log");
  messages.setAttribute("aria-live", "polite");
  const state = element("div", "state");
  const form = element("form");
  const field = element("textarea");
  field.maxLength = TEXT_MAX;
  field.setAttribute("aria-label", "Message");
  const send = element("button", "", "\u27a4");
  send.setAttribute("aria-label", "Send");
  form.append(field, send);
  panel.append(element("header", "", settings.title || "Chat"), messages, state, form);
  const bubble = element("button", "bubble");
  bubble.type = "button";
  bubble.setAttribute("aria-label", settings.title || "Chat");
  bubble.setAttribute("aria-expanded", "false");
  if (settings.avatarUrl) {
    const avatar = element("img");
    avatar.alt = "";
    avatar.referrerPolicy = "no-referrer";
    avatar.src = settings.avatarUrl;
    bubble.append(avatar);
  } else {
    bubble.append(icon());
  }
  chat.append(panel, bubble);
  if (settings.greeting) {
    messages.append(element("div", "message system", settings.greeting));
  }

  bubble.addEventListener("click", () => {
    panel.hidden = !panel.hidden;
    bubble.setAttribute("aria-expanded", String(!panel.hidden));
    if (!panel.hidden) {
      connect();
      field.focus();
    }
  });
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      bubble.click();
      bubble.focus();
    }
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (text === "") {
      return;
    }
    const id = newId();
    unsent.set(id, text);
    bubbleOf(id, "contact unsent").firstChild.textContent = text;
    field.value = "";
    say(id, text);
    connect();
  });

  function element(name, className, text) {
    const made = document.createElement(name);
    made.className = className || "";
    made.textContent = text || "";
    return made;
  }

  function icon() {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    shape.setAttribute("d", "M4 4h16a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-9l-5 4v-4H4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z");
    svg.append(shape);
    return svg;
  }

  function sheet(css) {
    const made = new CSSStyleSheet();
    made.replaceSync(css);
    return made;
  }

  /** The element of a message, which is made where there is none; its first child is a text. */
  function bubbleOf(id, className) {
    let found = shown.get(id);
    if (!found) {
      found = document.createElement("div");
      found.append(document.createTextNode(""));
      shown.set(id, found);
      messages.append(found);
    }
    found.className = "message " + className;
    messages.scrollTop = messages.scrollHeight;
    return found;
  }

  function remove(id) {
    const found = shown.get(id);
    if (found) {
      found.remove();
      shown.delete(id);
    }
  }

  // ---- what comes

  const on = {
    ready() {
      failures = 0;
      state.textContent = "";
      unsent.forEach((text, id) => say(id, text));
    },
    ack(frame) {
      unsent.delete(frame.id);
      if (shown.has(frame.id)) {
        shown.get(frame.id).classList.remove("unsent");
      }
    },
    message(frame) {
      seen = Math.max(seen, frame.position);
      if (frame.author === "contact") {
        unsent.delete(frame.id);
        bubbleOf(frame.id, "contact").firstChild.textContent = frame.text || "";
        return;
      }
      const bubble = bubbleOf(frame.messageId, frame.author);
      bubble.replaceChildren(document.createTextNode(frame.text || ""));
      if (frame.citations && frame.citations.length > 0) {
        const sources = frame.citations.map((source) => "[" + source.index + "] " + source.documentName);
        bubble.append(element("div", "sources", sources.join("  ")));
      }
      messages.append(bubble); // after what was written while it was being written
      messages.scrollTop = messages.scrollHeight;
    },
    delta(frame) {
      const before = shown.has(frame.messageId) ? shown.get(frame.messageId).firstChild.data : "";
      if (before.length === frame.offset) {
        // else a part was missed, and the whole comes soon
        bubbleOf(frame.messageId, "model being-written").firstChild.data = before + frame.text;
      }
    },
    retract(frame) {
      seen = Math.max(seen, frame.position || 0);
      remove(frame.messageId);
    },
    error(frame) {
      if (frame.code === "again") {
        window.setTimeout(() => unsent.has(frame.id) && say(frame.id, unsent.get(frame.id)), 3000);
      } else {
        unsent.delete(frame.id);
        state.textContent = frame.message;
      }
    },
  };

  // ---- the way to the hub

  function say(id, text) {
    if (socket && socket.readyState === WebSocket.OPEN) {
      socket.send(JSON.stringify({ id: id, text: text }));
    }
  }

  async function connect() {
    if (ended || timer || (socket && socket.readyState <= WebSocket.OPEN)) {
      return;
    }
    timer = -1; // on the way
    try {
      if (!token || failures % 4 === 0) {
        await renew();
      }
      timer = 0;
      open();
    } catch (failed) {
      timer = 0;
      again();
    }
  }

  async function renew() {
    const answer = await fetch(door + "/sessions", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(token ? { token: token } : {}),
    });
    if (answer.status === 403 || answer.status === 404) {
      ended = true;
      state.textContent = "This chat is not available here.";
    }
    if (!answer.ok) {
      throw new Error("no session: " + answer.status);
    }
    token = (await answer.json()).token;
    store(token);
  }

  function open() {
    const url = door.replace(/^http/, "ws") + "/socket?after=" + seen;
    const opened = new WebSocket(url, [PROTOCOL, token]);
    socket = opened;
    opened.onmessage = (event) => {
      const frame = JSON.parse(event.data);
      if (Object.hasOwn(on, frame.type)) {
        on[frame.type](frame);
      }
    };
    opened.onclose = (event) => {
      if (socket !== opened) {
        return;
      }
      socket = null;
      if (event.code === 4401) {
        token = null;
        seen = 0;
      }
      if (event.code === 1009) {
        unsent.clear(); // it would be as large the next time
        state.textContent = "The message is too long.";
      }
      if (event.code === 4404 || event.code === 4409) {
        ended = true;
      }
      if (event.code >= 4000) {
        state.textContent = event.reason;
      }
      again(event.code === 4429 ? LONGEST_WAIT : 0);
    };
  }

  function again(atLeast) {
    if (ended || timer || (panel.hidden && unsent.size === 0)) {
      return;
    }
    failures++;
    const wait = Math.min(LONGEST_WAIT, 500 * 2 ** Math.min(failures, 7)) * (0.5 + Math.random() / 2);
    timer = window.setTimeout(() => {
      timer = 0;
      connect();
    }, Math.max(wait, atLeast || 0));
  }

  function newId() {
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (one) => one.toString(16).padStart(2, "0")).join("");
  }

  function stored() {
    try {
      return window.localStorage.getItem(storageKey);
    } catch (refused) {
      return null; // the page may not store: the conversation ends with it
    }
  }

  function store(value) {
    try {
      window.localStorage.setItem(storageKey, value);
    } catch (refused) {
      console.debug("The chat is not kept beyond this page.", refused);
    }
  }

  if (document.body) {
    document.body.append(host);
  } else {
    document.addEventListener("DOMContentLoaded", () => document.body.append(host));
  }
})(/*SETTINGS*/ {});
