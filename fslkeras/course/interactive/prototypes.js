function render({ model, el }) {
  const { box, svg } = canvas(
    el,
    600,
    480,
    "Points of three classes, their prototypes, and a query",
  );
  svg.style.touchAction = "none"; // a finger drags points here
  const said = element(box, "p", { role: "status", style: "margin:4px 0" });
  element(
    box,
    "p",
    { style: "margin:4px 0; color:#555" },
    "Drag a point, or select it with Tab and move it with the arrow keys.",
  );
  const all = [...model.get("points"), model.get("query")];
  const low = [0, 1].map((i) => Math.min(...all.map((point) => point[i])) - 1.5);
  const high = [0, 1].map((i) => Math.max(...all.map((point) => point[i])) + 1.5);
  const unit = Math.min(600 / (high[0] - low[0]), 480 / (high[1] - low[1]));
  const width = unit * (high[0] - low[0]),
    height = unit * (high[1] - low[1]);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const x = (point) => unit * (point[0] - low[0]);
  const y = (point) => height - unit * (point[1] - low[1]);
  const background = element(svg, "g", { "shape-rendering": "crispEdges" });
  const lines = element(svg, "g");
  const handles = element(svg, "g");
  const count = 1 + Math.max(...model.get("classes"));

  function means() {
    const sums = Array.from({ length: count }, () => [0, 0, 0]);
    model.get("points").forEach((point, i) => {
      const sum = sums[model.get("classes")[i]];
      sum[0] += point[0];
      sum[1] += point[1];
      sum[2] += 1;
    });
    return sums.map(([a, b, n]) => [a / n, b / n]);
  }

  function squared(point, prototypes) {
    return prototypes.map(
      (prototype) => (point[0] - prototype[0]) ** 2 + (point[1] - prototype[1]) ** 2,
    );
  }

  const nearest = (distances) => distances.indexOf(Math.min(...distances));

  function draw() {
    const prototypes = means();
    background.replaceChildren();
    lines.replaceChildren();
    const cell = 6;
    for (let row = 0; row < height; row += cell) {
      for (let column = 0; column < width; column += cell) {
        const point = [
          low[0] + (column + cell / 2) / unit,
          low[1] + (height - row - cell / 2) / unit,
        ];
        const fill = COLORS[nearest(squared(point, prototypes))];
        element(background, "rect", {
          x: column,
          y: row,
          width: cell,
          height: cell,
          fill,
          opacity: 0.15,
        });
      }
    }
    model.get("points").forEach((point, i) => {
      const c = model.get("classes")[i];
      const ends = { x1: x(point), y1: y(point), x2: x(prototypes[c]), y2: y(prototypes[c]) };
      element(lines, "line", { ...ends, stroke: COLORS[c], "stroke-dasharray": "3 3" });
    });
    prototypes.forEach((prototype, c) => {
      const place = { cx: x(prototype), cy: y(prototype), r: 15 };
      element(lines, "circle", { ...place, fill: "#fff", stroke: COLORS[c], "stroke-width": 4 });
      element(
        lines,
        "text",
        { x: x(prototype), y: y(prototype) + 5, "text-anchor": "middle" },
        c + 1,
      );
    });
    place();
    const distances = squared(model.get("query"), prototypes);
    said.textContent =
      `Squared distances of the query ✕ to the prototypes: ${distances.map((d) => d.toFixed(1)).join(", ")}. ` +
      `It is nearest to class ${nearest(distances) + 1}.`;
  }

  function moved(index, point) {
    const kept = point.map((value, i) => Math.min(Math.max(value, low[i] + 0.2), high[i] - 0.2));
    if (index === model.get("points").length) {
      model.set("query", kept);
    } else {
      model.set(
        "points",
        model.get("points").map((old, i) => (i === index ? kept : old)),
      );
    }
    model.save_changes();
  }

  const marks = all.map((_, index) => {
    const isQuery = index === all.length - 1;
    const c = model.get("classes")[index];
    const name = isQuery ? "the query" : `a point of class ${c + 1}`;
    const mark = element(handles, "g", { tabindex: 0, role: "button", style: "cursor:grab" });
    element(mark, "circle", { r: 22, fill: "transparent" });
    if (isQuery)
      element(mark, "path", { d: "M-9-9L9 9M-9 9L9-9", stroke: "#000", "stroke-width": 4 });
    else element(mark, "circle", { r: 9, fill: COLORS[c], stroke: "#fff", "stroke-width": 2 });
    const where = () => (isQuery ? model.get("query") : model.get("points")[index]);
    mark.addEventListener("pointerdown", (event) => mark.setPointerCapture(event.pointerId));
    mark.addEventListener("pointermove", (event) => {
      if (!mark.hasPointerCapture(event.pointerId)) return;
      const frame = svg.getBoundingClientRect();
      const right = ((event.clientX - frame.left) / frame.width) * width;
      const down = ((event.clientY - frame.top) / frame.height) * height;
      moved(index, [low[0] + right / unit, low[1] + (height - down) / unit]);
    });
    mark.addEventListener("keydown", (event) => {
      const step = {
        ArrowLeft: [-0.25, 0],
        ArrowRight: [0.25, 0],
        ArrowUp: [0, 0.25],
        ArrowDown: [0, -0.25],
      }[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      moved(
        index,
        where().map((value, i) => value + step[i]),
      );
    });
    return () => {
      const point = where();
      mark.setAttribute("transform", `translate(${x(point)} ${y(point)})`);
      mark.setAttribute(
        "aria-label",
        `${name}, at ${point.map((value) => value.toFixed(2)).join(", ")}`,
      );
    };
  });

  function place() {
    marks.forEach((mark) => mark());
  }

  model.on("change:points", draw);
  model.on("change:query", draw);
  draw();
}

export default { render };
