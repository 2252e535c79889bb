// Stands in for the package `domify`: style="" in markup is refused by our policy (style-src 'self'); the same
// declarations set one by one through the object model are not.
const SVG = new Set(['g', 'path', 'rect', 'line', 'text', 'circle', 'polygon', 'ellipse', 'polyline']);

export default function domify(markup, doc = document) {
  const tag = /<([\w:]+)/.exec(markup)?.[1];
  if (!tag) return doc.createTextNode(markup);
  const safe = markup.trim().replace(/<[^>]*>/g, (found) => found.replace(/\sstyle=/g, ' data-styled='));
  const template = doc.createElement('template');
  template.innerHTML = SVG.has(tag) ? `<svg xmlns="http://www.w3.org/2000/svg">${safe}</svg>` : safe;
  const root = doc.importNode(SVG.has(tag) ? template.content.firstChild : template.content, true);
  for (const element of root.querySelectorAll('[data-styled]')) {
    element.style.cssText = element.dataset.styled;
    element.removeAttribute('data-styled');
  }
  if (root.childNodes.length === 1) return root.removeChild(root.firstChild);
  const all = doc.createDocumentFragment();
  all.append(...root.childNodes);
  return all;
}
