/**
 * Receive messages from the comm itself, as other widgets do.
 *
 * anywidget waits two seconds for a view's module. If it comes later, on a busy page, anywidget never passes a message
 * on (0.11, `Runtime.ready`).
 *
 * @param {any} widget the host's own model, not anywidget's proxy
 * @returns {boolean} true if the model has such a comm
 */
export function listenToComm(widget) {
  const base = widget && Object.getPrototypeOf(Object.getPrototypeOf(widget));
  if (typeof widget?.comm?.on_msg !== "function" || typeof base?._handle_comm_msg !== "function")
    return false;
  widget.comm.on_msg(base._handle_comm_msg.bind(widget));
  return true;
}
