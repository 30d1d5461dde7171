// The flat map of the embedding space: the two directions in which the examples differ most.
let axes = null; // kept from map to map, so that it does not flip when an example is added

export function project(support, points) {
  const size = support[0].length;
  const center = support.reduce(
    (sum, each) => sum.map((v, d) => v + each[d] / support.length),
    new Float32Array(size),
  );
  const centered = support.map((each) => each.map((v, d) => v - center[d]));
  axes ??= [0, 1].map((k) =>
    Float32Array.from({ length: size }, (_, d) => Math.cos((k + 1) * (d + 1))),
  );
  axes = axes.reduce((found, start) => [...found, principal(centered, start, found)], []);
  return points.map((point) =>
    axes.map((axis) =>
      dot(
        point.map((v, d) => v - center[d]),
        axis,
      ),
    ),
  );
}

// Power iteration: the direction of most variance at a right angle to those already found.
function principal(centered, start, found) {
  const tidy = (vector) => {
    const free = found.reduce((v, axis) => {
      const along = dot(v, axis);
      return v.map((value, d) => value - along * axis[d]);
    }, vector);
    const norm = Math.sqrt(dot(free, free));
    return norm > 1e-6 ? free.map((value) => value / norm) : null;
  };
  let axis = tidy(start) ?? tidy(start.map((_, d) => Math.sin(d + 1)));
  for (let step = 0; step < 40; step++) {
    const next = centered.reduce((sum, each) => {
      const along = dot(each, axis);
      return sum.map((value, d) => value + along * each[d]);
    }, new Float32Array(axis.length));
    axis = tidy(next) ?? axis;
  }
  return dot(axis, start) < 0 ? axis.map((value) => -value) : axis;
}

const EDGE = 46; // pixels around the outermost points

// Elements are kept from one call to the next, by name, so that CSS moves them.
export function drawMap(svg, letters, query, answered, vector) {
  const support = letters.flat().map((drawing) => vector(drawing));
  const means = classMeans(
    support,
    letters.flatMap((all, i) => all.map(() => i)),
    letters.length,
  );
  const all = [...means, ...support, ...(query ? [vector(query)] : [])];
  const flat = project(support, all);
  const [lowX, highX, lowY, highY] = [0, 1].flatMap((axis) => {
    const values = flat.map((point) => point[axis]);
    return [Math.min(...values), Math.max(...values)];
  });
  const [width, height] = [svg.clientWidth || 560, svg.clientHeight || 340];
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const scale = Math.min(
    (width - 2 * EDGE) / Math.max(highX - lowX, 3),
    (height - 2 * EDGE) / Math.max(highY - lowY, 3),
  );
  const place = ([x, y]) => [
    width / 2 + (x - (lowX + highX) / 2) * scale,
    height / 2 + (y - (lowY + highY) / 2) * scale,
  ];
  const [prototypes, examples] = [flat.slice(0, means.length), flat.slice(means.length)].map(
    (part) => part.map(place),
  );
  const half = width < 420 || letters.length > 6 ? 20 : 25; // of a prototype's side
  const parts = new Map();
  const at = ([x, y]) => `transform:translate(${x.toFixed(1)}px,${y.toFixed(1)}px)`;
  const line = (name, [x1, y1], [x2, y2], className, color) => {
    const length = Math.hypot(x2 - x1, y2 - y1);
    const angle = Math.atan2(y2 - y1, x2 - x1);
    const turn = `${at([x1, y1])} rotate(${angle}rad) scale(${length.toFixed(1)},1)`;
    parts.set(name, { className, style: `${turn};--own:${color}`, inner: '<path d="M0 0H1"/>' });
  };
  let number = 0;
  letters.forEach((drawings, letter) =>
    drawings.forEach((drawing) => {
      const spot = examples[number++];
      if (drawings.length < 2) return;
      line(`tie ${number}`, prototypes[letter], spot, "tie", color(letter));
      const inner = `<circle r="13"/>${inkUse(drawing, 18)}`;
      parts.set(`example ${number}`, {
        className: "example",
        style: `${at(spot)};--own:${color(letter)}`,
        inner,
      });
    }),
  );
  const spot = query && place(flat.at(-1));
  if (answered)
    prototypes.forEach((end, letter) => {
      const wins = answered.known && letter === answered.winner;
      line(`ray ${letter}`, spot, end, wins ? "ray wins" : "ray", color(letter));
    });
  prototypes.forEach((spot, letter) => {
    const inner =
      `<rect class="back" x="${-half}" y="${-half}" width="${2 * half}" height="${2 * half}" ` +
      `rx="11"/>${inkUse(letters[letter][0], 1.5 * half)}<g style="${at([half - 3, 3 - half])}">` +
      `<circle class="dot" r="9"/><text y="4">${letter + 1}</text></g>`;
    const wins = answered?.known && letter === answered.winner ? " wins" : "";
    parts.set(`prototype ${letter}`, {
      className: `prototype${wins} c${letter}`,
      style: `${at(spot)};--own:${color(letter)};--on:${textOn(letter)}`,
      inner,
    });
  });
  if (query) {
    // Beside its point, where it hides no prototype.
    const near = prototypes[answered.winner];
    const [dx, dy] = [spot[0] - near[0], spot[1] - near[1]];
    const away = Math.hypot(dx, dy) || 1;
    const free = Math.max(0, half + 30 - away);
    const turn = spot[1] < 90 ? 1 : -1; // above the point, unless there is no room
    const [x, y] = away > 12 ? [(dx / away) * free, (dy / away) * free] : [0, (half + 30) * turn];
    const inner =
      `<circle class="point" r="6"/><g style="${at([x, y])}"><circle class="back" r="25"/>` +
      `${inkUse(query, 36)}</g>`;
    parts.set("query", { className: "query", style: at(spot), inner });
  }
  updateParts(svg, parts);
}

function inkUse(drawing, size) {
  return inkSvg(drawing).replace(
    "<svg ",
    `<svg x="${-size / 2}" y="${-size / 2}" width="${size}" height="${size}" `,
  );
}

const LAYERS = ["tie", "ray", "example", "prototype", "query"];

function updateParts(svg, parts) {
  const make = (parent) =>
    parent.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "g"));
  while (svg.children.length < LAYERS.length) make(svg);
  const kept = new Map(
    [...svg.querySelectorAll("[data-name]")].map((part) => [part.dataset.name, part]),
  );
  for (const [name, part] of kept) if (!parts.has(name)) part.remove();
  for (const [name, { className, style, inner }] of parts) {
    const group = kept.get(name) ?? make(svg.children[LAYERS.indexOf(name.split(" ")[0])]);
    group.dataset.name = name;
    group.setAttribute("class", className);
    group.setAttribute("style", style);
    if (group.source !== inner) group.innerHTML = group.source = inner;
  }
}
