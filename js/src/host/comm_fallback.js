/**
 * anywidget waits two seconds for the module of a view; to one that comes later, on a busy page, it never lets a message
 * through (0.11, `Runtime.ready`). This takes them from the comm itself, as any other widget does.
 *
 * @param {any} widget the host's own model, not anywidget's face of it
 * @returns {boolean} whether that could be done
 */
export function listenToComm(widget) {
  const base = widget && Object.getPrototypeOf(Object.getPrototypeOf(widget));
  if (typeof widget?.comm?.on_msg !== "function" || typeof base?._handle_comm_msg !== "function")
    return false;
  widget.comm.on_msg(base._handle_comm_msg.bind(widget));
  return true;
}
