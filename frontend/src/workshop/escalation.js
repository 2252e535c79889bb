// What happens when nobody does a task in time: an event on its border that does not interrupt it, and somebody who chases.
import { getBusinessObject, is } from './model.js';
import { named, say } from './translate.js';
import { expression } from './happenings.js';

/** The events on the border that fire after a time, and the offer of another. */
export function latecomers(context) {
  const { model, element, names } = context;
  const fields = (element.attachers ?? []).filter((event) => is(event, 'bpmn:BoundaryEvent')).flatMap((event) => {
    const timer = model.definition(event);
    const kind = timer?.$type === 'bpmn:TimerEventDefinition' && ['timeDuration', 'timeDate'].find((name) => timer.get(name));
    if (!kind) return [];
    const { set, value } = expression(model, event, timer, kind, 'when');
    return [{ id: `prop-late-${event.id}`, kind: 'span', label: say('lateAfter', { name: names(event) }), value, set: (text) => text && set(text) }];
  });
  if (is(element, 'bpmn:UserTask')) fields.push({ id: 'prop-escalate', kind: 'button', label: say('addEscalation'), hint: say('escalationHint'), press: () => escalate(context) });
  return { id: 'late', title: say('late'), fields };
}

/** Draw an escalation below a task: the event, the task of who chases, its end. One step of undo. */
export function escalate({ model, element, go }) {
  const { modeler, modeling } = model, shapes = modeler.get('elementFactory');
  const name = getBusinessObject(element).get('name') ?? '', bottom = element.y + element.height;
  let task;
  model.together(() => {
    const event = modeling.createShape(shapes.createShape({ type: 'bpmn:BoundaryEvent', eventDefinitionType: 'bpmn:TimerEventDefinition', cancelActivity: false }), { x: element.x + element.width - 30, y: bottom }, element, { attach: true });
    model.setExpression(event, model.definition(event), 'timeDuration', 'P7D');
    model.set(event, named('escalationTimer'));
    task = modeling.appendShape(event, shapes.createShape({ type: 'bpmn:UserTask' }), { x: element.x + element.width + 80, y: bottom + 90 }, element.parent);
    model.set(task, { ...named('escalationTask', { name }), 'approdo:due': 'P3D', 'approdo:dueSource': 'model', 'approdo:phase': model.own(element, 'phase') || undefined });
    const end = modeling.appendShape(task, shapes.createShape({ type: 'bpmn:EndEvent' }), { x: task.x + task.width + 70, y: task.y + task.height / 2 }, element.parent);
    model.set(end, named('escalationEnd'));
  });
  go(task);
}
