// What the panel shows of events, arrows and repetitions.
import { getBusinessObject, is, isAny } from './model.js';
import { named, say } from './translate.js';

const ROOTS = {
  'bpmn:MessageEventDefinition': { type: 'bpmn:Message', reference: 'messageRef', label: 'message' },
  'bpmn:SignalEventDefinition': { type: 'bpmn:Signal', reference: 'signalRef', label: 'signal' },
  'bpmn:EscalationEventDefinition': { type: 'bpmn:Escalation', reference: 'escalationRef', label: 'escalation', code: 'escalationCode' },
  'bpmn:ErrorEventDefinition': { type: 'bpmn:Error', reference: 'errorRef', label: 'errorCode', code: 'errorCode' },
};
// What the services that ask for a consent answer (workflows/README.md): the way behind such a condition is a gate.
const GATES = [['communication_allowed = true', 'gateQuestore'], ['follow_up_allowed = true', 'gateFollowUp']];
const GATE = GATES[0][0];
const TIMERS = ['timeDate', 'timeDuration', 'timeCycle'];

export function eventSections({ model, element, object }) {
  const definition = model.definition(element);
  const fields = definition ? defined(model, element, definition) : [];
  if (is(element, 'bpmn:BoundaryEvent')) {
    fields.push({ id: 'prop-interrupting', kind: 'check', label: say('interrupting'), value: object.get('cancelActivity') !== false, set: (cancelActivity) => model.set(element, { cancelActivity }) });
  }
  return [{ id: 'event', title: say('event'), fields }];
}

function defined(model, element, definition) {
  const type = definition.$type;
  if (type === 'bpmn:TimerEventDefinition') return timer(model, element, definition);
  if (type === 'bpmn:LinkEventDefinition') return [{ id: 'prop-link', label: say('link'), value: definition.get('name'), set: (name) => model.setPart(element, definition, { name: name || undefined }) }];
  if (type === 'bpmn:ConditionalEventDefinition') return [expression(model, element, definition, 'condition', 'condition', { hint: say('conditionHint') })];
  return ROOTS[type] ? [root(model, element, definition, ROOTS[type])] : [];
}

function root(model, element, part, kind) {
  return { id: `prop-${kind.label}`, label: say(kind.label), code: true, value: part.get(kind.reference)?.get('name'), list: model.roots(kind.type).map((each) => each.get('name')), set: (name) => model.setRoot(element, part, kind, name) };
}

export function expression(model, element, part, property, label, more = {}) {
  return { id: `prop-${property}`, kind: 'area', code: true, label: say(label), value: part.get(property)?.get('body'), set: (text) => model.setExpression(element, part, property, text), ...more };
}

export function timer(model, element, definition) {
  const kind = TIMERS.find((name) => definition.get(name)) ?? '';
  const move = (to) => {
    const body = definition.get(kind)?.get('body') ?? { timeDate: 'today()', timeDuration: 'P7D', timeCycle: 'R/P7D' }[to];
    model.together(() => {
      if (kind) model.setPart(element, definition, { [kind]: undefined });
      if (to) model.setExpression(element, definition, to, body);
    });
  };
  const fields = [{ id: 'prop-timer', kind: 'choice', label: say('timerKind'), value: kind, none: say('choose'), options: TIMERS.map((id) => ({ id, name: say(id) })), set: move }];
  if (kind) fields.push(expression(model, element, definition, kind, 'fires', { hint: say('timerHint') }));
  return fields;
}

export function flowSections({ model, element, object, go }) {
  const source = object.get('sourceRef'), gate = { id: 'prop-add-gate', kind: 'button', label: say('addGate'), hint: say('addGateHint'), press: () => addGate(model, element, go) };
  const chooses = isAny(source, ['bpmn:ExclusiveGateway', 'bpmn:InclusiveGateway', 'bpmn:Activity']);
  if (!chooses && !object.get('conditionExpression')) return [{ id: 'flow', title: say('flow'), fields: [gate] }];
  const from = element.source, isDefault = source.get('default') === object;
  const put = (text) => model.setExpression(element, object, 'conditionExpression', text);
  const body = object.get('conditionExpression')?.get('body') ?? '';
  const fields = [{ id: 'prop-default', kind: 'check', label: say('byDefault'), value: isDefault, set: (on) => byDefault(model, element, from, on) }];
  if (!isDefault || body) { // a default way asks none: one that it has can be taken away
    const gates = GATES.map(([id, name]) => ({ id, name: say(name) })), known = gates.some(({ id }) => id === body);
    if (known || !body) fields.push({ id: 'prop-gate', kind: 'choice', label: say('gate'), hint: say('gateHint'), value: known ? body : '', options: gates, set: put });
    fields.push(expression(model, element, object, 'conditionExpression', 'condition', { hint: say('conditionHint'), id: 'prop-condition' }));
  }
  return [{ id: 'flow', title: say('flow'), fields: [...fields, gate] }];
}

/** Draw a consent gate on an arrow: on with the consent, and without it to an end below. One step of undo. */
function addGate(model, flow, go) {
  const { modeling, modeler } = model, shapes = modeler.get('elementFactory'), { canvas } = model;
  const [from, to] = longest(flow.waypoints), middle = { x: Math.round((from.x + to.x) / 2), y: Math.round((from.y + to.y) / 2) };
  let gateway;
  model.together(() => {
    gateway = modeling.createShape(shapes.createShape({ type: 'bpmn:ExclusiveGateway' }), middle, flow);
    if (!gateway.outgoing.length) return; // the arrow is too short to be divided: what is drawn can be joined by hand
    const [on] = gateway.outgoing;
    model.set(gateway, named('gateName'));
    model.setExpression(on, getBusinessObject(on), 'conditionExpression', GATE);
    model.set(on, named('gateYes'));
    const end = modeling.appendShape(gateway, shapes.createShape({ type: 'bpmn:EndEvent' }), { x: gateway.x + gateway.width / 2, y: gateway.y + gateway.height / 2 + 110 }, flow.parent ?? canvas.getRootElement());
    model.set(end, named('gateEnd'));
    const [off] = end.incoming;
    model.set(off, named('gateNo'));
    if (off.label) modeling.moveShape(off.label, { x: off.label.width / 2 + 8, y: 0 }); // beside its arrow
    model.set(gateway, { default: getBusinessObject(off) });
  });
  go(gateway);
}

/** The longest straight piece of an arrow. */
function longest(points) {
  const pieces = points.slice(1).map((point, at) => [points[at], point]);
  const length = ([one, other]) => Math.hypot(one.x - other.x, one.y - other.y);
  return pieces.reduce((best, piece) => (length(piece) > length(best) ? piece : best));
}

function byDefault(model, element, from, on) {
  model.together(() => {
    if (on) model.set(element, { conditionExpression: undefined });
    model.set(from, { default: on ? getBusinessObject(element) : undefined });
  });
}

/** Send and receive tasks name their message themselves. */
export function messageSection({ model, element, object }) {
  const fields = isAny(element, ['bpmn:SendTask', 'bpmn:ReceiveTask']) ? [root(model, element, object, ROOTS['bpmn:MessageEventDefinition'])] : [];
  return { id: 'message', title: say('message'), fields };
}

export function repeatSection({ model, element, object }) {
  const loop = object.get('loopCharacteristics'), section = { id: 'repeats', title: say('repeats'), fields: [] };
  if (!loop) return section;
  if (is(loop, 'bpmn:StandardLoopCharacteristics')) {
    section.fields = [
      expression(model, element, loop, 'loopCondition', 'goesOn'),
      { id: 'prop-most', label: say('most'), type: 'number', value: loop.get('loopMaximum'), set: (value) => model.setPart(element, loop, { loopMaximum: Number(value) || undefined }) },
    ];
  } else {
    section.fields = [expression(model, element, loop, 'loopCardinality', 'times'), expression(model, element, loop, 'completionCondition', 'until')];
  }
  return section;
}
