/** Drives one chat's model in the page, and watches what its view makes of it: every element, as soon as it is there. */
(model) => {
  const root = document.querySelector(".chatwidget");
  const NEVER = new Set(
    "applet area audio base bgsound canvas dialog embed font frame frameset iframe link map marquee meta noscript object param portal script source style template title track video".split(" "),
  );
  // Ours have a class of ours, which content is never given.
  const OURS_ONLY = new Set("button details fieldset form input label menu meter option output progress select slot summary svg textarea".split(" "));
  const NO_ADDRESS = new Set("action background cite codebase data dynsrc formaction longdesc lowsrc manifest ping poster srcdoc srcset usemap xlink:href".split(" "));
  const CONTENT_CLASS = /^(?:language-[\w+#.-]+|chatwidget-(?:math|math-display|math-open)|tml-[a-z-]+)$/;
  const violations = new Set();

  const isOurs = (element) =>
    [...element.classList].some((name) => name.startsWith("chatwidget") && !CONTENT_CLASS.test(name));

  const fail = (must, element) => violations.add(`${must}: ${element.cloneNode().outerHTML.slice(0, 200)}`);

  const checkAttribute = (element, { name, value }) => {
    if (name.startsWith("on")) fail("no-script", element);
    if (NO_ADDRESS.has(name)) fail("no-network-before-click", element);
    if (name === "src" && !/^data:image\/(?:png|jpeg|gif|webp);base64,/.test(value)) fail("no-network-before-click", element);
    if (/^(?:id|name)$/.test(name) && !/^chatwidget-[\w-]+$/.test(value)) fail("no-id-or-name-from-content", element);
    if (name.startsWith("data-") && !(isOurs(element) && /^[\w-]*$/.test(value))) fail("no-host-class-or-data-attr", element);
    if (name.includes("command")) fail("no-jupyter-command", element);
    if (name === "style" && !(isOurs(element) && /^[a-z0-9:;.,%() -]*$/.test(value) && !value.includes("url"))) fail("stays-inside-bubble", element);
    if (name === "href" && !/^(?:https?:\/\/|mailto:)/i.test(value)) fail("no-script", element);
  };

  const checkElement = (element) => {
    const name = element.localName;
    if (NEVER.has(name)) fail("no-script", element);
    const isTask = element.matches('input[type="checkbox"][disabled]');
    if (OURS_ONLY.has(name) && !isOurs(element) && !isTask && !element.closest("svg[class^=chatwidget], select")) {
      if (name !== "summary" || !element.closest("details[class^=chatwidget]")) fail("no-form-controls-from-content", element);
    }
    for (const attribute of element.attributes) checkAttribute(element, attribute);
    for (const each of element.classList) {
      if (!each.startsWith("chatwidget") && !CONTENT_CLASS.test(each)) fail("no-host-class-or-data-attr", element);
    }
    if (name === "a" && element.href) {
      if (element.target !== "_blank" || element.rel !== "noopener noreferrer nofollow") fail("links-noopener-noreferrer", element);
    }
  };

  const checkTree = (node) => {
    if (!(node instanceof Element)) return;
    checkElement(node);
    for (const each of node.querySelectorAll("*")) checkElement(each);
  };

  const checkChanges = (changes) => {
    for (const { type, target, addedNodes } of changes) {
      if (type === "attributes") checkElement(target);
      else for (const node of addedNodes) checkTree(node);
    }
  };
  const inside = new MutationObserver(checkChanges);
  inside.observe(root, { subtree: true, childList: true, attributes: true });
  // What gets out of its place gets to the body or the head.
  const outside = new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
      for (const node of addedNodes) {
        const isWild = node instanceof Element && node.matches("script, iframe, object, embed, base, img");
        if (isWild && !root.contains(target)) fail("stays-inside-bubble", node);
      }
    }
  });
  outside.observe(document, { subtree: true, childList: true });

  // The kernel's own state stays out of it.
  model.send = () => {};
  let rev = 1e6;
  const receive = (content) => model.trigger("msg:custom", content, []);
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const message = (id, values) => ({
    id, role: "assistant", content: "", reasoning: "", refusal: "", tool_calls: [], status: "complete", finish_reason: null,
    usage: null, model: null, error: null, error_code: null, timings: { first_token: null, duration: null },
    branch: { index: 0, count: 1 }, ...values,
  });
  const calm = structuredClone(model.get("snapshot").state);

  const load = async (messages, state = {}) => {
    receive({ type: "snapshot", snapshot: { version: 1, rev: ++rev, channel: "test", messages, state: { ...calm, status: "ready", ...state } } });
    await frame();
    for (const details of root.querySelectorAll("details")) details.open = true;
    await frame();
  };

  /** Results are shown with their calls. */
  const SHOWN_CARRIERS = 6;

  /** The messages that carry a text to each place a message can carry one to. */
  const carriers = (text, key) => [
    message(`${key}-a`, { role: "user", content: text }),
    message(`${key}-b`, {
      role: "user",
      content: [
        { type: "text", text },
        { type: "file", file: { filename: text, file_data: "data:text/plain;base64,AAAA" } },
        { type: "image_url", image_url: { url: text } },
        { type: text },
      ],
    }),
    message(`${key}-c`, { content: text, reasoning: text, refusal: text, model: text }),
    message(`${key}-d`, {
      tool_calls: [
        { id: `${key}-1`, name: text, arguments: text },
        { id: `${key}-2`, name: `titled-${key}`, arguments: JSON.stringify({ [text]: text }) },
        { id: text, name: "f", arguments: "{}" },
      ],
    }),
    message(`${key}-e`, { role: "tool", tool_call_id: `${key}-1`, content: text }),
    message(`${key}-f`, { role: "tool", tool_call_id: `${key}-2`, content: "", error: text, status: "error" }),
    message(`${key}-g`, { role: "system", content: text }),
    message(`${key}-h`, { content: text, status: "error", error: text }),
  ];

  const stateWith = (text) => ({
    notice: text,
    queue: [{ id: "q1", text }],
    connection: { kind: "server", model: text, base_url: text, key: text },
    models: { names: [text], error: text, pending: false },
    servers: { found: [{ name: text, base_url: text, models: [text] }], pending: false },
    setup: { system_prompt: text, temperature: null, max_tokens: null },
  });

  /** What is far above the end is on the page once one goes there. */
  const expectMessages = async (count) => {
    const shown = new Set(root.querySelectorAll(".chatwidget-message"));
    if (shown.size < count) {
      root.querySelector(".chatwidget-transcript").scrollTop = 0;
      await frame();
      await frame();
      for (const message of root.querySelectorAll(".chatwidget-message")) shown.add(message);
    }
    if (shown.size < count) violations.add(`${shown.size} messages are shown, not ${count}`);
  };

  const checkText = () => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const { data, parentElement } = walker.currentNode;
      if (data.includes("\u001b") && !parentElement.hidden) fail("shown-or-stripped-not-interpreted", parentElement);
    }
    if (root.scrollWidth > root.clientWidth) violations.add("stays-inside-bubble: the chat is wider than its place");
    for (const element of root.querySelectorAll(".chatwidget-block *")) {
      if (!["static", "relative"].includes(getComputedStyle(element).position)) fail("stays-inside-bubble", element);
    }
  };

  const found = () => {
    checkChanges(inside.takeRecords());
    const all = [...violations];
    violations.clear();
    return all;
  };

  return {
    root,

    /** Many texts at once, as a conversation that is loaded; those of the state one after the other. */
    async whole(texts) {
      const titles = Object.fromEntries(texts.map((text, index) => [`titled-m${index}`, text]));
      const look = { ...calm.look, titles };
      const approvals = texts.map((_, index) => `m${index}-2`);
      await load(texts.flatMap((text, index) => carriers(text, `m${index}`)), { look, approvals });
      checkText();
      await expectMessages(SHOWN_CARRIERS * texts.length);
      for (const text of texts) {
        await load([message("last", { role: "user", content: "a" })], stateWith(text));
        checkText();
      }
      const starters = texts.map((text) => ({ label: text, text }));
      await load([], { look: { ...calm.look, starters } });
      checkText();
      return found();
    },

    /** Texts that grow together, in every place where text grows. */
    async growing(texts) {
      const asked = message("q", { role: "user", content: "a" });
      const empty = (_, index) =>
        message(`s${index}`, { status: "streaming", tool_calls: [{ id: `c${index}`, name: "f", arguments: "" }] });
      await load([asked, ...texts.map(empty)], { status: "streaming" });
      // A paint for each letter, and no waiting for the screen.
      const { requestAnimationFrame } = window;
      window.requestAnimationFrame = (paint) => setTimeout(paint);
      const longest = Math.max(...texts.map((text) => text.length));
      for (let offset = 0; offset < longest; offset++) {
        const ops = texts.flatMap((text, index) => {
          if (offset >= text.length) return [];
          const piece = { op: "text", id: `s${index}`, offset, text: text[offset] };
          const fields = ["content", "reasoning", "refusal"].map((field) => ({ ...piece, field }));
          return [...fields, { ...piece, field: "arguments", call: 0 }];
        });
        receive({ type: "patch", rev: ++rev, ops });
        await new Promise((done) => setTimeout(done));
      }
      window.requestAnimationFrame = requestAnimationFrame;
      receive({ type: "patch", rev: ++rev, ops: texts.map((_, index) => ({ op: "set", id: `s${index}`, values: { status: "complete" } })) });
      await frame();
      checkText();
      await expectMessages(texts.length + 1);
      return found();
    },

    /** One text in one of the places it can get to. */
    async single([text, place]) {
      const carrier = carriers(text, "t")[place];
      await (carrier ? load([carrier]) : load([], { notice: text }));
    },

    clear: () => load([]),

    /** Where a harmless text is seen, to know that all places are places. */
    async places(text) {
      const look = { ...calm.look, titles: { "titled-p": text } };
      await load(carriers(text, "p"), { look });
      const messages = root.innerText.split(text).length - 1;
      await load([message("last", { role: "user", content: "a" })], stateWith(text));
      const state = root.innerText.split(text).length - 1;
      await load([], { look: { ...calm.look, starters: [{ label: text, text }] } });
      return { messages, state, starters: root.innerText.split(text).length - 1 };
    },
  };
}
