/**
 * The notebook around a view. JupyterLab and Notebook 7 let a widget at it where they were started with
 * `--expose-app-in-browser`; no other host has a way in.
 */

/** @typedef {{ node: HTMLElement, model: { sharedModel: { setSource(source: string): void } } }} Cell */
/** @typedef {{ widgets: readonly Cell[], activeCellIndex: number, activeCell: Cell | null }} Cells */
/** @typedef {{ id: string, node: HTMLElement, content?: Cells }} Panel */

/**
 * @typedef {object} App
 * @property {{ hasCommand(name: string): boolean, execute(name: string): Promise<unknown> }} commands
 * @property {{ widgets(area: string): Iterable<Panel>, activateById(id: string): void }} shell
 */

const INSERT = "notebook:insert-cell-below";

/**
 * What inserts a cell with some code below the one that an element is in, where that can be done.
 *
 * @param {Element} near
 * @returns {((code: string) => Promise<void>) | undefined}
 */
export function cellInserter(near) {
  const app = /** @type {{ jupyterapp?: App }} */ (globalThis).jupyterapp;
  if (!app?.commands?.hasCommand(INSERT)) return undefined;
  const panel = [...app.shell.widgets("main")].find(({ node }) => node.contains(near));
  const cells = panel?.content;
  const index = cells?.widgets?.findIndex(({ node }) => node.contains(near)) ?? -1;
  if (!panel || !cells || index < 0) return undefined;
  return async (code) => {
    app.shell.activateById(panel.id);
    cells.activeCellIndex = index;
    await app.commands.execute(INSERT);
    cells.activeCell?.model.sharedModel.setSource(code);
  };
}
