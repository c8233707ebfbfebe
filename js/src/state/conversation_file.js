/** A conversation in the format of saved files, for the kernel to continue. Mirrors `_conversation/serialize.py`. */

/** @import { ToolCall, ViewMessage } from "../protocol/messages.js" */

/**
 * Return the messages as the text of a file.
 *
 * @param {readonly ViewMessage[]} messages
 */
export function toConversationFile(messages) {
  return JSON.stringify({
    format: "chatwidget.conversation",
    version: 1,
    active: messages[0]?.id ?? null,
    messages: messages.map((message, index) => ({
      id: message.id,
      parent: messages[index - 1]?.id ?? null,
      active: messages[index + 1]?.id ?? null,
      message: asDict(message),
      ...fieldsOf(message),
    })),
  });
}

/** Return a message as the API takes it. @param {ViewMessage} message */
function asDict({ role, content, refusal, tool_calls, tool_call_id }) {
  return {
    role,
    content,
    ...(refusal && { refusal }),
    ...(tool_calls.length > 0 && { tool_calls: tool_calls.map(asToolCall) }),
    ...(tool_call_id !== undefined && { tool_call_id }),
  };
}

/** @param {ToolCall} call */
const asToolCall = ({ id, name, arguments: json }) => ({
  id,
  type: "function",
  function: { name, arguments: json },
});

/** Return what else a file has of a message, without its branches. @param {ViewMessage} message */
function fieldsOf({ id, role, content, refusal, tool_calls, tool_call_id, branch, left_out, ...fields }) {
  const known = Object.entries(fields).filter(([, value]) => value !== null && value !== "");
  return { ...Object.fromEntries(known), ...(left_out && { left_out: { count: left_out.count } }) };
}
