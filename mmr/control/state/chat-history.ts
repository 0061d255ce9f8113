/** The last messages of a meeting, as many as fit. */
import { MAX_CHAT_BYTES, MAX_CHAT_MESSAGES } from './limits.ts';
import type { ChatMessage } from './meeting-state.ts';

/** The oldest make room. */
export function withMessage(chat: readonly ChatMessage[], message: ChatMessage): ChatMessage[] {
  return bounded([...chat, message]);
}

export function bounded(chat: readonly ChatMessage[]): ChatMessage[] {
  let first = chat.length;
  let bytes = 0;
  while (first > 0 && chat.length - first < MAX_CHAT_MESSAGES) {
    bytes += sizeBytes(chat[first - 1] as ChatMessage); // within bounds
    if (bytes > MAX_CHAT_BYTES) break;
    first--;
  }
  return chat.slice(first);
}

/** UTF-8. */
export function sizeBytes({ text, fromName, toName = '' }: ChatMessage): number {
  return Buffer.byteLength(text) + Buffer.byteLength(fromName) + Buffer.byteLength(toName);
}
