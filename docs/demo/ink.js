// A drawing as SVG: of strokes where there are any, else of the smoothed outline of its pixels.
export function inkPath({ strokes, image }) {
  if (strokes) {
    const placed = normalize(strokes, LEAST);
    return { d: placed.strokes.map((stroke) => curve(stroke)).join(""), pen: placed.pen };
  }
  return { d: outline(image), pen: 0 };
}

export function inkSvg(drawing, className = "ink") {
  const { d, pen } = (drawing.path ??= inkPath(drawing));
  const how = pen
    ? `fill="none" stroke="currentColor" stroke-width="${pen}" stroke-linecap="round" stroke-linejoin="round"`
    : `fill="currentColor"`;
  return `<svg class="${className}" viewBox="2 2 24 24" aria-hidden="true"><path d="${d}" ${how}/></svg>`;
}

// The pixels blurred, enlarged four times and cut at half: rows of runs, drawn as thin rectangles.
function outline(image) {
  const at = (x, y) => (x < 0 || y < 0 || x >= SIDE || y >= SIDE ? 0 : image[y * SIDE + x] / 255);
  const blurred = (x, y) => {
    let sum = 0;
    for (let dy = -1; dy <= 1; dy++)
      for (let dx = -1; dx <= 1; dx++) sum += at(x + dx, y + dy) * (2 - dx * dx) * (2 - dy * dy);
    return sum / 16;
  };
  const smooth = Float32Array.from({ length: SIDE * SIDE }, (_, i) =>
    blurred(i % SIDE, (i / SIDE) | 0),
  );
  const value = (x, y) => {
    const [left, top] = [Math.floor(x), Math.floor(y)];
    const get = (i, j) =>
      smooth[Math.min(Math.max(j, 0), SIDE - 1) * SIDE + Math.min(Math.max(i, 0), SIDE - 1)];
    const [u, v] = [x - left, y - top];
    const mix = (j) => get(left, j) * (1 - u) + get(left + 1, j) * u;
    return mix(top) * (1 - v) + mix(top + 1) * v;
  };
  let d = "";
  for (let y = 0; y < SIDE; y += 0.25)
    for (let x = 0, start = -1; x <= SIDE; x += 0.25) {
      const on = x < SIDE && value(x - 0.375, y - 0.375) > 0.42;
      if (on && start < 0) start = x;
      if (!on && start >= 0) {
        d += `M${start} ${y}H${x}v.27H${start}z`;
        start = -1;
      }
    }
  return d;
}
