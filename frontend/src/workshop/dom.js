/** An element with attributes, properties (`.name`), listeners (`onname`) and children; null children are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  element.made = { properties: {}, listeners: {} };
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('.')) element.made.properties[name.slice(1)] = value;
    else if (value === null || value === undefined || value === false) continue;
    else if (name.startsWith('on')) listen(element, name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  Object.assign(element, element.made.properties);
  return element;
}

function listen(element, type, todo) {
  if (!element.made.listeners[type]) element.addEventListener(type, (event) => element.made.listeners[type](event));
  element.made.listeners[type] = todo;
}

/** Make `old` like `now`, both made by `h`: what can stay stays, so that a press, an open list of choices and what is
 * being typed survive, and what was said `about` the same thing. */
export function become(old, now) {
  if (old.nodeName !== now.nodeName || (old.id ?? '') !== (now.id ?? '')) {
    old.replaceWith(now);
    return;
  }
  if (now.about && old.about === now.about) return;
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== now.data) old.data = now.data;
    return;
  }
  for (const { name } of [...old.attributes]) if (!now.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of now.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  fill(old, [...now.childNodes]);
  for (const [type, todo] of Object.entries(now.made?.listeners ?? {})) listen(old, type, todo);
  const { value, ...properties } = now.made?.properties ?? {};
  const typing = old === document.activeElement && old.value !== old.known;
  if (value !== undefined && !typing && old.value !== String(value)) old.value = value;
  for (const [name, one] of Object.entries(properties)) if (old[name] !== one) old[name] = one;
}

/** Let these be the children of an element. */
export function fill(element, children) {
  const before = [...element.childNodes];
  children.forEach((child, at) => (before[at] ? become(before[at], child) : element.append(child)));
  before.slice(children.length).forEach((left) => left.remove());
}

/** Call `todo` once, `wait` ms after the last call. */
export function later(todo, wait) {
  let timer = 0;
  return () => { clearTimeout(timer); timer = setTimeout(todo, wait); };
}

export function saveFile(name, content, type) {
  const url = URL.createObjectURL(new Blob([content], { type }));
  h('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
