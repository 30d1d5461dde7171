function render({ model, el }) {
  const { box, svg } = canvas(el, 600, 300, "The contrastive loss over the distance of a pair");
  const area = { left: 50, right: 580, top: 15, bottom: 250 };
  const most = 3;
  const said = element(box, "p", { role: "status", style: "margin:4px 0" });
  const x = (distance) => area.left + (distance / most) * (area.right - area.left);
  const top = () => 1.2 * Math.max(1, model.get("margin") ** 2);
  const y = (loss) => area.bottom - (Math.min(loss, top()) / top()) * (area.bottom - area.top);
  const same = (distance) => distance ** 2;
  const different = (distance) => Math.max(model.get("margin") - distance, 0) ** 2;

  function curve(loss, color, dash) {
    const points = [];
    for (let distance = 0; distance <= most; distance += 0.02) {
      if (loss(distance) <= top()) points.push(`${x(distance)} ${y(loss(distance))}`);
    }
    element(svg, "path", {
      d: "M" + points.join("L"),
      fill: "none",
      stroke: color,
      "stroke-width": 3,
      "stroke-dasharray": dash,
    });
  }

  function draw() {
    svg.replaceChildren();
    const margin = model.get("margin"),
      distance = model.get("distance");
    axes(svg, area, "distance of the pair", "loss");
    for (let tick = 0; tick <= most; tick += 0.5) {
      element(
        svg,
        "text",
        { x: x(tick), y: area.bottom + 16, "text-anchor": "middle", "font-size": 12 },
        tick,
      );
    }
    curve(same, COLORS[0], "");
    curve(different, COLORS[1], "8 5");
    const dotted = { "stroke-dasharray": "2 4", stroke: "#555" };
    element(svg, "line", {
      x1: x(margin),
      x2: x(margin),
      y1: area.top,
      y2: area.bottom,
      ...dotted,
    });
    element(
      svg,
      "text",
      { x: x(margin) + 4, y: area.top + 10, "font-size": 12 },
      `margin ${margin.toFixed(1)}`,
    );
    element(svg, "circle", { cx: x(distance), cy: y(same(distance)), r: 7, fill: COLORS[0] });
    element(svg, "rect", {
      x: x(distance) - 6,
      y: y(different(distance)) - 6,
      width: 12,
      height: 12,
      fill: COLORS[1],
    });
    said.textContent =
      `At distance ${distance.toFixed(2)}, a same-class pair (●, solid) costs ${same(distance).toFixed(2)}; ` +
      `a different-class pair (■, dashed) costs ${different(distance).toFixed(2)}.`;
  }

  const ranges = { margin: [0.2, 3, 0.1], distance: [0, 3, 0.05] };
  for (const [name, range] of Object.entries(ranges)) {
    const title = name === "margin" ? "margin" : "distance of a pair";
    const input = slider(box, title, range, model.get(name), (value) => {
      model.set(name, value);
      model.save_changes();
    });
    model.on(`change:${name}`, () => {
      input.value = model.get(name);
      draw();
    });
  }
  draw();
}

export default { render };
