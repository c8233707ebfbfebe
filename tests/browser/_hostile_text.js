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
  // A person decides by what these say.
  const NAMES =
    "a, code, .chatwidget-chip, .chatwidget-part, .chatwidget-problem, .chatwidget-option, .chatwidget-model-button, .chatwidget-found-server, .chatwidget-starter, .chatwidget-approval";
  const TURNING = /[\u200E\u200F\u202A-\u202E\u2066-\u2069]/;
  const violations = new Set();

  const isOurs = (element) =>
    [...element.classList].some((name) => name.startsWith("chatwidget") && !CONTENT_CLASS.test(name));

  const fail = (must, element) => violations.add(`${must}: ${element.cloneNode().outerHTML.slice(0, 200)}`);

  const checkAttribute = (element, { name, value }) => {
    if (name.startsWith("on")) fail("no-script", element);
    if (NO_ADDRESS.has(name)) fail("no-network-before-click", element);
    if (name === "src" && !/^data:(?:image\/(?:png|jpeg|gif|webp)|audio\/[a-z\d]+);base64,/.test(value)) fail("no-network-before-click", element);
    if (/^(?:id|name)$/.test(name) && !/^chatwidget-[\w-]+$/.test(value)) fail("no-id-or-name-from-content", element);
    if (name.startsWith("data-") && !(isOurs(element) && /^[\w-]*$/.test(value))) fail("no-host-class-or-data-attr", element);
    if (name.includes("command")) fail("no-jupyter-command", element);
    if (name === "style" && !(isOurs(element) && /^[a-z0-9:;.,%() -]*$/.test(value) && !value.includes("url"))) fail("stays-inside-bubble", element);
    if (name === "href" && !/^(?:https?:\/\/|mailto:)/i.test(value)) fail("no-script", element);
  };

  const checkElement = (element) => {
    const name = element.localName;
    if (NEVER.has(name) && !element.matches("audio.chatwidget-sound")) fail("no-script", element);
    const isTask = element.matches('input[type="checkbox"][disabled]');
    const isField = element.matches("form.chatwidget-connect input");
    if (OURS_ONLY.has(name) && !isOurs(element) && !isTask && !isField && !element.closest("svg[class^=chatwidget], select")) {
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
    for (const target of new Set(changes.map(({ type, target }) => type === "attributes" && target))) {
      if (target) checkElement(target);
    }
    for (const node of changes.flatMap(({ addedNodes }) => [...addedNodes])) checkTree(node);
  };
  const inside = new MutationObserver(checkChanges);
  inside.observe(root, { subtree: true, childList: true, attributes: true });
  // What gets out of its place gets to the body or the head.
  const PARTS_OF_JUPYTERLAB = 'head > script[data-rspack][src^="/static/lab/"]';
  const outside = new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
      for (const node of addedNodes) {
        const isWild = node instanceof Element && node.matches("script, iframe, object, embed, base, img");
        if (isWild && !root.contains(target) && !node.matches(PARTS_OF_JUPYTERLAB)) fail("stays-inside-bubble", node);
      }
    }
  });
  outside.observe(document, { subtree: true, childList: true });

  /** As soon as what was asked for before is done. */
  const soon = () =>
    new Promise((done) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = done;
      port2.postMessage(null);
    });
  const frame = () => new Promise((done) => requestAnimationFrame(() => soon().then(done)));
  /** With a paint for each change, and without the screen: what is not shown is loaded and run just the same. */
  const unseen = async (act) => {
    const { requestAnimationFrame } = window;
    window.requestAnimationFrame = (paint) => void soon().then(paint);
    root.style.display = "none";
    await act();
    root.style.display = "";
    window.requestAnimationFrame = requestAnimationFrame;
  };
  const until = async (isSo) => {
    while (!isSo()) await frame();
  };

  const all = (selector) => [...root.querySelectorAll(selector)];
  const openAll = async () => {
    await frame();
    // What is printed is on the page as a whole.
    window.dispatchEvent(new Event("beforeprint"));
    for (const details of all("details")) details.open = true;
    await frame();
  };

  let rev = 1e6;
  let calm;
  let received;
  /** From now on the kernel's own state stays out of it, also what it was asked for before. */
  const takeOver = () => {
    if (calm) return;
    calm = { ...JSON.parse(model.get("_snapshot").json).state, status: "ready" };
    model.send = () => {};
    const { trigger } = model;
    model.trigger = (name, content, ...more) => {
      const isState = name === "msg:custom" && ["snapshot", "patch"].includes(content.type);
      return isState && content !== received ? model : trigger.call(model, name, content, ...more);
    };
  };
  const receive = (content) => model.trigger("msg:custom", (received = content), []);
  const patch = (...ops) => receive({ type: "patch", rev: ++rev, ops });
  const setState = (values) => patch({ op: "state", values });
  const load = async (messages, state = {}) => {
    takeOver();
    receive({ type: "snapshot", snapshot: { version: 1, rev: ++rev, channel: "test", messages, state: { ...calm, ...state } } });
    await openAll();
  };

  const message = (id, values) => ({
    id, role: "assistant", content: "", reasoning: "", refusal: "", tool_calls: [], status: "complete", finish_reason: null,
    usage: null, model: null, error: null, error_code: null, timings: { first_token: null, duration: null, reasoning: null },
    branch: { index: 0, count: 1 }, ...values,
  });

  /** A name for each place that shows a text as its text; the others have none. */
  const carriers = (text, key) => [
    message(`${key}-a`, { role: "user", content: text("user text") }),
    message(`${key}-b`, {
      role: "user",
      content: [
        { type: "text", text: text("part of a user text") },
        { type: "text", text: `${text("name of a text file")}:\n\`\`\`\n${text("text file")}\n\`\`\`` },
        { type: "file", file: { filename: text("file name"), file_data: "data:text/plain;base64,AAAA" } },
        { type: "input_audio", input_audio: { format: text("kind of sound"), data: "AAAA" } },
        { type: "image_url", image_url: { url: text() } },
        { type: "image_url", image_url: { url: `https://host.example/${text()}` } },
        { type: text("kind of part") },
      ],
    }),
    message(`${key}-c`, {
      content: text("answer"), reasoning: text("reasoning"), refusal: text("refusal"),
      finish_reason: text(), branch: { index: 0, count: 2 },
    }),
    message(`${key}-d`, {
      tool_calls: [
        { id: `${key}-1`, name: text("tool name"), arguments: text("arguments") },
        { id: `${key}-2`, name: `titled-${key}`, arguments: JSON.stringify({ [text("argument")]: text("value") }) },
        { id: text(), name: "f", arguments: "{}" },
      ],
    }),
    message(`${key}-e`, { role: "tool", tool_call_id: `${key}-1`, content: text("result") }),
    message(`${key}-f`, { role: "tool", tool_call_id: `${key}-2`, content: "", error: text("error of a tool"), status: "error" }),
    message(`${key}-g`, { role: "tool", tool_call_id: text(), content: text("result of another call") }),
    message(`${key}-h`, { role: "system", content: text("system prompt of a conversation") }),
    message(`${key}-i`, { content: text("cut answer"), model: text("model name"), status: "interrupted", error: text("error"), error_code: text() }),
  ];
  /** Results are shown with their calls. */
  const SHOWN_CARRIERS = 6;

  const panels = (texts) => ({
    queue: texts.map((text, index) => ({ id: `q${index}`, text: text("queued text") })),
    models: { names: texts.map((text) => text("name in the list of models")), error: null, pending: false },
    servers: {
      found: texts.map((text) => ({ name: text("name of a server"), base_url: text(), models: [text("model of a server")] })),
      pending: false,
    },
  });
  const singles = (text) => ({
    notice: text("notice"),
    connection: { kind: "server", model: text("model in the header"), base_url: text("address"), key: text("mask of a key") },
    models: { names: [], error: text("error of the list of models"), pending: false },
    setup: { system_prompt: text("system prompt"), temperature: null, max_tokens: null },
    retry: { attempt: 1, delay: 0, reason: text("reason of a retry") },
  });

  const checkText = () => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const { data, parentElement } = walker.currentNode;
      if (data.includes("\u001b") && !parentElement.hidden) fail("shown-or-stripped-not-interpreted", parentElement);
    }
    for (const element of all(`${NAMES}, [title], [aria-label]`)) {
      const told = [element.matches(NAMES) ? element.innerText : "", element.title, element.ariaLabel].join();
      if (TURNING.test(told)) fail("shown-or-stripped-not-interpreted", element);
    }
    if (root.scrollWidth > root.clientWidth) violations.add("stays-inside-bubble: the chat is wider than its place");
    for (const element of all(".chatwidget-block *")) {
      if (!["static", "relative"].includes(getComputedStyle(element).position)) fail("stays-inside-bubble", element);
    }
  };

  const expectCount = (selector, count) => {
    const { length } = all(selector);
    if (length !== count) violations.add(`${length} of ${selector}, not ${count}`);
  };

  const found = () => {
    checkChanges(inside.takeRecords());
    const told = [...violations];
    violations.clear();
    return told;
  };

  /** Each panel that opens, one after the other. */
  const openPanels = async (look) => {
    for (const name of ["models", "setup", "menu"]) {
      const panel = root.querySelector(`.chatwidget-${name}[popover]`);
      panel.showPopover();
      // It is filled once it is open.
      await soon();
      await look(panel);
      panel.hidePopover();
    }
  };

  const paste = (files) => {
    const clipboardData = new DataTransfer();
    for (const file of files) clipboardData.items.add(file);
    const options = { clipboardData, bubbles: true, cancelable: true };
    root.querySelector(".chatwidget-composer").dispatchEvent(new ClipboardEvent("paste", options));
  };
  const isRead = () => !root.querySelector(".chatwidget-composer").innerText.includes("reading…");

  /** All that is said and shown. */
  const told = () =>
    [root, ...all("*")].flatMap((element) => [element.title, element.ariaLabel, element.value, element.placeholder]).join("\n") +
    root.textContent;

  return {
    root,

    /** What the kernel has sent: so many messages. */
    async sent(count) {
      do await openAll();
      while (all(".chatwidget-message").length < count);
      checkText();
      return found();
    },

    /** Many texts at once, as a conversation that is loaded, in every place of one. */
    async loaded(texts) {
      const titles = Object.fromEntries(texts.map((text, index) => [`titled-m${index}`, text]));
      const approvals = texts.map((_, index) => `m${index}-2`);
      await load(texts.flatMap((text, index) => carriers(() => text, `m${index}`)), { approvals, look: { ...calm.look, titles } });
      checkText();
      expectCount(".chatwidget-message", SHOWN_CARRIERS * texts.length);
      return found();
    },

    /** Texts in all that is around the messages. */
    async around(texts) {
      const given = texts.map((text) => () => text);
      await load([message("last", { status: "streaming" })], { ...panels(given), notice_code: "wrong_key" });
      expectCount(".chatwidget-found-server", texts.length);
      setState({ setup: { ...calm.setup, system_prompt: texts.join("\n") } });
      await frame();
      await openPanels(checkText);
      await unseen(async () => {
        for (const text of given) {
          setState({ ...singles(text), status: "retrying", notice_code: null });
          await soon();
          setState({ status: "ready", retry: null, notice_code: "wrong_url" });
          await soon();
        }
      });
      checkText();
      const starters = texts.map((text) => ({ label: text, text }));
      await load([], { look: { ...calm.look, starters } });
      expectCount(".chatwidget-starter", texts.length);
      checkText();
      return found();
    },

    /** Files of these names, and of the same with a kind that is not taken. */
    async files(names) {
      await load([]);
      const others = all(".chatwidget-composer .chatwidget-chip").length;
      paste(names.flatMap((name) => [new File(["a"], name), new File(["a"], name, { type: "image/png" })]));
      await until(isRead);
      expectCount(".chatwidget-composer .chatwidget-chip", others + 2 * names.length);
      checkText();
      root.querySelector(".chatwidget-send").click();
      await frame();
      expectCount(".chatwidget-queue .chatwidget-chip", others + 2 * names.length);
      checkText();
      paste(names.flatMap((name) => [new File([], name), new File(["\0"], name)]));
      await until(isRead);
      await frame();
      checkText();
      return found();
    },

    /** Texts that grow together, in every place where text grows. */
    async growing(texts) {
      const asked = message("q", { role: "user", content: "a" });
      const empty = (_, index) => [
        message(`r${index}`, { status: "streaming" }),
        message(`s${index}`, { status: "streaming", tool_calls: [{ id: `c${index}`, name: "f", arguments: "" }] }),
      ];
      await load([asked, ...texts.flatMap(empty)], { status: "streaming" });
      const longest = Math.max(...texts.map((text) => text.length));
      const letter = (offset) => (text, index) => {
        if (offset >= text.length) return [];
        const piece = { op: "text", id: `s${index}`, offset, text: text[offset] };
        const fields = ["content", "refusal"].map((field) => ({ ...piece, field }));
        return [...fields, { ...piece, id: `r${index}`, field: "reasoning" }, { ...piece, field: "arguments", call: 0 }];
      };
      await unseen(async () => {
        for (let offset = 0; offset < longest; offset++) {
          patch(...texts.flatMap(letter(offset)));
          await soon();
        }
      });
      const ends = texts.flatMap((_, index) => [`r${index}`, `s${index}`]).map((id) => ({ op: "set", id, values: { status: "complete" } }));
      patch(...ends);
      await frame();
      checkText();
      expectCount(".chatwidget-message", 2 * texts.length + 1);
      return found();
    },

    /** One text in one of the places it can get to. */
    async single([text, place]) {
      const carrier = carriers(() => text, "t")[place];
      await (carrier ? load([carrier]) : load([], { notice: text }));
    },

    /** What the browser itself takes to show a text, as the yardstick of `single`. */
    async bare(text) {
      const element = document.createElement("pre");
      element.textContent = text;
      root.append(element);
      await frame();
      element.remove();
    },

    clear: () => load([]),

    async look() {
      checkText();
      return found();
    },

    /** The places where a harmless text of its own is not seen: those would hide what they do to others, too. */
    async places() {
      const given = new Map();
      let shown = "";
      const text = (place) => {
        if (place) given.set(place, `harmless ${given.size}.`);
        return given.get(place) ?? "harmless";
      };
      const look = () => {
        shown += told();
      };
      const titles = { "titled-p": text("title of a tool") };
      takeOver();
      await load(carriers(text, "p"), { look: { ...calm.look, titles } });
      look();
      await load([message("last", { status: "streaming" })], { ...panels([text]), notice_code: "wrong_key" });
      await openPanels(look);
      setState({ ...singles(text), status: "retrying" });
      await openPanels(look);
      setState({ ...singles(text), notice_code: "wrong_url" });
      await frame();
      look();
      await load([], { look: { ...calm.look, starters: [{ label: text("starter"), text: text() }] } });
      look();
      return [...given].filter(([, told]) => !shown.includes(told)).map(([place]) => place);
    },
  };
}
