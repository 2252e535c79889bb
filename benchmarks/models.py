"""Models to measure with, made here so that their size is known."""

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:approdo="urn:approdo:bpmn:1" '
    'id="benchmark_definitions" targetNamespace="urn:approdo:benchmark">'
)


def loop(nodes: int = 65, *, timer: bool = False) -> bytes:
    """Return a model of about `nodes` nodes in which one task comes back again and again until `approval_outcome`
    ends it.
    """
    body = [
        '<startEvent id="begin"/>',
        '<exclusiveGateway id="merge"/>',
        _task("step"),
        '<exclusiveGateway id="again" default="on"/>',
    ]
    flows = [
        ("begin", "merge", ""),
        ("merge", "step", ""),
        ("step", "again", ""),
        ("again", "merge", "on"),
        ("again", "t1", "leave"),
    ]
    if timer:
        body.append(
            '<boundaryEvent id="late" attachedToRef="step" cancelActivity="false"><timerEventDefinition>'
            "<timeCycle>R/P1D</timeCycle></timerEventDefinition></boundaryEvent>"
        )
        body.append('<endEvent id="noticed"/>')
        flows.append(("late", "noticed", ""))
    count = nodes - len(body) - 1
    for number in range(1, count + 1):
        body.append(_task(f"t{number}"))
        flows.append((f"t{number}", f"t{number + 1}" if number < count else "finish", ""))
    body.append('<endEvent id="finish"/>')
    arrows = [_flow(source, target, name) for source, target, name in flows]
    return (
        f'{HEAD}<process id="benchmark" isExecutable="true">{"".join(body + arrows)}</process></definitions>'.encode()
    )


def _task(name: str) -> str:
    return f'<userTask id="{name}" name="{name}" approdo:form="risk_approval" approdo:group="case_manager"/>'


def _flow(source: str, target: str, name: str) -> str:
    condition = '<conditionExpression>approval_outcome = "transfer"</conditionExpression>' if name == "leave" else ""
    key = name or f"f_{source}_{target}"
    return f'<sequenceFlow id="{key}" sourceRef="{source}" targetRef="{target}">{condition}</sequenceFlow>'
