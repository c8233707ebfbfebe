/** The one text that is shown without the view. It stands alone, as the loader does without all other texts. */

const TEXTS = {
  en: "The chat cannot be shown: its view is not saved in this notebook, and no kernel sends it. Run the cell again.",
  es: "No se puede mostrar el chat: su vista no está guardada en este cuaderno y ningún kernel la envía. Ejecuta la celda de nuevo.",
};

/**
 * Return the text in a language, else in English.
 *
 * @param {string} language
 */
export const viewMissing = (language) => (/^es\b/i.test(language) ? TEXTS.es : TEXTS.en);
