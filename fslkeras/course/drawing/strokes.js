// From pen strokes to the image that a network sees: 28 x 28 pixels, 0 or 255, like the glyphs.
// A stroke is a list of points [x, y], x to the right and y down, in any unit.
export const SIDE = 28;
const SIZE = 0.64 * SIDE; // longer side of a drawing; all lengths are in pixels of the image
const PEN = 1.5; // width of the pen
const PARTS = 8; // a pixel is judged by 8 x 8 points inside it
const COVERED = 90 / 255; // it is ink if the pen covers at least this much of it

// The strokes centered in the image, at the size of a glyph, and the pen that suits them.
// `least` is a length: a smaller drawing is a dot, and is not blown up to the size of a letter.
export function normalize(strokes, least = 0) {
  const [left, right] = range(strokes, 0);
  const [top, bottom] = range(strokes, 1);
  const scale = SIZE / Math.max(right - left, bottom - top, least, 1e-6);
  const placed = strokes.map((stroke) =>
    stroke.map(([x, y]) => [
      (x - (left + right) / 2) * scale + SIDE / 2,
      (y - (top + bottom) / 2) * scale + SIDE / 2,
    ]),
  );
  // Intricate letters get a finer pen; otherwise they become blobs.
  const ink = Math.max(length(placed), 1);
  return { strokes: placed, pen: PEN * Math.min(Math.max((4.3 * SIZE) / ink, 0.65), 1) };
}

// The image: a Uint8Array of 28 x 28 pixels, row by row. Every point within half a pen of a stroke
// is ink. Only sums, products and square roots: the same pixels in every browser and in Node.
export function rasterize(strokes, pen) {
  const fine = SIDE * PARTS;
  const inked = new Uint8Array(fine * fine);
  const reach = (pen / 2) * PARTS;
  const limit = (value) => Math.min(Math.max(value, 0), fine);
  for (const stroke of strokes) {
    const points = stroke.map(([x, y]) => [x * PARTS, y * PARTS]);
    points.forEach(([x1, y1], i) => {
      const [x0, y0] = points[Math.max(i - 1, 0)];
      const [dx, dy] = [x1 - x0, y1 - y0];
      const squared = dx * dx + dy * dy || 1;
      const lastY = limit(Math.ceil(Math.max(y0, y1) + reach));
      const lastX = limit(Math.ceil(Math.max(x0, x1) + reach));
      for (let y = limit(Math.floor(Math.min(y0, y1) - reach)); y < lastY; y++)
        for (let x = limit(Math.floor(Math.min(x0, x1) - reach)); x < lastX; x++) {
          const [px, py] = [x + 0.5 - x0, y + 0.5 - y0];
          const along = Math.min(Math.max((px * dx + py * dy) / squared, 0), 1);
          const [ox, oy] = [px - along * dx, py - along * dy];
          if (ox * ox + oy * oy <= reach * reach) inked[y * fine + x] = 1;
        }
    });
  }
  const image = new Uint8Array(SIDE * SIDE);
  for (let row = 0; row < SIDE; row++)
    for (let column = 0; column < SIDE; column++) {
      let covered = 0;
      for (let y = row * PARTS; y < (row + 1) * PARTS; y++)
        for (let x = column * PARTS; x < (column + 1) * PARTS; x++) covered += inked[y * fine + x];
      if (covered >= COVERED * PARTS * PARTS) image[row * SIDE + column] = 255;
    }
  return image;
}

export function glyph(strokes, least = 0) {
  const { strokes: placed, pen } = normalize(strokes, least);
  return rasterize(placed, pen);
}

function range(strokes, axis) {
  let [low, high] = [Infinity, -Infinity];
  for (const stroke of strokes)
    for (const point of stroke) {
      low = Math.min(low, point[axis]);
      high = Math.max(high, point[axis]);
    }
  return [low, high];
}

function length(strokes) {
  let total = 0;
  for (const stroke of strokes)
    for (let i = 1; i < stroke.length; i++) {
      const [dx, dy] = [stroke[i][0] - stroke[i - 1][0], stroke[i][1] - stroke[i - 1][1]];
      total += Math.sqrt(dx * dx + dy * dy);
    }
  return total;
}
