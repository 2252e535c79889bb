// The editor of a decision table: dmn-js with our words, our findings, and a draft that is never lost.
import DmnModeler from 'dmn-js/lib/Modeler';
import './dmn-modeler.css';
import { h } from './workshop/dom.js';
import { Frame } from './workshop/frame.js';
import italian from './workshop/italian-dmn.js';
import { exchange } from './workshop/observe.js';
import { Store } from './workshop/store.js';
import { say, speak } from './workshop/translate.js';

const root = document.querySelector('[data-editor]');
const panel = root.querySelector('[data-panel]');
start().catch((error) => console.error(error));

async function start() {
  const { draftUrl, checkUrl, name, secret } = root.dataset, canvas = root.querySelector('[data-canvas]');
  const words = { additionalModules: [speak(italian)] };
  const dmn = new DmnModeler({ container: canvas, drd: words, decisionTable: words, literalExpression: words, boxedExpression: words });
  root.modeler = dmn;
  const store = new Store({ urls: { draft: draftUrl, check: checkUrl }, kind: 'dmn', name, secret, content: async () => (await dmn.saveXML({ format: true })).xml });
  const go = (id) => show(dmn, canvas, id);
  const frame = new Frame(root, store, { flush: leaveCell, reopen: (xml) => open(dmn, xml), go, names: (id) => nameOf(dmn, id) });
  const stacks = new WeakSet();
  const listen = () => {
    const viewer = dmn.getActiveViewer();
    if (!viewer || stacks.has(viewer)) return;
    stacks.add(viewer);
    viewer.on('elements.changed', () => { frame.changed(); able(); });
  };
  const undo = root.querySelector('[data-press="undo"]'), redo = root.querySelector('[data-press="redo"]');
  const stack = () => dmn.getActiveViewer()?.get('commandStack');
  const able = () => { undo.disabled = !stack()?.canUndo(); redo.disabled = !stack()?.canRedo(); };
  dmn.on('views.changed', () => { listen(); able(); views(dmn); });
  frame.press('undo', () => { stack()?.undo(); able(); });
  frame.press('redo', () => { stack()?.redo(); able(); });
  exchange(canvas, italian, (element) => element.closest('.hit-policy, .drill-down-overlay, .bjs-powered-by, .drag-handle, .dms-select, .dms-type-row-field, .view-drd') && 'all');
  let text;
  try {
    await open(dmn, text = await store.open());
  } catch (error) {
    frame.fail(error);
    return;
  }
  store.settle();
  store.addEventListener('findings', () => mark(canvas, store.findings));
  dmn.on('import.done', () => mark(canvas, store.findings));
  root.dataset.ready = '';
  store.look(text);
  frame.check();
}

async function open(dmn, xml) {
  const { warnings } = await dmn.importXML(xml);
  root.warnings = warnings;
  for (const warning of warnings) console.warn(warning.message);
  const table = dmn.getViews().find(({ type }) => type === 'decisionTable') ?? dmn.getViews()[0];
  if (table && dmn.getActiveView() !== table) await dmn.open(table);
}

/** What is being typed in a cell counts. */
function leaveCell() {
  if (root.querySelector('[data-canvas]').contains(document.activeElement)) document.activeElement.blur();
}

/** The decisions of the file, each a press away. */
function views(dmn) {
  const now = dmn.getActiveView();
  panel.replaceChildren(
    h('h2', { class: 'panel-title' }, say('decisions')),
    h('ul', { class: 'views' }, dmn.getViews().map((view) => h('li', {}, h('button', { type: 'button', class: 'button small', 'aria-pressed': String(view === now), onclick: () => dmn.open(view) }, view.type === 'drd' ? say('drd') : view.element.name || view.element.id)))),
    h('p', { class: 'hint' }, say('cellHint')),
  );
}

/** The element with this id anywhere in the file, and the decision that it is in. */
function find(dmn, id) {
  const walk = (element, decision, seen) => {
    if (!element || typeof element !== 'object' || seen.has(element)) return null;
    seen.add(element);
    const inside = element.$type === 'dmn:Decision' ? element : decision;
    if (element.id === id) return { element, decision: inside };
    for (const property of element.$descriptor?.properties ?? []) {
      if (property.isReference) continue;
      for (const child of [element[property.name.replace(/^dmn:/, '')]].flat()) {
        const found = child?.$type && walk(child, inside, seen);
        if (found) return found;
      }
    }
    return null;
  };
  return walk(dmn.getDefinitions(), null, new Set());
}

function nameOf(dmn, id) {
  const found = find(dmn, id);
  if (!found) return null;
  const { element, decision } = found, rules = decision?.decisionLogic?.rule ?? [];
  const row = rules.findIndex((rule) => rule === element || [...(rule.inputEntry ?? []), ...(rule.outputEntry ?? [])].includes(element));
  return row >= 0 ? say('row', { number: row + 1 }) : element.label || element.name || id;
}

async function show(dmn, canvas, id) {
  const found = find(dmn, id), view = dmn.getViews().find(({ element }) => element === found?.decision);
  if (view && dmn.getActiveView() !== view) await dmn.open(view);
  const cell = [...canvas.querySelectorAll('[data-element-id], [data-row-id], [data-col-id]')].find(({ dataset }) => [dataset.elementId, dataset.rowId, dataset.colId].includes(id));
  cell?.scrollIntoView({ block: 'center', inline: 'center' });
  cell?.click();
}

/** Colour what has findings. */
function mark(canvas, findings) {
  for (const cell of canvas.querySelectorAll('[data-level]')) delete cell.dataset.level;
  for (const { element, level, text } of findings) {
    for (const cell of canvas.querySelectorAll(`[data-element-id="${CSS.escape(element ?? '')}"], [data-row-id="${CSS.escape(element ?? '')}"]`)) {
      cell.dataset.level = level;
      cell.title = text;
    }
  }
}
