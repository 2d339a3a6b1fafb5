// The signing page: a field to draw in, and only the fields of the way that was chosen.
// What is sent are the strokes, as points on a field of 900 x 300; the picture is made by the server.

type Stroke = [number, number][];

export function startSigning(): void {
  const form = document.querySelector<HTMLFormElement>("form[data-signing]");
  const canvas = form?.querySelector<HTMLCanvasElement>("canvas[data-signature]");
  const kept = form?.querySelector<HTMLInputElement>("input[name=strokes]");
  if (!form || !canvas || !kept) return;
  startDrawing(canvas, kept, form);
  form.addEventListener("change", () => showWay(form));
  showWay(form);
}

function showWay(form: HTMLFormElement): void {
  const way = form.querySelector<HTMLInputElement>("input[name=way]:checked")?.value ?? "screen";
  for (const field of form.querySelectorAll<HTMLElement>("[data-way]")) {
    field.hidden = !field.dataset["way"]!.split(" ").includes(way);
  }
}

function startDrawing(canvas: HTMLCanvasElement, kept: HTMLInputElement, form: HTMLFormElement): void {
  const pen = canvas.getContext("2d");
  if (!pen) return;
  const strokes: Stroke[] = [];
  let current: Stroke | null = null;
  Object.assign(pen, { lineWidth: 5, lineCap: "round", lineJoin: "round", strokeStyle: "#101848" });

  const at = (event: PointerEvent): [number, number] => {
    const box = canvas.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * canvas.width;
    const y = ((event.clientY - box.top) / box.height) * canvas.height;
    return [within(x, canvas.width), within(y, canvas.height)];
  };
  const keep = (): void => {
    kept.value = strokes.length ? JSON.stringify(strokes) : "";
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary || event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    current = [at(event)];
    strokes.push(current);
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!current || !event.isPrimary) return;
    const [from, to] = [current[current.length - 1]!, at(event)];
    current.push(to);
    pen.beginPath();
    pen.moveTo(...from);
    pen.lineTo(...to);
    pen.stroke();
  });
  for (const name of ["pointerup", "pointercancel"] as const) {
    canvas.addEventListener(name, () => {
      current = null;
      keep();
    });
  }
  form.querySelector("[data-clears-signature]")?.addEventListener("click", () => {
    strokes.length = 0;
    pen.clearRect(0, 0, canvas.width, canvas.height);
    keep();
  });
}

function within(value: number, most: number): number {
  return Math.round(Math.min(Math.max(value, 0), most) * 10) / 10;
}
