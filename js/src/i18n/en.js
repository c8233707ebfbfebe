/** The English texts; the other tables have the same keys. */

export const en = {
  language: "en",

  conversation: "Conversation",
  empty: "Ask a question to start.",
  earlier: (/** @type {number} */ count) => `Show earlier messages (${count})`,
  latest: "Jump to latest",
  latestNew: "New text: jump to latest",

  roles: {
    user: "You",
    assistant: "Assistant",
    system: "System",
    developer: "Developer",
    tool: "Tool result",
    function: "Tool result",
  },
  reasoning: "Reasoning",
  refusal: "Refused",
  sources: "Sources",
  parts: { image_url: "[image]", input_audio: "[sound]", file: "[file]", other: "[attachment]" },

  more: "Show more of this text",
  copy: "Copy",
  copied: "Copied",
  wrap: "Wrap",
  insert: "Insert below",
  inserted: "Inserted",
  task: "Task",

  actions: "Actions",
  edit: "Edit",
  editing: "Edit the message",
  editMoved: "What you were writing in a message is in the text field now.",
  regenerate: "Answer again",
  remove: "Delete from here on",
  version: (/** @type {number} */ number, /** @type {number} */ count) => `Version ${number} of ${count}`,
  previousVersion: (/** @type {number} */ number, /** @type {number} */ count) =>
    `Previous version (${number} of ${count} is shown)`,
  nextVersion: (/** @type {number} */ number, /** @type {number} */ count) =>
    `Next version (${number} of ${count} is shown)`,
  details: "Details",
  tokens: (/** @type {string} */ all) => `${all} tokens`,
  tokensEachWay: (/** @type {string} */ read, /** @type {string} */ written) =>
    `${read} tokens read, ${written} written`,
  notSentOlder: (/** @type {number} */ count) =>
    count === 1 ? "1 older message not sent" : `${count} older messages not sent`,
  summarized: (/** @type {number} */ count) =>
    count === 1 ? "1 older message sent as a summary" : `${count} older messages sent as a summary`,
  spent: (/** @type {string} */ tokens) => `The whole conversation: ${tokens}`,
  firstWords: (/** @type {string} */ time) => `first words after ${time}`,
  wholeTime: (/** @type {string} */ time) => `${time} in all`,

  thinking: "Thinking…",
  thoughtFor: (/** @type {string} */ time) => `Thought for ${time}`,
  toolCall: (/** @type {string} */ name) => `Tool call: ${name}`,
  arguments: "Arguments",
  result: "Result",
  callStates: {
    writing: "being written…",
    approval: "waits for you",
    running: "running…",
    waiting: "waits for its result",
    done: "done",
    failed: "failed",
    unused: "not run",
  },
  approval: "Approval",
  mayRun: "May this tool run?",
  allowOnce: "Allow once",
  allowAlways: "Always allow",
  refuse: "Refuse",
  reason: "Reason (optional)",

  attached: { sound: "Sound", file: "File", other: "Attachment" },
  image: "Image",
  enlarge: "Enlarge the image",
  close: "Close",
  loadImage: (/** @type {string} */ host) => `Load image from ${host}`,
  loadLinked: "Load the image",
  imageFailed: (/** @type {string} */ host) => `No image came from ${host}.`,
  imageRefused: "An image of a kind that is not shown",

  waiting: "Waiting for the first words…",
  streaming: "Answering…",
  quiet: (/** @type {number} */ seconds) => `Nothing new for ${seconds} s; still waiting…`,
  noAnswer: "The kernel does not answer…",
  stopped: "Stopped.",
  interrupted: "The answer was cut off.",
  failed: "No answer.",
  cutByLength: "The answer reached its length limit.",
  cutByFilter: "A content filter cut the answer off.",
  retry: "Try again",
  goOn: "Continue",
  askToGoOn: "Continue exactly where you stopped, without repeating anything.",

  kernelSilent: "The kernel does not answer: it is busy, or gone. What has come so far stays here.",
  kernelNone:
    "No kernel is attached: this is the conversation as it was saved. Run the cell again to go on asking.",
  kernelGone:
    "The kernel is gone: it was restarted or has ended. The conversation stays here to be read and copied; run the cell again for a new chat.",

  queued: "queued",
  sending: "sending…",
  lost: "Not delivered: the kernel does not answer. It may be busy or stopped.",
  resend: "Send again",
  takeBack: "Edit",
  retryingIn: (/** @type {string} */ reason, /** @type {number} */ seconds) =>
    `Trying again in ${seconds} s: ${reason}`,
  retryingNow: (/** @type {string} */ reason) => `Trying again: ${reason}`,

  input: "Message",
  placeholder: "Ask something…",
  placeholderDisconnected: "Connect a model first",
  placeholderGone: "No kernel",
  send: "Send",
  stop: "Stop",
  tooLong: "This text is over 8 MiB, which is more than a notebook can carry. Shorten it.",

  variables: "Variables of the notebook",
  variablesFound: (/** @type {number} */ count) => `${count} to choose from`,
  cells: "recent cells",
  alongside: (/** @type {string} */ what) => `Also sent: ${what}`,

  attach: "Attach files",
  attachments: "Attached files",
  removeAttachment: (/** @type {string} */ name) => `Remove ${name}`,
  reading: "reading…",
  pasted: (/** @type {string} */ size) => `Pasted text, ${size}`,
  pastedToInput: "Show in the text field",
  dropHere: "Drop files to attach them",
  folder: (/** @type {string} */ name) => `${name} is a folder and was not attached. Choose the files in it.`,
  fileEmpty: (/** @type {string} */ name) => `${name} is empty and was not attached.`,
  fileTooLarge: (/** @type {string} */ name, /** @type {string} */ size, /** @type {string} */ limit) =>
    `${name} (${size}) was not attached: one message carries at most ${limit} of files in all.`,
  fileKind: (/** @type {string} */ name) =>
    `${name} was not attached: models take images (PNG, JPEG, GIF, WebP), PDF, sound (WAV, MP3) and text in UTF-8.`,
  fileUnreadable: (/** @type {string} */ name) => `${name} could not be read and was not attached.`,
  tooMuch:
    "Text and files are over 8 MiB together, which is more than a notebook can carry. Leave something out.",
  sendsWhenConnected: "This goes out as soon as the model is connected.",
  notSent: "Not sent: connecting did not work. Your text stays here.",
  notConnected: "Not sent: there is no model yet. Connect one above, then send; your text stays here.",

  starters: "Questions to begin with",
  height: "Height of the chat",
  heightHint: "Drag to change the height, double-click to reset it",
  fullWindow: "Full window",
  leaveFullWindow: "Leave full window (Esc)",

  menu: {
    label: "Conversation menu",
    markdown: "Export as Markdown",
    html: "Export as HTML",
    notebook: "Export as a notebook",
    json: "Export as JSON",
    clear: "Clear the conversation",
  },
  cleared: "The conversation was cleared.",
  deleted: "Messages were deleted.",
  undo: "Undo",

  models: {
    label: "Models",
    choose: (/** @type {string} */ name) => `Model: ${name}. Choose another`,
    hint: "Find or type a name",
    none: "Choose a model",
    ends: (/** @type {string} */ name, /** @type {string} */ day) =>
      `${name} will be switched off on ${day}: choose another model.`,
    pending: "Asking the server for its models…",
    other: "Another server…",
  },

  setup: {
    label: "Settings of the answers",
    prompt: "System prompt",
    promptHint: "What the model is to know or to be in every answer",
    temperature: "Temperature",
    maxTokens: "Most tokens",
    usual: "the model's own",
    apply: "Apply",
    badTemperature: "The temperature is a number from 0 to 2, or empty.",
    badMaxTokens: "The most tokens are a whole number from 1, or empty.",
  },

  noModel: "No model",
  demo: "demo model",
  demoExplained: "The demo model is built in and works offline. Its answers are canned; no AI is involved.",
  change: "Change model",

  connectTitle: "Connect a model",
  connectHelp: "Any server that speaks the OpenAI chat API. The key stays in the kernel's memory only.",
  baseUrl: "Base URL",
  baseUrlHint: "empty: OpenAI",
  model: "Model",
  modelHint: "empty: the default",
  key: "API key",
  presets: "Known services",
  foundServers: "Servers on this computer",
  useServer: (/** @type {string} */ name, /** @type {string} */ model) =>
    model ? `Use ${name} (${model})` : `Use ${name}`,
  keyNotNeeded: "not needed here",
  itsAddress: "the address of the server",
  keyOpenToAll: "This address is not encrypted: others on the network could read the key.",
  notices: {
    wrong_key: () => "The server refused this key. Check it, or make a new one with the service.",
    no_key: () => "The server asks for a key: give one.",
    wrong_url: (/** @type {string} */ url) => `There is no such API at ${url}. Check it; most end in /v1.`,
    no_host: (/** @type {string} */ url) => `No server was found at ${url}. Check how its name is spelt.`,
    refused: (/** @type {string} */ url) =>
      `Nothing answers at ${url}. Start the server there, or check the port.`,
    no_answer: (/** @type {string} */ url) =>
      `No answer came in time from ${url}. Check that the server runs, then connect again.`,
    cors: (/** @type {string} */ url) =>
      `Something answers at ${url}, but does not let this page ask it. Have the server allow this page (CORS; for Ollama set OLLAMA_ORIGINS).`,
    preflight: (/** @type {string} */ url) =>
      `This page is let in at ${url}, but not with a key. Have the server allow the headers Authorization and Content-Type (for Ollama set OLLAMA_ORIGINS).`,
    mixed_content: (/** @type {string} */ url) =>
      `This page came over https, and the browser does not let it ask over http, as it would at ${url}. Reach the server over https, or open this page over http.`,
    local_network: (/** @type {string} */ url) =>
      `The browser keeps this page away from the local network, and so from ${url}. Allow it in the settings of this site, then reload the page.`,
    untrusted: (/** @type {string} */ url) =>
      `Nothing answers at ${url}, or the browser does not trust its certificate. Open it in a tab of its own to see what the browser says.`,
    certificate: (/** @type {string} */ url) =>
      `The certificate shown at ${url} is not trusted. Correct the address, or name the file of the authority that signed it in SSL_CERT_FILE.`,
    no_tls: (/** @type {string} */ url) => `There is no TLS at ${url}. Try http:// in place of https://.`,
    proxy: (/** @type {string} */ url) =>
      `The proxy does not let anyone to ${url}. Check HTTP_PROXY, HTTPS_PROXY and NO_PROXY.`,
    dropped: (/** @type {string} */ url) =>
      `The connection was closed without an answer from ${url}. Try again, or look into the server's log.`,
    unreached: (/** @type {string} */ url) =>
      `There was no way to ${url}. Check it, that the server runs, and the network.`,
    too_long: () => "The conversation is too long. Shorten or clear it, or choose another model.",
    offline: () => "This computer is offline. Connect to the network and try again.",
    too_many_rounds: () => "The model called tools many times without an answer. Try again to let it go on.",
    not_connected: () => "There is no model yet. Connect one, then try again.",
  },
  // Why an answer failed or is not whole.
  faults: {
    model_not_found: "The server does not offer this model. Choose another one.",
    not_found:
      "The server does not know this model or this address. Check the name of the model and the base URL.",
    rejected: "The server did not accept the request. Check the model and the settings.",
    too_many: "Too many requests, or no credit left. Wait a little, then try again.",
    server_fault: "The server has a problem. Try again later.",
    timeout: "The server took too long. Try again.",
    empty: "The model sent an empty answer. Try again.",
    cut_off: "The answer was cut off before it was complete.",
    environment: "An environment variable cannot be used. Correct it or take it away, then ask again.",
  },
  connect: "Connect",
  connecting: "Connecting…",
  useDemo: "Use the demo model",
  cancel: "Cancel",

  replied: (/** @type {string} */ text) => `Answer: ${text}`,
  announcements: "Read aloud",
  answered: "End of the answer.",
  spokenCode: "Code block.",
  spokenTable: "Table.",
  spokenFormula: "formula",
};
