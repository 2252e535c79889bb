// A step that is dropped on an arrow: the words of the arrow belong to it, and what comes after makes room, so that
// nothing is drawn upon its neighbours.
import CommandInterceptor from 'diagram-js/lib/command/CommandInterceptor';
import { selfAndAllChildren } from 'diagram-js/lib/util/Elements';

const GAP = 30; // px of arrow before and after the step
const DIRECTIONS = { x: 'e', y: 's' }, SIZES = { x: 'width', y: 'height' };

class Room extends CommandInterceptor {
  static $inject = ['eventBus', 'bpmnRules', 'spaceTool', 'canvas'];

  constructor(eventBus, bpmnRules, spaceTool, canvas) {
    super(eventBus);
    eventBus.on(['create.hover', 'create.move'], 2000, (event) => {
      if (event.hover?.labelTarget?.waypoints) event.hover = event.hover.labelTarget;
    });
    this.preExecute('shape.create', 1500, (context) => { // before the arrow is divided
      const { parent: arrow, shape, position } = context;
      if (!arrow?.waypoints || !bpmnRules.canInsert(shape, arrow)) return;
      context.position = makeRoom(arrow, shape, position);
    }, true);

    /** Shift what lies behind the middle of this arrow by as much as is wanting; returns where the step then stands. */
    const makeRoom = (arrow, shape, position) => {
      const { width = 0, height = 0 } = position, middle = { x: position.x + width / 2, y: position.y + height / 2 };
      const [from, to] = nearest(arrow.waypoints, middle);
      const [axis, across] = Math.abs(to.x - from.x) >= Math.abs(to.y - from.y) ? ['x', 'y'] : ['y', 'x'];
      const begin = Math.min(from[axis], to[axis]), length = Math.abs(to[axis] - from[axis]), half = shape[SIZES[axis]] / 2 + GAP;
      const wanting = Math.max(0, Math.ceil(2 * half - length)), start = begin + length / 2;
      if (wanting) {
        const { movingShapes, resizingShapes } = spaceTool.calculateAdjustments(selfAndAllChildren(canvas.getRootElement()), axis, wanting, start);
        spaceTool.makeSpace(movingShapes, resizingShapes, { x: 0, y: 0, [axis]: wanting }, DIRECTIONS[axis], start);
      }
      const along = Math.min(Math.max(middle[axis], begin + half), begin + length + wanting - half);
      const now = { [axis]: Math.round(along), [across]: Math.round((from[across] + to[across]) / 2) };
      return { ...position, x: now.x - width / 2, y: now.y - height / 2 };
    };
  }
}

/** The straight piece of a line that is nearest to a point. */
function nearest(points, point) {
  const pieces = points.slice(1).map((end, at) => [points[at], end]);
  const away = ([one, other]) => {
    const [dx, dy] = [other.x - one.x, other.y - one.y];
    const along = Math.max(0, Math.min(1, ((point.x - one.x) * dx + (point.y - one.y) * dy) / (dx * dx + dy * dy || 1)));
    return Math.hypot(one.x + along * dx - point.x, one.y + along * dy - point.y);
  };
  return pieces.reduce((best, piece) => (away(piece) < away(best) ? piece : best));
}

export default { __init__: ['approdoRoom'], approdoRoom: ['type', Room] };
