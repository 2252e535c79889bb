// The editor of a pathway: bpmn-js with our panel, our words, our findings, and a draft that is never lost.
import BpmnModeler from 'bpmn-js/lib/Modeler';
import TokenSimulation from 'bpmn-js-token-simulation';
import Minimap from 'diagram-js-minimap';
import './modeler.css';
import approdo from './workshop/approdo.json';
import { mark } from './workshop/badges.js';
import { describe } from './workshop/elements.js';
import { Frame } from './workshop/frame.js';
import italian from './workshop/italian-bpmn.js';
import Menus from './workshop/menus.js';
import { Model, getBusinessObject } from './workshop/model.js';
import { exchange } from './workshop/observe.js';
import { Panel } from './workshop/panel.js';
import Room from './workshop/room.js';
import { Store } from './workshop/store.js';
import { look, say, speak } from './workshop/translate.js';

const FONT = { fontFamily: '"Titillium Web", Arial, sans-serif', fontSize: '13px', lineHeight: 1.2 };
const EMPTY = { groups: [], forms: [], services: [], decisions: [], terms: [], phases: [], calls: [], gates: [] };
const LONGEST = 2_000_000; // bytes (engine/xml.py)
const PALETTE = 64; // px at the left edge that the palette covers

const root = document.querySelector('[data-editor]');
start(root).catch((error) => console.error(error));

async function start() {
  const { draftUrl, checkUrl, vocabularyUrl, name, secret } = root.dataset;
  const modeler = new BpmnModeler({
    container: root.querySelector('[data-canvas]'),
    moddleExtensions: { approdo },
    textRenderer: { defaultStyle: FONT, externalStyle: { ...FONT, fontSize: '12px' } },
    additionalModules: [Minimap, TokenSimulation, Menus, Room, speak(italian)],
  });
  root.modeler = modeler; // for whoever looks into it, and for tests
  const model = new Model(modeler), get = (service) => modeler.get(service);
  const named = (element) => nameOf(element), names = (id) => { const found = get('elementRegistry').get(id); return found ? named(found) : null; };
  const go = (target) => show(modeler, target);
  const store = new Store({ urls: { draft: draftUrl, check: checkUrl }, kind: 'bpmn', name, secret, content: () => written(modeler) });
  let vocabulary = EMPTY;
  const panel = new Panel(root.querySelector('[data-panel]'), () => shown(modeler, { model, vocabulary, names: named, go, all: store.findings }));
  const reopen = async (xml) => open(modeler, xml);
  const frame = new Frame(root, store, { flush: () => panel.flush(), reopen, go, names });
  let text;
  try {
    const [xml, found] = await Promise.all([store.open(), words(vocabularyUrl)]);
    vocabulary = found;
    await open(modeler, text = xml);
  } catch (error) {
    frame.fail(error);
    return;
  }
  store.settle();
  modeler.on('commandStack.changed', () => { frame.changed(); panel.redraw(); });
  modeler.on(['selection.changed', 'import.done'], () => panel.redraw());
  store.addEventListener('findings', () => { mark(modeler, store.findings, go); panel.redraw(); });
  tools(frame, modeler);
  exchange(root.querySelector('[data-canvas]'), italian, (element) => element.closest('[class*="bts-"]') && !element.closest('.bts-scope:not([title])') && (element.closest('.bts-text') ? 'some' : 'all'));
  panel.draw();
  root.dataset.ready = '';
  store.look(text);
  frame.check();
}

/** Choices that come with the language of the page. Without them the drawing still works. */
async function words(url) {
  try {
    const reply = await fetch(url, { redirect: 'error' });
    const found = await reply.json();
    const entry = (one) => (typeof one === 'string' ? { id: one, name: one } : one);
    return { ...EMPTY, ...Object.fromEntries(Object.entries(found).map(([kind, list]) => [kind, list.map(entry)])) };
  } catch (error) {
    console.error(error);
    return EMPTY;
  }
}

/** The file, one element a line; without lines where those would make it longer than the server takes. */
async function written(modeler) {
  const { xml } = await modeler.saveXML({ format: true });
  return new Blob([xml]).size <= LONGEST ? xml : (await modeler.saveXML()).xml;
}

async function open(modeler, xml) {
  const { warnings } = await modeler.importXML(xml);
  root.warnings = warnings;
  for (const warning of warnings) console.warn(warning.message);
  fit(modeler.get('canvas'));
  if (modeler.get('canvas').zoom() < 0.6) begin(modeler.get('canvas'), 0.6);
}

/** The whole of it, beside the palette and not behind it. */
function fit(canvas) {
  canvas.zoom('fit-viewport', 'auto');
  const { width } = canvas.viewbox().outer;
  canvas.zoom(canvas.zoom() * (width - PALETTE) / width, 'auto');
  canvas.scroll({ dx: PALETTE / 2, dy: 0 });
}

/** Its upper left corner at this scale, beside the palette: of a large pathway the whole would be unreadable. */
function begin(canvas, scale) {
  const { inner, outer } = canvas.viewbox();
  canvas.viewbox({ x: inner.x - PALETTE / scale, y: inner.y - 20 / scale, width: outer.width / scale, height: outer.height / scale });
}

function shown(modeler, { all, ...context }) {
  const chosen = modeler.get('selection').get().map((element) => element.labelTarget ?? element);
  if (new Set(chosen).size > 1) return { title: say('several', { number: new Set(chosen).size }), sections: [] };
  const element = chosen[0] ?? modeler.get('canvas').getRootElement();
  const about = all.filter((finding) => finding.element && finding.element === getBusinessObject(element)?.id);
  return describe(element, { ...context, findings: about });
}

function nameOf(element) {
  const object = getBusinessObject(element);
  if (!element.parent) return say('process');
  const kind = look(italian, KINDS[object.$type] ?? object.$type.replace('bpmn:', ''));
  return object.get('name') || object.get('text') || kind;
}

const KINDS = {
  'bpmn:UserTask': 'User task', 'bpmn:ManualTask': 'Manual task', 'bpmn:Task': 'Task', 'bpmn:ServiceTask': 'Service task', 'bpmn:BusinessRuleTask': 'Business rule task',
  'bpmn:SendTask': 'Send task', 'bpmn:ReceiveTask': 'Receive task', 'bpmn:CallActivity': 'Call activity', 'bpmn:SubProcess': 'Sub-process', 'bpmn:Transaction': 'Transaction',
  'bpmn:StartEvent': 'Start event', 'bpmn:EndEvent': 'End event', 'bpmn:IntermediateCatchEvent': 'Intermediate event', 'bpmn:IntermediateThrowEvent': 'Intermediate event',
  'bpmn:BoundaryEvent': 'Boundary event', 'bpmn:ExclusiveGateway': 'Exclusive gateway', 'bpmn:InclusiveGateway': 'Inclusive gateway', 'bpmn:ParallelGateway': 'Parallel gateway',
  'bpmn:EventBasedGateway': 'Event-based gateway', 'bpmn:SequenceFlow': 'Sequence flow', 'bpmn:Participant': 'Participant', 'bpmn:Lane': 'Lane', 'bpmn:TextAnnotation': 'Text annotation',
  'bpmn:Group': 'Group', 'bpmn:Association': 'Association', 'bpmn:DataObjectReference': 'Data object reference', 'bpmn:DataStoreReference': 'Data store reference', 'bpmn:ScriptTask': 'Script task',
  'bpmn:ComplexGateway': 'Complex gateway', 'bpmn:AdHocSubProcess': 'Ad-hoc sub-process', 'bpmn:MessageFlow': 'Message flow',
};

/** Choose an element and bring it into view. */
function show(modeler, target) {
  const element = typeof target === 'string' ? modeler.get('elementRegistry').get(target) : target;
  if (!element) return;
  modeler.get('canvas').scrollToElement(element, { top: 120, right: 120, bottom: 120, left: 160 });
  modeler.get('selection').select(element);
}

function tools(frame, modeler) {
  const get = (service) => modeler.get(service);
  frame.press('undo', () => get('commandStack').undo());
  frame.press('redo', () => get('commandStack').redo());
  frame.press('search', (event) => { event.stopPropagation(); get('searchPad').toggle(); }); // a click elsewhere shuts it
  frame.press('bigger', () => get('zoomScroll').stepZoom(1));
  frame.press('smaller', () => get('zoomScroll').stepZoom(-1));
  frame.press('fit', () => fit(get('canvas')));
  frame.press('tokens', () => get('toggleMode').toggleMode());
  const undo = root.querySelector('[data-press="undo"]'), redo = root.querySelector('[data-press="redo"]'), tokens = root.querySelector('[data-press="tokens"]');
  const able = () => { undo.disabled = !get('commandStack').canUndo(); redo.disabled = !get('commandStack').canRedo(); };
  modeler.on('commandStack.changed', able);
  able();
  modeler.on('tokenSimulation.toggleMode', ({ active }) => {
    tokens.textContent = say(active ? 'drawing' : 'tokens');
    root.classList.toggle('trying', active);
  });
}
