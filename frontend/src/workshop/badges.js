// The findings beside the elements: a mark on the drawing, with the sentences in its title and, when pressed, in the panel.
import { h } from './dom.js';
import { say } from './translate.js';

/** Exchange all marks for those of these findings. */
export function mark(modeler, findings, go) {
  const overlays = modeler.get('overlays'), registry = modeler.get('elementRegistry'), canvas = modeler.get('canvas');
  overlays.remove({ type: 'approdo-finding' });
  for (const element of registry.getAll()) for (const level of ['error', 'warning']) if (canvas.hasMarker(element, `has-${level}`)) canvas.removeMarker(element, `has-${level}`);
  for (const [id, found] of Map.groupBy(findings.filter(({ element }) => element), ({ element }) => element)) {
    const element = registry.get(id);
    if (!element || element === canvas.getRootElement()) continue;
    const level = found.some((one) => one.level !== 'warning') ? 'error' : 'warning';
    const words = found.map(({ text }) => text).join('\n');
    const badge = h('button', { type: 'button', class: 'finding-badge', 'data-level': level, title: words, 'aria-label': `${say(level)}: ${words}`, onclick: () => go(id) }, String(found.length));
    canvas.addMarker(element, `has-${level}`);
    overlays.add(id, 'approdo-finding', { position: place(element), html: badge, show: { minZoom: 0.2 }, scale: false });
  }
}

/** At the top right; on an arrow, at its middle. */
function place(element) {
  if (!element.waypoints) return { top: -12, right: 10 };
  const middle = element.waypoints[Math.floor(element.waypoints.length / 2)];
  const left = Math.min(...element.waypoints.map(({ x }) => x)), top = Math.min(...element.waypoints.map(({ y }) => y));
  return { left: middle.x - left - 10, top: middle.y - top - 22 };
}
