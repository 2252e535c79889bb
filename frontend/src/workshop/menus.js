// What bpmn-js offers to draw, less what our engine refuses (docs/engine.md), so that nobody draws in vain.
const REPLACE = /script|compensation|complex-gateway|ad-?hoc/i;
const START_OF_PROCESS = /replace-with-(timer|conditional|signal)-start/;
const PALETTE = ['create.data-store'];

class Menus {
  static $inject = ['popupMenu', 'palette', 'contextPad', 'elementFactory', 'create', 'autoPlace'];

  constructor(popupMenu, palette, contextPad, elementFactory, create, autoPlace) {
    Object.assign(this, { elementFactory, create, autoPlace });
    popupMenu.registerProvider('bpmn-replace', 500, this);
    palette.registerProvider(500, this);
    contextPad.registerProvider(500, this);
  }

  getPopupMenuEntries(element) {
    return (entries) => filter(entries, (id) => !REPLACE.test(id) && !(element.type === 'bpmn:StartEvent' && !inEventSubProcess(element) && START_OF_PROCESS.test(id)));
  }

  getPopupMenuHeaderEntries() {
    return (entries) => filter(entries, (id) => !REPLACE.test(id));
  }

  getPaletteEntries() {
    const start = (event) => this.create.start(event, this.#task());
    return (entries) => filter(person(entries, 'create.task', { click: start, dragstart: start }), (id) => !PALETTE.includes(id));
  }

  getContextPadEntries(element) {
    const drag = (event) => this.create.start(event, this.#task(), { source: element });
    const action = { click: () => this.autoPlace.append(element, this.#task()), dragstart: drag };
    return (entries) => filter(person(entries, 'append.append-task', action), (id) => id !== 'append.compensation-activity');
  }

  #task() {
    return this.elementFactory.createShape({ type: 'bpmn:UserTask' });
  }
}

/** A new task is a person's: the most frequent thing to draw, and the one that takes a form and a due date. */
function person(entries, id, action) {
  return entries[id] ? { ...entries, [id]: { ...entries[id], className: 'bpmn-icon-user-task', action } } : entries;
}

const inEventSubProcess = (element) => element.parent?.businessObject?.triggeredByEvent === true;

const filter = (entries, keep) => Object.fromEntries(Object.entries(entries).filter(([id]) => keep(id)));

export default { __init__: ['approdoMenus'], approdoMenus: ['type', Menus] };
