// A drawing as SVG: of strokes where there are any, else of the smoothed outline of its pixels.
export function inkPath({ strokes, image }) {
  if (strokes) {
    const placed = normalize(strokes, LEAST);
    return { d: placed.strokes.map((stroke) => curve(stroke)).join(""), pen: placed.pen };
  }
  return { d: outline(image), pen: 0 };
}

export function inkSvg(drawing, viewBox = "2 2 24 24") {
  const { d, pen } = (drawing.path ??= inkPath(drawing));
  // The outline's pieces are stroked, too, so that no seam shows between them.
  const fill = pen ? "none" : "currentColor";
  return (
    `<svg class="ink" viewBox="${viewBox}" aria-hidden="true"><path d="${d}" fill="${fill}" ` +
    `stroke="currentColor" stroke-width="${pen || 0.08}" stroke-linecap="round" ` +
    `stroke-linejoin="round"/></svg>`
  );
}

// The pixels blurred and cut at half: in each square between four pixels, the part that is ink.
function outline(image) {
  const at = (x, y) => (x < 0 || y < 0 || x >= SIDE || y >= SIDE ? 0 : image[y * SIDE + x] / 255);
  const blurred = (x, y) => {
    let sum = 0;
    for (let dy = -1; dy <= 1; dy++)
      for (let dx = -1; dx <= 1; dx++) sum += at(x + dx, y + dy) * (2 - dx * dx) * (2 - dy * dy);
    return sum / 16 - 0.48;
  };
  const rows = Array.from({ length: SIDE + 2 }, (_, y) =>
    Array.from({ length: SIDE + 2 }, (_, x) => blurred(x - 1, y - 1)),
  );
  let d = "";
  for (let y = 0; y <= SIDE; y++)
    for (let x = 0; x <= SIDE; x++) {
      const corners = [
        [x, y],
        [x + 1, y],
        [x + 1, y + 1],
        [x, y + 1],
      ];
      const points = corners.flatMap(([x0, y0], i) => {
        const [x1, y1] = corners[(i + 1) % 4];
        const [here, next] = [rows[y0][x0], rows[y1][x1]];
        const crossing = here / (here - next);
        const cut = [x0 + crossing * (x1 - x0), y0 + crossing * (y1 - y0)];
        return [...(here > 0 ? [[x0, y0]] : []), ...(here > 0 !== next > 0 ? [cut] : [])];
      });
      // Pixel 0 is centered at 0.5, and the rows start one pixel earlier.
      const text = points.map((point) => point.map((value) => (value - 0.5).toFixed(2)).join(" "));
      if (points.length > 2) d += `M${text.join("L")}Z`;
    }
  return d;
}
