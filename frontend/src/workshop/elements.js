// What the panel shows of each kind of element: only what our engine does something with (docs/engine.md).
import { latecomers } from './escalation.js';
import { eventSections, flowSections, messageSection, repeatSection } from './happenings.js';
import { getBusinessObject, is, isAny } from './model.js';
import { say } from './translate.js';

const PEOPLE = ['bpmn:UserTask', 'bpmn:ManualTask'];
const TOLD = ['bpmn:ServiceTask', 'bpmn:BusinessRuleTask', 'bpmn:CallActivity', 'bpmn:SubProcess'];
const ANSWERED = ['bpmn:Activity', 'bpmn:IntermediateCatchEvent', 'bpmn:BoundaryEvent'];
const SOURCES = ['model', 'law', 'colleague'];

/** {title, subject, sections} for one element; `findings` are the sentences of the check about it. */
export function describe(element, { model, vocabulary, findings, names, go }) {
  const context = { model, vocabulary, element, object: getBusinessObject(element), names, go };
  const sections = [
    { id: 'findings', title: say('findings'), fields: findings.map(({ text, level }) => ({ kind: 'note', text, level })) },
    ...(is(element, 'bpmn:Participant') || !element.parent ? processSections(context) : [general(context)]),
    ...special(context),
  ];
  return { title: names(element), subject: element.id, sections };
}

function special(context) {
  const { element } = context;
  if (is(element, 'bpmn:SequenceFlow')) return flowSections(context);
  if (is(element, 'bpmn:Lane')) return [{ id: 'who', title: say('who'), fields: [group(context, say('noneF'))] }];
  if (is(element, 'bpmn:Event')) return [...eventSections(context), ...mappings(context)];
  if (is(element, 'bpmn:Gateway')) return [ways(context)];
  if (!is(element, 'bpmn:Activity')) return [];
  return [...activity(context), messageSection(context), repeatSection(context), ...mappings(context), latecomers(context)];
}

function general({ model, element, object }) {
  const isText = is(element, 'bpmn:TextAnnotation');
  return {
    id: 'general', title: say('general'), fields: [
      isText ? { id: 'prop-text', kind: 'area', lang: 'it', label: say('text'), value: object.get('text'), set: (text) => model.set(element, { text }) }
        : { id: 'prop-name', lang: 'it', label: say('name'), value: object.get('name'), set: (name) => model.set(element, { name: name || undefined }) },
      !isText && { id: 'prop-name-en', label: say('nameEn'), lang: 'en', value: model.own(element, 'nameEn'), set: (name) => model.setOwn(element, 'nameEn', name) },
      !isText && { id: 'prop-documentation', kind: 'area', lang: 'it', rows: 3, label: say('documentation'), value: model.documentation(object), set: (text) => model.setDocumentation(element, object, text) },
      { kind: 'note', text: `${say('code')}: ${element.id}` },
    ].filter(Boolean),
  };
}

function processSections({ model, element }) {
  const process = model.process(element);
  if (!process) return [];
  const own = (name) => process.get(`approdo:${name}`) ?? '';
  const put = (properties) => model.together(() => {
    model.setPart(element, process, properties);
    if (is(element, 'bpmn:Participant') && !('approdo:startable' in properties)) model.set(element, properties); // the pool carries the pathway's name
  });
  return [{
    id: 'process', title: say('process'), fields: [
      { id: 'prop-name', lang: 'it', label: say('name'), value: process.get('name'), set: (name) => put({ name: name || undefined }) },
      { id: 'prop-name-en', label: say('nameEn'), lang: 'en', value: own('nameEn'), set: (name) => put({ 'approdo:nameEn': name || undefined }) },
      { id: 'prop-documentation', kind: 'area', lang: 'it', rows: 6, label: say('documentation'), value: model.documentation(process), set: (text) => model.setDocumentation(element, process, text) },
      { id: 'prop-startable', kind: 'check', label: say('startable'), value: own('startable') === 'case', set: (on) => put({ 'approdo:startable': on ? 'case' : undefined }) },
      { kind: 'note', text: `${say('code')}: ${process.id}` },
    ],
  }];
}

function own(context, name, kind, label, more = {}) {
  const { model, element } = context;
  return { id: `prop-${name}`, kind, label: say(label), value: model.own(element, name), set: (value) => model.setOwn(element, name, value), ...more };
}

function group(context, none) {
  return own(context, 'group', 'choice', 'group', { options: context.vocabulary.groups, none });
}

function activity(context) {
  const { element, vocabulary } = context;
  if (isAny(element, PEOPLE)) return [who(context), what(context), when(context)];
  if (is(element, 'bpmn:ServiceTask')) return [one('service', own(context, 'service', 'choice', 'service', { options: vocabulary.services, none: say('choose') }))];
  if (is(element, 'bpmn:BusinessRuleTask')) {
    return [one('decision', own(context, 'decision', 'choice', 'decision', { options: vocabulary.decisions, none: say('choose') }), own(context, 'result', 'text', 'result', { code: true }))];
  }
  if (is(element, 'bpmn:CallActivity')) {
    const { model, object } = context;
    return [one('called', { id: 'prop-called', kind: 'choice', label: say('called'), value: object.get('calledElement'), options: vocabulary.calls, none: say('choose'), set: (called) => model.set(element, { calledElement: called || undefined }) })];
  }
  return [];
}

const one = (id, ...fields) => ({ id, title: say(id), fields });

function who(context) {
  const lane = context.model.laneOf(context.element), id = lane?.get('approdo:group');
  const name = context.vocabulary.groups.find((each) => each.id === id)?.name ?? id ?? lane?.get('name');
  return {
    id: 'who', title: say('who'), fields: [
      group(context, name ? say('ofLane', { name }) : say('ofNoLane')),
      own(context, 'assignee', 'text', 'assignee', { code: true, hint: say('assigneeHint') }),
    ],
  };
}

function what(context) {
  const fields = [own(context, 'phase', 'choice', 'phase', { options: context.vocabulary.phases, none: say('noneF') })];
  if (is(context.element, 'bpmn:UserTask')) fields.unshift(own(context, 'form', 'choice', 'form', { options: context.vocabulary.forms }));
  return { id: 'what', title: say('what'), fields };
}

function when(context) {
  const { model, element, vocabulary } = context;
  const [kind, term] = model.own(element, 'dueSource').split(' ');
  const fields = [own(context, 'due', 'span', 'due', { set: (value) => setDue(context, value) })];
  if (!model.own(element, 'due') && !kind) return { id: 'when', title: say('when'), fields };
  const names = { model: 'sourceModel', law: 'sourceLaw', colleague: 'sourceColleague' };
  const put = (...parts) => model.setOwn(element, 'dueSource', parts.filter(Boolean).join(' '));
  fields.push({ id: 'prop-source', kind: 'choice', label: say('source'), value: kind, none: say('noneF'), options: SOURCES.map((id) => ({ id, name: say(names[id]) })), set: (now) => put(now, now && term) });
  if (kind) fields.push({ id: 'prop-term', kind: 'choice', label: say('term'), value: term, options: vocabulary.terms, set: (now) => put(kind, now) });
  fields.push(own(context, 'reminders', 'leads', 'reminders'));
  return { id: 'when', title: say('when'), fields };
}

/** Without a due date neither its source nor its reminders mean anything. */
function setDue({ model, element }, value) {
  const source = model.own(element, 'dueSource');
  model.set(element, {
    'approdo:due': value || undefined,
    'approdo:dueSource': value ? source || 'model' : undefined,
    'approdo:reminders': value ? model.own(element, 'reminders') || undefined : undefined,
  });
}

function mappings({ model, element, object }) {
  const thrown = isAny(element, ['bpmn:EndEvent', 'bpmn:IntermediateThrowEvent', 'bpmn:StartEvent']) && object.get('eventDefinitions')?.length;
  const rows = (kind, title) => {
    const value = model.mappings(element, kind);
    return { id: title, title: say(title), shut: !value.length, fields: [{ id: `prop-${title}`, kind: 'rows', label: say(title), value, set: (now) => model.setMappings(element, kind, now) }] };
  };
  const told = isAny(element, TOLD) || model.mappings(element, 'Input').length;
  const answered = isAny(element, ANSWERED) || thrown || model.mappings(element, 'Output').length;
  return [told && rows('Input', 'inputs'), answered && rows('Output', 'outputs')].filter(Boolean);
}

/** The ways out of a gateway with their conditions, each a press away. */
function ways({ element, names, go }) {
  const fallback = getBusinessObject(element).get('default');
  const fields = element.outgoing.map((flow) => {
    const object = getBusinessObject(flow), condition = object.get('conditionExpression')?.get('body');
    const why = object === fallback ? say('wayDefault') : condition ?? say('wayOpen');
    return { kind: 'button', label: `${object.get('name') ?? ''} → ${names(flow.target)}`, hint: why, press: () => go(flow) };
  });
  return { id: 'ways', title: say('ways'), fields };
}
