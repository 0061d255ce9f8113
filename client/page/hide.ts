/** Takes something off the page. A focus in it goes on to `heir`, so that who works by keyboard does not start over. */
export function hide(box: HTMLElement, heir: HTMLElement): void {
  const hadFocus = box.contains(document.activeElement);
  box.hidden = true;
  if (hadFocus) heir.focus();
}
