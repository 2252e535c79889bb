// Reading and changing BPMN elements. Every change is one step of undo.
import { getBusinessObject, is, isAny } from 'bpmn-js/lib/util/ModelUtil';

export { getBusinessObject, is, isAny };

/** The changes of elements, over the services of one modeller. */
export class Model {
  constructor(modeler) {
    const get = (name) => modeler.get(name);
    this.modeler = modeler;
    [this.modeling, this.factory, this.stack, this.registry, this.canvas] = ['modeling', 'bpmnFactory', 'commandStack', 'elementRegistry', 'canvas'].map(get);
    this.stack.register('approdo.together', { preExecute: ({ changes }) => changes() });
  }

  /** Several changes that are undone as one. */
  together(changes) {
    this.stack.execute('approdo.together', { changes });
  }

  own(element, name) {
    return getBusinessObject(element).get(`approdo:${name}`) ?? '';
  }

  setOwn(element, name, value) {
    this.set(element, { [`approdo:${name}`]: value || undefined });
  }

  set(element, properties) {
    this.modeling.updateProperties(element, properties);
  }

  /** Change a part of an element, or a thing that it only names: a process, a timer, a message. */
  setPart(element, part, properties) {
    this.modeling.updateModdleProperties(element, part, properties);
  }

  documentation(part) {
    return part.get('documentation')?.[0]?.text ?? '';
  }

  setDocumentation(element, part, text) {
    const rest = part.get('documentation').slice(1);
    this.setPart(element, part, { documentation: text ? [this.#make('bpmn:Documentation', { text }, part), ...rest] : rest });
  }

  /** The condition, timer or number that a part says as an expression. */
  setExpression(element, part, name, text) {
    this.setPart(element, part, { [name]: text ? this.#make('bpmn:FormalExpression', { body: text }, part) : undefined });
  }

  mappings(element, kind) {
    const values = getBusinessObject(element).get('extensionElements')?.get('values') ?? [];
    return values.filter((one) => one.$type === `approdo:${kind}`).map(({ target = '', expression = '' }) => ({ target, expression }));
  }

  setMappings(element, kind, rows) {
    const object = getBusinessObject(element);
    this.together(() => {
      let extension = object.get('extensionElements');
      const others = (extension?.get('values') ?? []).filter((one) => one.$type !== `approdo:${kind}`);
      if (!extension) {
        extension = this.#make('bpmn:ExtensionElements', { values: [] }, object);
        this.setPart(element, object, { extensionElements: extension });
      }
      const made = rows.map((row) => this.#make(`approdo:${kind}`, row, extension));
      if (!others.length && !made.length) this.setPart(element, object, { extensionElements: undefined });
      else this.setPart(element, extension, { values: [...others, ...made] });
    });
  }

  /** The event's definition, if it has one. */
  definition(element) {
    return getBusinessObject(element).get('eventDefinitions')?.[0];
  }

  /** All messages (signals, errors, escalations) of the file. */
  roots(type) {
    return this.#definitions().get('rootElements').filter((one) => one.$type === type);
  }

  /** Let a part name the message (signal …) of this name; it is made when there is none. */
  setRoot(element, part, { type, reference, code }, name) {
    this.together(() => {
      let root = name && this.roots(type).find((one) => one.get('name') === name);
      if (name && !root) {
        const definitions = this.#definitions();
        root = this.#make(type, code ? { name, [code]: name } : { name }, definitions);
        this.setPart(element, definitions, { rootElements: [...definitions.get('rootElements'), root] });
      }
      this.setPart(element, part, { [reference]: root || undefined });
    });
  }

  /** The process that is drawn: a participant's, or the one of the whole sheet. */
  process(element) {
    const object = getBusinessObject(element ?? this.canvas.getRootElement());
    if (is(object, 'bpmn:Participant')) return object.get('processRef');
    if (is(object, 'bpmn:Collaboration')) return object.get('participants').map((one) => one.get('processRef')).find(Boolean);
    return is(object, 'bpmn:Process') ? object : undefined;
  }

  /** The innermost lane that an element lies in; inside a subprocess, the subprocess's. */
  laneOf(element) {
    const lanes = this.registry.filter((one) => is(one, 'bpmn:Lane'));
    for (let inside = element; inside; inside = inside.parent) {
      const object = getBusinessObject(inside);
      const found = lanes.filter((lane) => getBusinessObject(lane).get('flowNodeRef').includes(object));
      if (found.length) return getBusinessObject(found.at(-1));
    }
    return undefined;
  }

  #definitions() {
    return this.modeler.getDefinitions();
  }

  #make(type, properties, parent) {
    const made = this.factory.create(type, properties);
    made.$parent = parent;
    return made;
  }
}
