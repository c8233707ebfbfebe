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
  editMoved: "Your unfinished edit is now in the text field.",
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
    approval: "waiting for approval",
    running: "running…",
    waiting: "waiting for its result",
    done: "done",
    failed: "failed",
    unused: "not run",
  },
  approval: "Approval",
  mayRun: "Run this tool?",
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
  imageFailed: (/** @type {string} */ host) => `No image could be loaded from ${host}.`,
  imageRefused: "Images of this type are not shown",

  waiting: "Waiting for the first words…",
  streaming: "Answering…",
  quiet: (/** @type {number} */ seconds) => `Nothing new for ${seconds} s; still waiting…`,
  noAnswer: "The kernel is not responding…",
  stopped: "Stopped.",
  interrupted: "The answer was cut off.",
  failed: "No answer.",
  cutByLength: "The answer reached its length limit.",
  cutByFilter: "A content filter cut off the answer.",
  retry: "Try again",
  goOn: "Continue",
  askToGoOn: "Continue exactly where you stopped, without repeating anything.",

  kernelSilent: "The kernel is not responding: it may be busy or gone. What has arrived so far stays here.",
  kernelNone: "No kernel is connected: this is the saved conversation. Run the cell again to continue it.",
  kernelGone:
    "The kernel is gone: it was restarted or shut down. You can still read and copy the conversation; run the cell again for a new chat.",

  queued: "queued",
  sending: "sending…",
  lost: "Not delivered: the kernel is not responding. It may be busy or gone.",
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
  tooLong: "This text is over 8 MiB, more than a notebook can handle. Shorten it.",

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
    `${name} (${size}) was not attached: a message can have at most ${limit} of files in total.`,
  fileKind: (/** @type {string} */ name) =>
    `${name} was not attached: models accept images (PNG, JPEG, GIF, WebP), PDF, audio (WAV, MP3) and UTF-8 text.`,
  fileUnreadable: (/** @type {string} */ name) => `${name} could not be read and was not attached.`,
  tooMuch: "Text and files together are over 8 MiB, more than a notebook can handle. Remove something.",
  sendsWhenConnected: "This will be sent as soon as the model is connected.",
  notSent: "Not sent: the connection failed. Your text stays here.",
  notConnected:
    "Not sent: no model is connected yet. Connect one above, then send again; your text stays here.",

  starters: "Suggested questions",
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
      `${name} will be shut down on ${day}: choose another model.`,
    pending: "Asking the server for its models…",
    other: "Another server…",
  },

  setup: {
    label: "Answer settings",
    prompt: "System prompt",
    promptHint: "What the model should know, or who it should be, in every answer",
    temperature: "Temperature",
    maxTokens: "Maximum tokens",
    usual: "model default",
    apply: "Apply",
    badTemperature: "The temperature must be a number from 0 to 2, or empty.",
    badMaxTokens: "The maximum must be a whole number of at least 1, or empty.",
  },

  noModel: "No model",
  demo: "demo model",
  demoExplained: "The demo model is built in and works offline. Its answers are canned; no AI is involved.",
  change: "Change model",

  connectTitle: "Connect a model",
  connectHelp: "Any server with an OpenAI-compatible chat API. The key is kept only in the kernel's memory.",
  baseUrl: "Base URL",
  baseUrlHint: "OpenAI if empty",
  model: "Model",
  modelHint: "the default if empty",
  key: "API key",
  presets: "Known services",
  foundServers: "Servers on this computer",
  useServer: (/** @type {string} */ name, /** @type {string} */ model) =>
    model ? `Use ${name} (${model})` : `Use ${name}`,
  keyNotNeeded: "not needed here",
  itsAddress: "the address of the server",
  keyOpenToAll: "This connection is not encrypted: others on the network could read the key.",
  notices: {
    wrong_key: () => "The server refused this key. Check it, or create a new one with the provider.",
    no_key: () => "The server requires an API key. Enter one.",
    wrong_url: (/** @type {string} */ url) =>
      `There is no chat API at ${url}. Check the address; most end in /v1.`,
    no_host: (/** @type {string} */ url) => `No server was found at ${url}. Check the spelling of its name.`,
    refused: (/** @type {string} */ url) =>
      `Nothing answers at ${url}. Start the server there, or check the port.`,
    no_answer: (/** @type {string} */ url) =>
      `The server at ${url} did not answer in time. Check that it is running, then connect again.`,
    cors: (/** @type {string} */ url) =>
      `The server at ${url} does not accept requests from this page. Allow this page on the server (CORS; for Ollama, set OLLAMA_ORIGINS).`,
    preflight: (/** @type {string} */ url) =>
      `The server at ${url} accepts requests from this page, but not with a key. Allow the headers Authorization and Content-Type on the server (for Ollama, set OLLAMA_ORIGINS).`,
    mixed_content: (/** @type {string} */ url) =>
      `This page was loaded over https, so the browser blocks requests to ${url}, which uses http. Use https for the server, or open this page over http.`,
    local_network: (/** @type {string} */ url) =>
      `The browser does not let this page access the local network, where ${url} is. Allow it in the site settings, then reload the page.`,
    untrusted: (/** @type {string} */ url) =>
      `Nothing answers at ${url}, or the browser does not trust its certificate. Open the address in a new tab and see what the browser reports.`,
    certificate: (/** @type {string} */ url) =>
      `The certificate of ${url} is not trusted. Correct the address, or set SSL_CERT_FILE to the file of the authority that signed it.`,
    no_tls: (/** @type {string} */ url) =>
      `The server at ${url} does not speak TLS. Try http:// instead of https://.`,
    proxy: (/** @type {string} */ url) =>
      `The server at ${url} could not be reached through the proxy. Check HTTP_PROXY, HTTPS_PROXY and NO_PROXY.`,
    dropped: (/** @type {string} */ url) =>
      `The server at ${url} closed the connection without an answer. Try again, or check its log.`,
    unreached: (/** @type {string} */ url) =>
      `The server at ${url} could not be reached. Check the address, the network, and that it is running.`,
    too_long: () => "The conversation is too long. Shorten or clear it, or choose another model.",
    offline: () => "This computer is offline. Connect to the network and try again.",
    too_many_rounds: () =>
      "The model called tools many times without an answer. Try again to let it continue.",
    not_connected: () => "No model is connected yet. Connect one, then try again.",
  },
  // Why an answer failed or is incomplete.
  faults: {
    model_not_found: "The server does not offer this model. Choose another one.",
    not_found:
      "The server does not know this model or this address. Check the name of the model and the base URL.",
    rejected: "The server did not accept the request. Check the model and the settings.",
    too_many: "Too many requests, or no credit left. Wait a moment, then try again.",
    server_fault: "The server has a problem. Try again later.",
    timeout: "The server took too long. Try again.",
    empty: "The model sent an empty answer. Try again.",
    cut_off: "The answer was cut off before it was complete.",
    environment: "An environment variable cannot be used. Correct or unset it, then ask again.",
  },
  connect: "Connect",
  connecting: "Connecting…",
  useDemo: "Use the demo model",
  cancel: "Cancel",

  replied: (/** @type {string} */ text) => `Answer: ${text}`,
  announcements: "Announcements",
  answered: "End of the answer.",
  spokenCode: "Code block.",
  spokenTable: "Table.",
  spokenFormula: "formula",
};
