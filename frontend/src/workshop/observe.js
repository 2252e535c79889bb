// Libraries that write English straight into the page, without asking a service: their words are exchanged as they appear.
import { language, look } from './translate.js';

const ATTRIBUTES = ['title', 'aria-label', 'placeholder'];
const WITHOUT_WORDS = /^[^a-zA-Z]*$/;

/** Exchange the words inside `host` where `concerns(element)` says so, now and whenever something changes. It says "some"
 * where what is known stands among names that people gave. */
export function exchange(host, dictionary, concerns) {
  if (language === 'en') return;
  const made = new Set(); // what stands here already in the user's language
  const words = (text, kind) => {
    const bare = text.trim();
    if (WITHOUT_WORDS.test(bare) || made.has(bare)) return text;
    const now = look(dictionary, bare, kind === 'some');
    made.add(now);
    return text.replace(bare, () => now);
  };
  const text = (node) => {
    const kind = node.isConnected && concerns(node.parentElement);
    if (!kind) return;
    const now = words(node.data, kind);
    if (now !== node.data) node.data = now;
  };
  const attributes = (element) => {
    const kind = element.isConnected && concerns(element); // what is gone again concerns nobody
    if (!kind) return;
    for (const name of ATTRIBUTES) {
      const now = element.getAttribute(name) && words(element.getAttribute(name), kind);
      if (now && now !== element.getAttribute(name)) element.setAttribute(name, now);
    }
  };
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return text(node);
    if (node.nodeType !== Node.ELEMENT_NODE) return undefined;
    attributes(node);
    node.childNodes.forEach(walk);
    return undefined;
  };
  walk(host);
  new MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes) {
      if (type === 'characterData') text(target);
      else if (type === 'attributes') attributes(target);
      else addedNodes.forEach(walk);
    }
  }).observe(host, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ATTRIBUTES });
}
