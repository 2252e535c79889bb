// Draws a BPMN model, and what has happened in it, into every [data-viewer].
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import './viewer.css';
import approdo from './workshop/approdo.json';

const FONT = { fontFamily: '"Titillium Web", Arial, sans-serif', fontSize: '13px', lineHeight: 1.2 };
const MARGIN = 12, MARK = 44; // px round the model, and below it for the bpmn.io mark
const READABLE = 0.6; // smaller than this nobody can read the words

for (const element of document.querySelectorAll('[data-viewer]')) show(element);

async function show(element) {
  try {
    await draw(element);
    element.dataset.ready = '';
  } catch (error) {
    fail(element, error);
  }
}

async function draw(element) {
  const { xmlUrl, historyUrl } = element.dataset;
  const [xml, history] = await Promise.all([load(xmlUrl).then((r) => r.text()), historyUrl ? load(historyUrl).then((r) => r.json()) : {}]);
  const viewer = new NavigatedViewer({ container: element, moddleExtensions: { approdo }, textRenderer: { defaultStyle: FONT, externalStyle: { ...FONT, fontSize: '12px' } } });
  await viewer.importXML(xml);
  mark(viewer, history);
  fit(viewer);
  fitAgain(element, viewer);
  offerZoom(element, viewer);
  if (element.dataset.diffUrl) await compare(element, viewer, xml);
  if (element.dataset.replayUrl) offerReplay(element, viewer, history, await load(element.dataset.replayUrl).then((r) => r.json()));
}

async function load(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${answer.status} ${url}`);
  return answer;
}

/** Colour and label the elements that were passed; ids that this version of the model does not have are left out. */
function mark(viewer, history) {
  const canvas = viewer.get('canvas'), overlays = viewer.get('overlays'), elements = viewer.get('elementRegistry');
  for (const [id, { state, label }] of Object.entries(history)) {
    const found = elements.get(id);
    if (!found?.parent) continue; // the sheet itself is no place
    canvas.addMarker(id, `state-${state}`);
    if (isAround(found)) canvas.addMarker(id, 'state-around');
    if (!label) continue;
    const badge = document.createElement('div');
    badge.className = 'diagram-badge';
    badge.textContent = label;
    overlays.add(id, { position: { bottom: 8, left: 4 }, html: badge });
  }
}

const isAround = ({ type }) => /:(Participant|Lane|SubProcess)$/.test(type);

const CHANGES = document.documentElement.lang === 'en'
  ? { added: '+ new', removed: '− taken away', changed: '≠ changed', moved: '↔ moved' }
  : { added: '+ nuovo', removed: '− tolto', changed: '≠ cambiato', moved: '↔ spostato' };

/** What a draft makes of the version before (`data-before-url`): found by bpmn-js-differ, shown in colour, by a line of its own
 * and in words. `data-diff-url` answers `{added, removed, changed}`, what our own words name: of a new pathway all there is, else
 * what the library does not follow, such as the lane of a step. What is taken away stands on the version before, which a button shows. */
async function compare(element, viewer, xml) {
  const { diffUrl, beforeUrl } = element.dataset;
  const [named, before] = await Promise.all([load(diffUrl).then((r) => r.json()), beforeUrl ? load(beforeUrl).then((r) => r.text()) : null]);
  const { moved = [], ...drawn } = before ? await compared(viewer.get('moddle'), before, xml) : {};
  const found = new Map();
  for (const changes of [drawn, named, { moved }]) for (const [change, ids] of Object.entries(changes)) for (const id of ids) if (!found.has(id)) found.set(id, change);
  const also = new Set(moved.filter((id) => found.get(id) !== 'moved'));
  const colour = () => mark(viewer, Object.fromEntries([...found].map(([id, state]) => [id, { state, label: words(viewer, id, state, also) }])));
  colour();
  const button = element.parentElement.querySelector('[data-before]');
  if (!button || !before) return;
  const [now, then] = [button.textContent, button.dataset.before];
  let back = false;
  button.addEventListener('click', async () => {
    back = !back;
    await viewer.importXML(back ? before : xml);
    button.textContent = back ? then : now; // the words alone say it: pressed as well would say it twice
    colour();
    fit(viewer);
  });
  button.hidden = false;
}

/** Nothing where the library fails over a file that makes no sense: our own words still colour it. */
async function compared(moddle, before, xml) {
  try {
    const { differences } = await import('./compare.js');
    return await differences(moddle, before, xml);
  } catch (error) {
    console.error(error);
    return {};
  }
}

/** An arrow that only goes another way, and a pool that only grew, say so by their dots: they follow the steps, and words on each would hide the rest. */
function words(viewer, id, state, also) {
  const found = viewer.get('elementRegistry').get(id), follows = found && (found.waypoints || isAround(found));
  if (follows && state === 'moved') return '';
  return also.has(id) && !follows ? `${CHANGES[state]} ${CHANGES.moved}` : CHANGES[state];
}

/** The scale at which the whole model is seen, with a free strip for the mark at the bottom. */
function whole(viewer) {
  const { inner, outer } = viewer.get('canvas').viewbox();
  return Math.min(1, (outer.width - 2 * MARGIN) / inner.width, (outer.height - MARGIN - MARK) / inner.height);
}

/** Centred when there is room, else from its beginning: the rest is a drag away. */
function zoom(viewer, scale) {
  const canvas = viewer.get('canvas'), { inner, outer } = canvas.viewbox();
  const left = Math.max(MARGIN, (outer.width - inner.width * scale) / 2);
  const top = Math.max(MARGIN, (outer.height - MARK - inner.height * scale) / 2);
  canvas.viewbox({ x: inner.x - left / scale, y: inner.y - top / scale, width: outer.width / scale, height: outer.height / scale });
  viewer.fitted = place(viewer);
}

function fit(viewer) {
  zoom(viewer, Math.max(whole(viewer), READABLE));
}

function place(viewer) {
  const { x, y, scale } = viewer.get('canvas').viewbox();
  return `${x} ${y} ${scale}`;
}

/** Fit it anew when its frame has another size, as when a phone is turned, unless a person has moved it since. */
function fitAgain(element, viewer) {
  new ResizeObserver(() => {
    viewer.get('canvas').resized();
    if (place(viewer) === viewer.fitted) fit(viewer);
  }).observe(element);
}

function offerZoom(element, viewer) {
  const scroll = viewer.get('zoomScroll');
  const step = { in: () => scroll.stepZoom(1), out: () => scroll.stepZoom(-1), fit: () => zoom(viewer, whole(viewer)) };
  for (const button of element.parentElement.querySelectorAll('[data-zoom]')) {
    button.hidden = false;
    button.addEventListener('click', step[button.dataset.zoom]);
  }
}

const STATES = ['active', 'late', 'done', 'donelate', 'skipped'].map((state) => `state-${state}`);

/** Step back and forth through what happened: picture n shows the first n beginnings and ends, the last one what is now. */
function offerReplay(element, viewer, history, frames) {
  const tools = element.parentElement.querySelector('[data-replay]');
  if (!tools || !frames.length) return;
  const canvas = viewer.get('canvas'), elements = viewer.get('elementRegistry'), words = tools.querySelector('[data-step-words]');
  let at = frames.length;
  const go = (to) => {
    at = Math.max(0, Math.min(frames.length, to));
    const now = at === frames.length ? Object.entries(history).map(([id, { state }]) => [id, state]) : frames.slice(0, at).map((frame) => [frame.element, frame.state]);
    for (const { element: id } of frames) if (elements.get(id)) for (const state of STATES) canvas.removeMarker(id, state);
    for (const [id, state] of new Map(now)) if (elements.get(id)) canvas.addMarker(id, `state-${state}`);
    const frame = frames[at - 1];
    words.textContent = frame ? `${at}/${frames.length} · ${frame.at} · ${frame.name}${frame.who ? ` · ${frame.who}` : ''}` : `0/${frames.length}`;
  };
  const step = { first: () => go(0), back: () => go(at - 1), on: () => go(at + 1), last: () => go(frames.length) };
  for (const button of tools.querySelectorAll('[data-step]')) button.addEventListener('click', step[button.dataset.step]);
  tools.hidden = false;
}

function fail(element, error) {
  console.error(error);
  element.dataset.failed = '';
  const words = document.createElement('p');
  words.className = 'diagram-failed';
  words.textContent = element.dataset.failedText ?? '';
  element.replaceChildren(words);
}
