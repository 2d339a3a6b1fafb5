// The crews' day: arrow keys go from visit to visit, and a visit can be dragged to another crew or
// time. A drag fills the form below the drawing and sends it: the server checks the rules.

const FAR = 6; // pixels from where on a press is a drag
const STEP_MINUTES = 5;

export function startGantt(): void {
  const gantt = document.querySelector<HTMLElement>("[data-gantt]");
  if (!gantt) return;
  gantt.addEventListener("keydown", (event) => walk(gantt, event));
  const form = document.getElementById(gantt.dataset["moves"] ?? "");
  if (form instanceof HTMLFormElement) startDragging(gantt, form);
}

function walk(gantt: HTMLElement, event: KeyboardEvent): void {
  const here = (event.target as Element).closest<SVGAElement>("[data-visit]");
  if (!here) return;
  const lane = here.closest("[data-lane]")!;
  const next = { ArrowRight: beside(here, 1), ArrowLeft: beside(here, -1), ArrowDown: inLane(gantt, lane, here, 1), ArrowUp: inLane(gantt, lane, here, -1) }[event.key];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

function beside(here: SVGAElement, way: 1 | -1): SVGAElement | undefined {
  const row = visits(here.closest("[data-lane]")!);
  return row[row.indexOf(here) + way];
}

/** The visit nearest in time on the next lane that has any. */
function inLane(gantt: HTMLElement, lane: Element, here: SVGAElement, way: 1 | -1): SVGAElement | undefined {
  const lanes = [...gantt.querySelectorAll("[data-lane]")];
  const others = way === 1 ? lanes.slice(lanes.indexOf(lane) + 1) : lanes.slice(0, lanes.indexOf(lane)).reverse();
  const other = others.find((each) => visits(each).length);
  const x = middle(here);
  return other && visits(other).sort((a, b) => Math.abs(middle(a) - x) - Math.abs(middle(b) - x))[0];
}

function visits(lane: Element): SVGAElement[] {
  return [...lane.querySelectorAll<SVGAElement>("[data-visit]")];
}

function middle(visit: SVGAElement): number {
  const box = visit.getBoundingClientRect();
  return box.left + box.width / 2;
}

interface Drag {
  visit: SVGAElement;
  x: number;
  y: number;
  grip: number; // from the left end of the bar to the pointer
  ghost?: HTMLElement;
}

function startDragging(gantt: HTMLElement, form: HTMLFormElement): void {
  let drag: Drag | undefined;
  let dragged = false;
  gantt.addEventListener("pointerdown", (event) => {
    const visit = (event.target as Element).closest<SVGAElement>("[data-visit]");
    if (!visit || event.button !== 0 || event.pointerType === "touch") return;
    const bar = visit.querySelector("rect")!.getBoundingClientRect();
    drag = { visit, x: event.clientX, y: event.clientY, grip: event.clientX - bar.left };
    dragged = false;
  });
  document.addEventListener("pointermove", (event) => {
    if (!drag) return;
    if (!drag.ghost && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < FAR) return;
    drag.ghost ??= ghostOf(drag.visit);
    dragged = true;
    drag.ghost.style.transform = `translate(${event.clientX - drag.grip}px, ${event.clientY - 15}px)`;
    drag.ghost.textContent = `${drag.visit.querySelector("text")?.textContent ?? ""} ${timeAt(gantt, event.clientX - drag.grip)}`;
    mark(gantt, laneAt(event));
  });
  document.addEventListener("pointerup", (event) => {
    const lane = drag?.ghost && laneAt(event);
    if (drag && lane) send(form, drag.visit, lane, event.clientX, timeAt(gantt, event.clientX - drag.grip));
    drag = end(gantt, drag);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") drag = end(gantt, drag);
  });
  gantt.addEventListener("dragstart", (event) => event.preventDefault());
  gantt.addEventListener("click", (event) => {
    if (dragged) event.preventDefault(); // the link below the pointer was dragged, not followed
    dragged = false;
  });
}

function ghostOf(visit: SVGAElement): HTMLElement {
  const bar = visit.querySelector("rect")!.getBoundingClientRect();
  const ghost = document.createElement("div");
  ghost.className = "gantt-ghost";
  ghost.style.minWidth = `${bar.width}px`;
  document.body.append(ghost);
  visit.classList.add("gantt-lifted");
  return ghost;
}

function end(gantt: HTMLElement, drag: Drag | undefined): undefined {
  drag?.ghost?.remove();
  drag?.visit.classList.remove("gantt-lifted");
  mark(gantt, null);
}

function laneAt(event: PointerEvent): SVGElement | null {
  return document.elementFromPoint(event.clientX, event.clientY)?.closest<SVGElement>("[data-lane]") ?? null;
}

function mark(gantt: HTMLElement, lane: Element | null): void {
  for (const each of gantt.querySelectorAll("[data-lane]")) each.classList.toggle("gantt-over", each === lane);
}

/** The time of the branch at this place of the drawing, to five minutes: 10:25. */
function timeAt(gantt: HTMLElement, x: number): string {
  const lane = gantt.querySelector("[data-lane]")!.getBoundingClientRect();
  const share = Math.min(1, Math.max(0, (x - lane.left) / lane.width));
  const begins = gantt.dataset["begins"]!;
  const length = Date.parse(gantt.dataset["ends"]!) - Date.parse(begins);
  const local = Number(begins.slice(11, 13)) * 60 + Number(begins.slice(14, 16));
  const minutes = Math.round((local + (share * length) / 60_000) / STEP_MINUTES) * STEP_MINUTES;
  return `${String(Math.floor(minutes / 60) % 24).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}

/** Dropped in another order or on another crew, a visit takes that place and the best time there;
 * within its own order it is to begin at that very time. */
function send(form: HTMLFormElement, visit: SVGAElement, lane: SVGElement, x: number, at: string): void {
  const others = visits(lane).filter((each) => each !== visit);
  const position = others.filter((each) => middle(each) < x).length;
  const stays = visits(lane).indexOf(visit) === position;
  const filled = { visit: visit.dataset["visit"]!, crew: lane.dataset["lane"]!, at: stays ? at : "", position: stays ? "" : String(position + 1) };
  for (const [name, value] of Object.entries(filled)) {
    (form.elements.namedItem(name) as HTMLInputElement | HTMLSelectElement).value = value;
  }
  form.requestSubmit();
}
