import type { ChatEntry } from '../../proto/signalling.ts';
import { textParts } from './chat-text.ts';

const TIME = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

/** One message as it stands in the chat. What people have written is only ever text, or a link that its text names. */
export function chatMessage(message: ChatEntry, self: string): HTMLElement {
  const { from, fromName, to, toName, text, sentMs } = message;
  const article = document.createElement('article');
  article.className = 'message';
  article.toggleAttribute('data-own', from === self);
  article.toggleAttribute('data-private', to !== undefined);
  const head = document.createElement('header');
  const author = document.createElement('b');
  author.dir = 'auto';
  author.textContent = from === self ? 'You' : fromName;
  head.append(author);
  if (to !== undefined) {
    const mark = document.createElement('span');
    mark.className = 'message-to';
    mark.dir = 'auto';
    mark.textContent = to === self ? 'to you alone' : `to ${toName ?? 'one person'} alone`;
    head.append(mark);
  }
  const time = document.createElement('time');
  const sent = new Date(sentMs);
  // Both throw for what is no time.
  if (!Number.isNaN(sent.getTime())) {
    time.dateTime = sent.toISOString();
    time.textContent = TIME.format(sent);
  }
  head.append(time);
  const body = document.createElement('p');
  body.dir = 'auto';
  body.append(...textParts(text).map(({ text: words, href }) => (href === undefined ? words : link(words, href))));
  article.append(head, body);
  return article;
}

function link(text: string, href: string): HTMLAnchorElement {
  const anchor = document.createElement('a');
  anchor.href = href;
  anchor.rel = 'noopener noreferrer nofollow';
  anchor.target = '_blank';
  anchor.textContent = text;
  return anchor;
}
