const WIDTH = 0.042; // of the line that follows the hand; the networks' pen is in strokes.js

// A canvas to draw on with a finger, a mouse or a pen. Points are in 0..1 of its width and height.
export function drawingPad(canvas, changed = () => {}) {
  const pad = { strokes: [], drawing: false, undo, clear, show, paint };
  let current = null;

  function place(event) {
    const box = canvas.getBoundingClientRect();
    const within = (value) => Math.min(Math.max(value, 0), 1);
    return [
      within((event.clientX - box.left) / box.width),
      within((event.clientY - box.top) / box.height),
    ];
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || current) return; // one finger draws at a time
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    current = { pointer: event.pointerId, stroke: [place(event)] };
    pad.strokes.push(current.stroke);
    pad.drawing = true;
    paint();
    changed(pad.strokes);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== current?.pointer) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) current.stroke.push(place(each));
    paint();
    changed(pad.strokes);
  });
  for (const end of ["pointerup", "pointercancel"])
    canvas.addEventListener(end, (event) => {
      if (event.pointerId !== current?.pointer) return;
      current = null;
      pad.drawing = false;
      changed(pad.strokes);
    });

  function undo() {
    show(pad.strokes.slice(0, -1));
  }

  function clear() {
    show([]);
  }

  function show(strokes) {
    pad.strokes = strokes.map((stroke) => stroke.map((point) => [...point]));
    paint();
    changed(pad.strokes);
  }

  function paint() {
    const side = canvas.clientWidth * (window.devicePixelRatio || 1);
    if (canvas.width !== Math.round(side)) canvas.width = canvas.height = Math.round(side);
    const pen = canvas.getContext("2d");
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = getComputedStyle(canvas).color;
    pen.lineWidth = WIDTH * canvas.width;
    for (const stroke of pad.strokes) pen.stroke(new Path2D(curve(stroke, canvas.width)));
  }

  return pad;
}

// A stroke as a smooth SVG path, through the middle of every two points. A single point is a dot.
export function curve(stroke, scale = 1) {
  const at = ([x, y]) => `${+(x * scale).toFixed(2)} ${+(y * scale).toFixed(2)}`;
  const middle = ([a, b], [c, d]) => [(a + c) / 2, (b + d) / 2];
  let path = `M${at(stroke[0])}`;
  for (let i = 1; i < stroke.length - 1; i++)
    path += `Q${at(stroke[i])} ${at(middle(stroke[i], stroke[i + 1]))}`;
  return `${path}L${at(stroke.at(-1))}`;
}
