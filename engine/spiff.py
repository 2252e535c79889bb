"""SpiffWorkflow's parser and specifications, and the few things we bend in them (3.2.0). No other file knows the
library.

The library reads the XML, resolves lanes, messages, errors, correlation and data objects, and builds the
specifications; `read` turns these into the immutable `Program` that the token game plays (docs/adr/0007).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser import BpmnParser, TaskParser
from SpiffWorkflow.bpmn.parser.event_parsers import (
    CANCEL_EVENT_XPATH,
    CONDITIONAL_EVENT_XPATH,
    ERROR_EVENT_XPATH,
    ESCALATION_EVENT_XPATH,
    MESSAGE_EVENT_XPATH,
    SIGNAL_EVENT_XPATH,
    TERMINATION_EVENT_XPATH,
    TIMER_EVENT_XPATH,
    BoundaryEventParser,
    EventBasedGatewayParser,
    EventDefinitionParser,
    IntermediateCatchEventParser,
    ReceiveTaskParser,
    SendTaskParser,
)
from SpiffWorkflow.bpmn.parser.task_parsers import CallActivityParser, GatewayParser, SubWorkflowParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.event_definitions import conditional, item_aware_event, message, multiple, simple, timer

from core.errors import N_
from engine import feel, xml
from engine.game.env import Fault
from engine.game.program import Event, Expression, Flow, Loop, Node, Program

APPRODO = "urn:approdo:bpmn:1"
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
EVENTS = [
    MESSAGE_EVENT_XPATH,
    SIGNAL_EVENT_XPATH,
    TIMER_EVENT_XPATH,
    CONDITIONAL_EVENT_XPATH,
    ERROR_EVENT_XPATH,
    ESCALATION_EVENT_XPATH,
    CANCEL_EVENT_XPATH,
    TERMINATION_EVENT_XPATH,
]


class _Ours:
    """Keep our extension attributes, allow any number of outgoing flows, and leave the flows themselves to `read`."""

    node: Any
    task: Any
    process_parser: Any
    nsmap: dict[str, str]

    def _xpath(self, node: Any, xpath: str) -> Any:
        return xml.path(xpath, **self.nsmap)(node)

    def parse_extensions(self) -> dict[str, Any]:
        own = {
            key.partition("}")[2]: value for key, value in self.node.attrib.items() if key.startswith(f"{{{APPRODO}}}")
        }
        for kind in ("input", "output"):
            found = self.node.iterfind(f"{{{BPMN}}}extensionElements/{{{APPRODO}}}{kind}")
            own[f"{kind}s"] = [(each.get("target", ""), each.get("expression", "")) for each in found]
        # an event gateway takes the definitions away from the events that follow it, so they are kept here as drawn
        own["events"] = getattr(self.task, "event_definition", None)
        return own

    def _add_boundary_event(self, children: list[Any]) -> Any:
        """Read the boundary events; the library's split and join round them are its way of playing, not ours."""
        for event in children:
            self.task.connect(self.process_parser.parse_node(event))
        return self.task

    def handles_multiple_outgoing(self) -> bool:
        return True

    def connect_outgoing(self, outgoing_task: Any, sequence_flow_node: Any, is_default: bool) -> None:
        self.task.connect(outgoing_task)


class _Task(_Ours, TaskParser):  # type: ignore[misc]
    pass


class _Gateway(_Ours, GatewayParser):  # type: ignore[misc]
    pass


class _SubProcess(_Ours, SubWorkflowParser):  # type: ignore[misc]
    pass


class _Call(_Ours, CallActivityParser):  # type: ignore[misc]
    pass


class _Event(_Ours, EventDefinitionParser):  # type: ignore[misc]
    """Any event with any definition: the library reads errors and escalations at a start event as nothing at all."""

    def create_task(self) -> Any:
        return self._create_task(self.get_event_definition(EVENTS))


class _Start(_Event):
    def create_task(self) -> Any:
        task = super().create_task()
        self.spec.start.connect(task)
        return task


class _End(_Event):
    def create_task(self) -> Any:
        task = super().create_task()
        task.connect(self.spec.end)
        return task


class _Catch(_Ours, IntermediateCatchEventParser):  # type: ignore[misc]
    pass


class _Boundary(_Ours, BoundaryEventParser):  # type: ignore[misc]
    pass


class _Send(_Ours, SendTaskParser):  # type: ignore[misc]
    pass


class _Receive(_Ours, ReceiveTaskParser):  # type: ignore[misc]
    pass


class _EventGateway(_Ours, EventBasedGatewayParser):  # type: ignore[misc]
    pass


class Parser(BpmnParser):  # type: ignore[misc]
    """The library's parser with our extension attributes, and without its silent readings."""

    OVERRIDE_PARSER_CLASSES = {
        full_tag("startEvent"): (_Start, defaults.StartEvent),
        full_tag("endEvent"): (_End, defaults.EndEvent),
        full_tag("intermediateCatchEvent"): (_Catch, defaults.IntermediateCatchEvent),
        full_tag("intermediateThrowEvent"): (_Event, defaults.IntermediateThrowEvent),
        full_tag("boundaryEvent"): (_Boundary, defaults.BoundaryEvent),
        full_tag("userTask"): (_Task, defaults.UserTask),
        full_tag("manualTask"): (_Task, defaults.ManualTask),
        full_tag("task"): (_Task, defaults.NoneTask),
        full_tag("serviceTask"): (_Task, defaults.ServiceTask),
        full_tag("businessRuleTask"): (_Task, defaults.NoneTask),
        full_tag("sendTask"): (_Send, defaults.SendTask),
        full_tag("receiveTask"): (_Receive, defaults.ReceiveTask),
        full_tag("subProcess"): (_SubProcess, defaults.SubWorkflowTask),
        full_tag("transaction"): (_SubProcess, defaults.TransactionSubprocess),
        full_tag("callActivity"): (_Call, defaults.CallActivity),
        full_tag("exclusiveGateway"): (_Gateway, defaults.ExclusiveGateway),
        full_tag("inclusiveGateway"): (_Gateway, defaults.InclusiveGateway),
        full_tag("parallelGateway"): (_Gateway, defaults.ParallelGateway),
        full_tag("eventBasedGateway"): (_EventGateway, defaults.EventBasedGateway),
    }


class Unreadable(ValueError):
    """The library cannot read the model; the text says why (English, of the library) and `element` where."""

    def __init__(self, text: str, element: str, line: int | None) -> None:
        super().__init__(text)
        self.element, self.line = element, line


def read(root: Any, process_id: str) -> Program:
    """Return the program of one process of a checked and normalised BPMN document. Raises Unreadable,
    feel.FeelError.
    """
    parser = Parser()
    try:
        parser.add_bpmn_xml(root)
        specs = {process_id: parser.get_spec(process_id), **_inner(parser, process_id)}
    except ValidationException as problem:
        raise Unreadable(
            str(problem), getattr(problem, "tag", "") or "", getattr(problem, "line_number", None)
        ) from problem
    except (KeyError, AttributeError, TypeError, AssertionError, RecursionError) as problem:
        raise Unreadable(f"{type(problem).__name__}: {problem}", process_id, None) from problem
    groups = _groups(root)
    nodes = {
        node.id: node
        for scope, spec in specs.items()
        for node in _nodes(parser.process_parsers[scope], spec, scope, groups)
    }
    process = parser.process_parsers[process_id]
    return Program(
        process_id,
        process.get_name(),
        process.node.get(f"{{{APPRODO}}}nameEn", ""),
        nodes,
        " ".join((process.node.findtext(f"{{{BPMN}}}documentation") or "").split()),
        process.node.get(f"{{{APPRODO}}}startable", ""),
        {scope: tuple(spec.data_objects) for scope, spec in specs.items() if spec.data_objects},
    )


def _inner(parser: Any, process_id: str) -> dict[str, Any]:
    """Return the specifications of the subprocesses inside a process; called processes are programs of their own."""
    found: dict[str, Any] = {}
    todo = [process_id]
    while todo:
        spec = parser.process_parsers[todo.pop()].get_spec()
        for task_spec in spec.task_specs.values():
            if hasattr(task_spec, "spec") and not isinstance(task_spec, defaults.CallActivity):
                name = task_spec.spec
                if isinstance(name, str) and name not in found and name in parser.process_parsers:
                    found[name] = parser.process_parsers[name].get_spec()
                    todo.append(name)
    return found


def _groups(root: Any) -> dict[str, str]:
    """Return the candidate group of each node: its innermost lane's `approdo:group`, else the lane's name."""
    groups: dict[str, str] = {}
    for lane in root.iter(f"{{{BPMN}}}lane"):  # outer lanes come first, inner ones overwrite
        group = lane.get(f"{{{APPRODO}}}group") or lane.get("name") or ""
        for ref in lane.iterfind(f"{{{BPMN}}}flowNodeRef"):
            groups[(ref.text or "").strip()] = group
    return groups


def _nodes(process: Any, spec: Any, scope: str, groups: Mapping[str, str]) -> Iterable[Node]:
    incoming: dict[str, list[str]] = {}
    for flows in process.outgoing_sequence_flows.values():
        for flow in flows:
            incoming.setdefault(flow.get("targetRef"), []).append(flow.get("id"))
    for name, task_spec in spec.task_specs.items():
        element = process.nodes_by_id.get(name)
        if getattr(task_spec, "bpmn_id", None) == name and element is not None:
            yield _node(process, spec, task_spec, element, scope, groups, tuple(incoming.get(name, ())))


def _node(
    process: Any,
    spec: Any,
    task_spec: Any,
    element: Any,
    scope: str,
    groups: Mapping[str, str],
    incoming: tuple[str, ...],
) -> Node:
    kind = etree.QName(element).localname
    inner = spec.task_specs.get(f"{task_spec.name} [child]", task_spec)
    own = inner.extensions if hasattr(inner, "extensions") else task_spec.extensions
    interrupting = element.get("cancelActivity", element.get("isInterrupting", "true")) != "false"
    return Node(
        id=element.get("id"),
        kind=kind,
        scope=scope,
        name=" ".join((element.get("name") or "").split()),
        name_en=own.get("nameEn", ""),
        documentation=task_spec.documentation or "",
        group=own.get("group") or _group(element, groups),
        outgoing=tuple(_flow(flow) for flow in process.get_outgoing_sequence_flows(element.get("id"))),
        incoming=incoming,
        default=element.get("default"),
        events=_events(own["events"], element),
        all_events=element.get("parallelMultiple") == "true",
        boundary=tuple(event.get("id") for event in process.get_boundary_events(element.get("id"))),
        attached_to=element.get("attachedToRef"),
        interrupting=interrupting,
        loop=_loop(task_spec) if inner is not task_spec else None,
        called=element.get("calledElement"),
        by_event=element.get("triggeredByEvent") == "true",
        form=own.get("form"),
        due=own.get("due"),
        due_source=own.get("dueSource"),
        reminders=own.get("reminders"),
        assignee=own.get("assignee"),
        phase=own.get("phase"),
        service=own.get("service"),
        decision=own.get("decision"),
        result=own.get("result"),
        inputs=_mappings(own["inputs"], task_spec.name),
        outputs=_mappings(own["outputs"], task_spec.name),
    )


def _group(element: Any, groups: Mapping[str, str]) -> str | None:
    """Return the group of the nearest lane: a node inside a subprocess belongs to the subprocess's lane."""
    while element is not None:
        if element.get("id") in groups:
            return groups[element.get("id")]
        element = element.getparent()
    return None


def _flow(flow: Any) -> Flow:
    text = flow.findtext(f"{{{BPMN}}}conditionExpression")
    condition = _expression(text, flow.get("sourceRef")) if text and text.strip() else None
    return Flow(flow.get("id"), flow.get("sourceRef"), flow.get("targetRef"), condition)


@dataclass(frozen=True, slots=True)
class Bound:
    """An expression that knows which element it is of: what cannot be calculated stops the step there."""

    element: str
    inner: feel.Expression

    def evaluate(self, context: Mapping[str, Any]) -> Any:
        """Return the FEEL value. Raises Fault when a budget is used up."""
        try:
            return self.inner.evaluate(context)
        except feel.FeelError as problem:
            sentence = N_("l'espressione «%(text)s» non si può calcolare: %(why)s")
            raise Fault(self.element, sentence, text=self.inner.text[:80], why=problem) from problem


def _expression(text: str | None, element: str) -> Expression:
    text = (text or "").strip()
    return Bound(element, feel.compile(text[1:] if text.startswith("=") else text))


def _mappings(pairs: Iterable[tuple[str, str]], element: str) -> tuple[tuple[str, Expression], ...]:
    return tuple((target, _expression(text, element)) for target, text in pairs)


# -- events ------------------------------------------------------------------------------------------------------------


def _events(definition: Any, element: Any) -> tuple[Event, ...]:
    if definition is None or isinstance(definition, simple.NoneEventDefinition):
        return ()
    if isinstance(definition, multiple.MultipleEventDefinition):
        return tuple(event for each in definition.event_definitions for event in _events(each, element))
    return (_EVENT_OF[type(definition)](definition, element.get("id")),)


def _timer(shape: str) -> Callable[[Any, str], Event]:
    return lambda definition, _: Event("timer", text=definition.expression or "", shape=shape)


def _message(definition: Any, element: str) -> Event:
    keys = tuple(
        (prop.name, _expression(prop.retrieval_expression, element)) for prop in definition.correlation_properties
    )
    return Event("message", name=definition.name, correlation=keys)


def _conditional(definition: Any, element: str) -> Event:
    return Event("conditional", text=definition.expression or "", condition=_expression(definition.expression, element))


_EVENT_OF: dict[type, Callable[[Any, str], Event]] = {
    timer.TimeDateEventDefinition: _timer("date"),
    timer.DurationTimerEventDefinition: _timer("duration"),
    timer.CycleTimerEventDefinition: _timer("cycle"),
    message.MessageEventDefinition: _message,
    item_aware_event.SignalEventDefinition: lambda d, _: Event("signal", name=d.name),
    item_aware_event.ErrorEventDefinition: lambda d, _: Event("error", name=d.code),
    item_aware_event.EscalationEventDefinition: lambda d, _: Event("escalation", name=d.code),
    conditional.ConditionalEventDefinition: _conditional,
    simple.CancelEventDefinition: lambda d, _: Event("cancel"),
    simple.TerminateEventDefinition: lambda d, _: Event("terminate"),
}


# -- loops -------------------------------------------------------------------------------------------------------------


def _loop(task_spec: Any) -> Loop:
    name = task_spec.name
    if isinstance(task_spec, defaults.StandardLoopTask):
        condition = _expression(task_spec.condition, name) if task_spec.condition else None
        return Loop("standard", condition=condition, maximum=task_spec.maximum, test_before=task_spec.test_before)
    parallel = isinstance(task_spec, defaults.ParallelMultiInstanceTask)
    return Loop(
        "parallel" if parallel else "sequential",
        cardinality=_expression(task_spec.cardinality, name) if task_spec.cardinality else None,
        collection=_name(task_spec.data_input),
        item=_name(task_spec.input_item),
        output=_name(task_spec.data_output),
        output_item=_name(task_spec.output_item),
        condition=_expression(task_spec.condition, name) if task_spec.condition else None,
    )


def _name(reference: Any) -> str | None:
    if reference is None:
        return None
    return str(getattr(reference, "bpmn_name", None) or getattr(reference, "bpmn_id", None) or reference.name)
