// What differs between two versions of a pathway, told by bpmn-js-differ. Only the page of the differences loads this.
import { ChangeHandler, diff } from 'bpmn-js-differ';

/** Lists of ids `{added, removed, changed, moved}` of what `xml` makes of `before`; moved stands elsewhere or goes another way. */
export async function differences(moddle, before, xml) {
  const [old, now] = await Promise.all([before, xml].map((text) => moddle.fromXML(text).then(({ rootElement }) => withoutEmptyLabels(rootElement))));
  const { _added, _removed, _changed, _layoutChanged } = diff(old, now, new Marks());
  return { added: Object.keys(_added), removed: Object.keys(_removed), changed: Object.keys(_changed), moved: Object.keys(_layoutChanged) };
}

/** The library (3.2) names an element only by what it says itself: the length of a timer inside an event, or a note on the
 * drawing, would go unseen. Here each change counts for the nearest element round it that is drawn. */
class Marks extends ChangeHandler {
  _isTracked(element) {
    return element.$instanceOf?.('bpmn:Artifact') ? { element, property: '' } : super._isTracked(element);
  }

  changed(model, ...change) { this.#told('changed', model, change); }
  added(model, ...change) { this.#told('added', model, change); }
  removed(model, ...change) { this.#told('removed', model, change); }

  #told(how, model, change) {
    let owner = model;
    while (owner && !isDrawing(owner) && !this._isTracked(owner)) owner = owner.$parent;
    if (owner && isDrawing(owner) && !owner.bpmnElement) return; // drawn, and stands for nothing
    super[how](owner ?? model, ...change);
  }
}

const isDrawing = (element) => ['bpmndi:BPMNShape', 'bpmndi:BPMNEdge'].some((type) => element.$instanceOf?.(type));

/** Who renames a step in bpmn-js leaves a label without a place on its shape; nothing has moved for that. */
function withoutEmptyLabels(root) {
  for (const { plane } of root.diagrams ?? []) for (const drawn of plane?.planeElement ?? []) if (drawn.label && !drawn.label.bounds) delete drawn.label;
  return root;
}
