/** Every text a person can see or hear, by language. A new language is one more table with the same keys. */

const en = {
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

/** @typedef {typeof en} Strings */

/** @type {Strings} */
const es = {
  language: "es",

  conversation: "Conversación",
  empty: "Haz una pregunta para empezar.",
  earlier: (count) => `Mostrar mensajes anteriores (${count})`,
  latest: "Ir al final",
  latestNew: "Texto nuevo: ir al final",

  roles: {
    user: "Tú",
    assistant: "Asistente",
    system: "Sistema",
    developer: "Desarrollador",
    tool: "Resultado de herramienta",
    function: "Resultado de herramienta",
  },
  reasoning: "Razonamiento",
  refusal: "Rechazado",
  sources: "Fuentes",
  parts: { image_url: "[imagen]", input_audio: "[sonido]", file: "[archivo]", other: "[adjunto]" },

  more: "Mostrar más de este texto",
  copy: "Copiar",
  copied: "Copiado",
  wrap: "Ajustar líneas",
  insert: "Insertar debajo",
  inserted: "Insertado",
  task: "Tarea",

  actions: "Acciones",
  edit: "Editar",
  editing: "Editar el mensaje",
  editMoved: "Lo que escribías en un mensaje está ahora en el campo de texto.",
  regenerate: "Responder de nuevo",
  remove: "Borrar desde aquí",
  version: (number, count) => `Versión ${number} de ${count}`,
  previousVersion: (number, count) => `Versión anterior (se ve la ${number} de ${count})`,
  nextVersion: (number, count) => `Versión siguiente (se ve la ${number} de ${count})`,
  details: "Detalles",
  tokens: (all) => `${all} tokens en total`,
  tokensEachWay: (read, written) => `${read} tokens leídos, ${written} escritos`,
  notSentOlder: (count) =>
    count === 1 ? "1 mensaje anterior no enviado" : `${count} mensajes anteriores no enviados`,
  summarized: (count) =>
    count === 1
      ? "1 mensaje anterior enviado como resumen"
      : `${count} mensajes anteriores enviados como resumen`,
  spent: (tokens) => `Toda la conversación: ${tokens}`,
  firstWords: (time) => `primeras palabras a los ${time}`,
  wholeTime: (time) => `${time} en total`,

  thinking: "Pensando…",
  thoughtFor: (time) => `Pensó ${time}`,
  toolCall: (name) => `Llamada a herramienta: ${name}`,
  arguments: "Argumentos",
  result: "Resultado",
  callStates: {
    writing: "escribiéndose…",
    approval: "espera tu decisión",
    running: "en marcha…",
    waiting: "espera su resultado",
    done: "hecha",
    failed: "falló",
    unused: "no ejecutada",
  },
  approval: "Aprobación",
  mayRun: "¿Puede ejecutarse esta herramienta?",
  allowOnce: "Permitir una vez",
  allowAlways: "Permitir siempre",
  refuse: "Rechazar",
  reason: "Motivo (opcional)",

  attached: { sound: "Sonido", file: "Archivo", other: "Adjunto" },
  image: "Imagen",
  enlarge: "Ampliar la imagen",
  close: "Cerrar",
  loadImage: (host) => `Cargar imagen de ${host}`,
  loadLinked: "Cargar la imagen",
  imageFailed: (host) => `No llegó ninguna imagen de ${host}.`,
  imageRefused: "Una imagen de un tipo que no se muestra",

  waiting: "Esperando las primeras palabras…",
  streaming: "Respondiendo…",
  quiet: (seconds) => `Nada nuevo desde hace ${seconds} s; sigo esperando…`,
  noAnswer: "El kernel no responde…",
  stopped: "Detenido.",
  interrupted: "La respuesta se cortó.",
  failed: "Sin respuesta.",
  cutByLength: "La respuesta alcanzó su límite de longitud.",
  cutByFilter: "Un filtro de contenido cortó la respuesta.",
  retry: "Reintentar",
  goOn: "Continuar",
  askToGoOn: "Continúa exactamente donde lo dejaste, sin repetir nada.",

  kernelSilent: "El kernel no responde: está ocupado o ya no existe. Lo que ha llegado se queda aquí.",
  kernelNone:
    "No hay ningún kernel: esta es la conversación tal como se guardó. Ejecuta la celda de nuevo para seguir preguntando.",
  kernelGone:
    "El kernel ya no está: se reinició o terminó. La conversación se queda aquí para leerla y copiarla; ejecuta la celda de nuevo para otro chat.",

  queued: "en cola",
  sending: "enviando…",
  lost: "No entregado: el kernel no responde. Puede estar ocupado o detenido.",
  resend: "Enviar de nuevo",
  takeBack: "Editar",
  retryingIn: (reason, seconds) => `Nuevo intento en ${seconds} s: ${reason}`,
  retryingNow: (reason) => `Nuevo intento: ${reason}`,

  input: "Mensaje",
  placeholder: "Pregunta algo…",
  placeholderDisconnected: "Conecta un modelo",
  placeholderGone: "Sin kernel",
  send: "Enviar",
  stop: "Detener",
  tooLong: "Este texto supera 8 MiB, más de lo que un cuaderno puede transportar. Acórtalo.",

  variables: "Variables del cuaderno",
  variablesFound: (count) => `${count} para elegir`,
  cells: "celdas recientes",
  alongside: (what) => `También se envía: ${what}`,

  attach: "Adjuntar archivos",
  attachments: "Archivos adjuntos",
  removeAttachment: (name) => `Quitar ${name}`,
  reading: "leyendo…",
  pasted: (size) => `Texto pegado, ${size}`,
  pastedToInput: "Mostrar en el campo de texto",
  dropHere: "Suelta los archivos para adjuntarlos",
  folder: (name) => `${name} es una carpeta y no se adjuntó. Elige los archivos que contiene.`,
  fileEmpty: (name) => `${name} está vacío y no se adjuntó.`,
  fileTooLarge: (name, size, limit) =>
    `${name} (${size}) no se adjuntó: un mensaje lleva como máximo ${limit} de archivos en total.`,
  fileKind: (name) =>
    `${name} no se adjuntó: los modelos aceptan imágenes (PNG, JPEG, GIF, WebP), PDF, sonido (WAV, MP3) y texto en UTF-8.`,
  fileUnreadable: (name) => `${name} no se pudo leer y no se adjuntó.`,
  tooMuch:
    "El texto y los archivos superan juntos 8 MiB, más de lo que un cuaderno puede transportar. Quita algo.",
  sendsWhenConnected: "Se enviará en cuanto el modelo esté conectado.",
  notSent: "No enviado: no se pudo conectar. Tu texto se queda aquí.",
  notConnected: "No enviado: aún no hay modelo. Conecta uno arriba y envía de nuevo; tu texto se queda aquí.",

  starters: "Preguntas para empezar",
  height: "Altura del chat",
  heightHint: "Arrastra para cambiar la altura; doble clic para restablecerla",
  fullWindow: "Ventana completa",
  leaveFullWindow: "Salir de la ventana completa (Esc)",

  menu: {
    label: "Menú de la conversación",
    markdown: "Exportar como Markdown",
    html: "Exportar como HTML",
    notebook: "Exportar como cuaderno",
    json: "Exportar como JSON",
    clear: "Vaciar la conversación",
  },
  cleared: "La conversación se vació.",
  deleted: "Se borraron mensajes.",
  undo: "Deshacer",

  models: {
    label: "Modelos",
    choose: (name) => `Modelo: ${name}. Elegir otro`,
    hint: "Busca o escribe un nombre",
    none: "Elige un modelo",
    ends: (name, day) => `${name} se apagará el ${day}: elige otro modelo.`,
    pending: "Preguntando al servidor por sus modelos…",
    other: "Otro servidor…",
  },

  setup: {
    label: "Ajustes de las respuestas",
    prompt: "Instrucciones del sistema",
    promptHint: "Lo que el modelo debe saber o ser en cada respuesta",
    temperature: "Temperatura",
    maxTokens: "Máximo de tokens",
    usual: "lo propio del modelo",
    apply: "Aplicar",
    badTemperature: "La temperatura es un número de 0 a 2, o nada.",
    badMaxTokens: "El máximo de tokens es un número entero desde 1, o nada.",
  },

  noModel: "Sin modelo",
  demo: "modelo demo",
  demoExplained:
    "El modelo de demostración está integrado y funciona sin conexión. Sus respuestas están preparadas; no interviene ninguna IA.",
  change: "Cambiar modelo",

  connectTitle: "Conectar un modelo",
  connectHelp:
    "Cualquier servidor que hable la API de chat de OpenAI. La clave solo queda en la memoria del kernel.",
  baseUrl: "URL base",
  baseUrlHint: "vacío: OpenAI",
  model: "Modelo",
  modelHint: "vacío: el predeterminado",
  key: "Clave de API",
  presets: "Servicios conocidos",
  foundServers: "Servidores en este equipo",
  useServer: (name, model) => (model ? `Usar ${name} (${model})` : `Usar ${name}`),
  keyNotNeeded: "aquí no hace falta",
  itsAddress: "la dirección del servidor",
  keyOpenToAll: "Esta dirección no va cifrada: otros en la red podrían leer la clave.",
  notices: {
    wrong_key: () => "El servidor rechazó esta clave. Revísala o crea otra en el servicio.",
    no_key: () => "El servidor pide una clave: escribe una.",
    wrong_url: (url) => `No hay tal API en ${url}. Revísala; casi todas terminan en /v1.`,
    no_host: (url) => `No se encontró ningún servidor en ${url}. Revisa cómo está escrito su nombre.`,
    refused: (url) => `Nada responde en ${url}. Arranca allí el servidor o revisa el puerto.`,
    no_answer: (url) =>
      `No llegó a tiempo respuesta de ${url}. Comprueba que el servidor funciona y conecta de nuevo.`,
    cors: (url) =>
      `Algo responde en ${url}, pero no permite que esta página le pregunte. Haz que el servidor permita esta página (CORS; en Ollama, OLLAMA_ORIGINS).`,
    preflight: (url) =>
      `Se admite esta página en ${url}, pero no con una clave. Haz que el servidor permita las cabeceras Authorization y Content-Type (en Ollama, OLLAMA_ORIGINS).`,
    mixed_content: (url) =>
      `Esta página llegó por https y el navegador no la deja preguntar por http, como en ${url}. Usa https para el servidor o abre esta página por http.`,
    local_network: (url) =>
      `El navegador no deja a esta página llegar a la red local, ni a ${url}. Permítelo en los ajustes de este sitio y recarga la página.`,
    untrusted: (url) =>
      `Nada responde en ${url}, o el navegador no confía en su certificado. Ábrela en otra pestaña para ver qué dice el navegador.`,
    certificate: (url) =>
      `El certificado que hay en ${url} no es de confianza. Corrige la dirección o indica en SSL_CERT_FILE el archivo de la autoridad que lo firmó.`,
    no_tls: (url) => `No hay TLS en ${url}. Prueba con http:// en lugar de https://.`,
    proxy: (url) => `El proxy no deja llegar a ${url}. Revisa HTTP_PROXY, HTTPS_PROXY y NO_PROXY.`,
    dropped: (url) =>
      `Se cerró la conexión sin respuesta de ${url}. Vuelve a intentarlo o mira el registro del servidor.`,
    unreached: (url) => `No se llegó a ${url}. Revísala, que el servidor funcione y la red.`,
    too_long: () => "La conversación es demasiado larga. Acórtala, bórrala o elige otro modelo.",
    offline: () => "Este equipo no tiene conexión. Conéctate a la red y vuelve a intentarlo.",
    too_many_rounds: () =>
      "El modelo llamó a herramientas muchas veces sin responder. Reintenta para que continúe.",
    not_connected: () => "Aún no hay modelo. Conecta uno y vuelve a intentarlo.",
  },
  faults: {
    model_not_found: "El servidor no ofrece este modelo. Elige otro.",
    not_found:
      "El servidor no conoce este modelo o esta dirección. Revisa el nombre del modelo y la URL base.",
    rejected: "El servidor no aceptó la petición. Revisa el modelo y los ajustes.",
    too_many: "Demasiadas peticiones, o ya no queda crédito. Espera un poco y vuelve a intentarlo.",
    server_fault: "El servidor tiene un problema. Vuelve a intentarlo más tarde.",
    timeout: "El servidor tardó demasiado. Vuelve a intentarlo.",
    empty: "El modelo envió una respuesta vacía. Vuelve a intentarlo.",
    cut_off: "La respuesta se cortó antes de estar completa.",
    environment: "Una variable de entorno no sirve. Corrígela o quítala y pregunta de nuevo.",
  },
  connect: "Conectar",
  connecting: "Conectando…",
  useDemo: "Usar el modelo de demostración",
  cancel: "Cancelar",

  replied: (text) => `Respuesta: ${text}`,
  announcements: "Leído en voz alta",
  answered: "Fin de la respuesta.",
  spokenCode: "Bloque de código.",
  spokenTable: "Tabla.",
  spokenFormula: "fórmula",
};

/** @type {Record<string, Strings>} */
export const TABLES = { en, es };

/**
 * The table for a language tag such as "es-MX"; English where there is none.
 *
 * @param {string} tag
 * @returns {Strings}
 */
export function stringsFor(tag) {
  const language = tag.toLowerCase().split(/[-_]/, 1)[0] ?? "";
  return Object.hasOwn(TABLES, language) ? /** @type {Strings} */ (TABLES[language]) : en;
}
