/** The texts in Spanish. */

/** @type {typeof import("./en.js").en} */
export const es = {
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
    usual: "el del modelo",
    apply: "Aplicar",
    badTemperature: "La temperatura debe ser un número de 0 a 2, o quedar vacía.",
    badMaxTokens: "El máximo debe ser un número entero desde 1, o quedar vacío.",
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
  announcements: "Avisos",
  answered: "Fin de la respuesta.",
  spokenCode: "Bloque de código.",
  spokenTable: "Tabla.",
  spokenFormula: "fórmula",
};
