// The editor of a form: form-js' canvas and palette with the published subset only, our panel, our words and findings.
import { FormEditor } from '@bpmn-io/form-js-editor';
import './form-editor.css';
import { describe, OFFERED } from './workshop/form-fields.js';
import { Frame } from './workshop/frame.js';
import italian from './workshop/italian-form.js';
import { exchange } from './workshop/observe.js';
import { Panel } from './workshop/panel.js';
import { Store } from './workshop/store.js';
import { language, look, say } from './workshop/translate.js';

const root = document.querySelector('[data-editor]');
/** The canvas without form-js' own panel: ours says the same in the user's language, and what form-js does not know. */
class Editor extends FormEditor {
  _getModules() {
    const own = super._getModules().filter((module) => !module.propertiesPanel);
    return [...own, { propertiesPanel: ['value', { attachTo() {}, detach() {} }], __init__: ['subset'], subset: ['type', Subset] }];
  }
}

/** What is not in the subset is drawn where a draft has it, and offered nowhere. */
class Subset {
  static $inject = ['formFields'];

  constructor(formFields) {
    for (const [type, { config }] of Object.entries(formFields._formFields)) {
      if (language === 'it' && config.name) config.name = look(italian, config.name);
      if (type !== 'default' && !OFFERED.includes(type)) Object.defineProperty(formFields._formFields, type, { enumerable: false });
    }
  }
}

async function start() {
  const { draftUrl, checkUrl, name, lists, secret } = root.dataset, canvas = root.querySelector('[data-canvas]');
  const editor = new Editor({ container: canvas, propertiesPanel: { parent: document.createElement('div') } });
  root.modeler = editor;
  const get = (service) => editor.get(service);
  const store = new Store({ urls: { draft: draftUrl, check: checkUrl }, kind: 'json', name, secret, content: async () => `${JSON.stringify(editor.saveSchema(), null, 2)}\n` });
  const find = (id) => get('formFieldRegistry').getAll().find((field) => field.key === id || field.id === id);
  const go = (id) => {
    const field = find(id);
    if (!field) return;
    get('selection').set(field);
    canvas.querySelector(`[data-id="${CSS.escape(field.id)}"]`)?.scrollIntoView({ block: 'center' });
  };
  const panel = new Panel(root.querySelector('[data-panel]'), () => shown(editor, store, JSON.parse(lists)));
  const open = async (text) => { root.warnings = (await editor.importSchema(JSON.parse(text))).warnings; };
  const frame = new Frame(root, store, { flush: () => panel.flush(), reopen: open, go, names: (id) => (find(id) ? nameOf(find(id)) : null) });
  exchange(canvas, italian, (element) => element !== canvas && kindOf(element));
  let text;
  try {
    await open(text = await store.open());
  } catch (error) {
    frame.fail(error);
    return;
  }
  store.settle();
  const undo = root.querySelector('[data-press="undo"]'), redo = root.querySelector('[data-press="redo"]');
  const able = () => { undo.disabled = !get('commandStack').canUndo(); redo.disabled = !get('commandStack').canRedo(); };
  frame.press('undo', () => get('commandStack').undo());
  frame.press('redo', () => get('commandStack').redo());
  editor.on('commandStack.changed', () => { frame.changed(); able(); panel.redraw(); });
  editor.on('selection.changed', () => panel.redraw());
  store.addEventListener('findings', () => panel.redraw());
  able();
  panel.draw();
  root.dataset.ready = '';
  store.look(text);
  frame.check();
}

function shown(editor, store, lists) {
  const field = editor.get('selection').get() ?? editor.getSchema(), itself = field.type === 'default';
  const about = store.findings.filter(({ element }) => element && !itself && [field.key, field.id].includes(element));
  const edit = (properties) => editor.get('modeling').editFormField(field, properties);
  return describe(field, { edit, lists, findings: about, title: itself ? say('formItself') : nameOf(field) });
}

/** Whose words an element holds: the editor's, or a question's, where only what the editor writes is known. */
function kindOf(element) {
  if (element.closest('.flatpickr-calendar, .gu-mirror')) return null;
  const asked = element.closest('.fjs-form-field') && !element.closest('.fjs-context-pad');
  return asked ? element.closest('input, .fjs-select-placeholder, .fjs-form-field-placeholder') && 'some' : 'all';
}

const nameOf = (field) => field.label || field.dateLabel || field.text?.slice(0, 60) || field.key || field.id;

start().catch((error) => console.error(error));
