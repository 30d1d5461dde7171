// What the three figures share: SVG elements, axes, a labeled slider. The colors are those of
// fslkeras.course.plotting.
const COLORS = [
  "#0072B2",
  "#D55E00",
  "#009E73",
  "#CC79A7",
  "#E69F00",
  "#56B4E9",
  "#000000",
  "#8C8C8C",
];

function element(parent, tag, attributes = {}, text = "") {
  const svg = ["svg", "g", "path", "line", "rect", "circle", "text"].includes(tag);
  const made = svg
    ? document.createElementNS("http://www.w3.org/2000/svg", tag)
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  parent.append(made);
  return made;
}

function canvas(el, width, height, label) {
  const box = element(el, "div", {
    style: "max-width:640px; background:#fff; color:#000; padding:8px; font:14px sans-serif",
  });
  const svg = element(box, "svg", {
    viewBox: `0 0 ${width} ${height}`,
    role: "group",
    "aria-label": label,
    style: "width:100%; height:auto",
  });
  return { box, svg };
}

function slider(box, name, [least, most, step], value, changed) {
  const label = element(box, "label", { style: "display:flex; gap:8px; align-items:center" });
  element(label, "span", { style: "min-width:9em" }, name);
  const range = element(label, "input", {
    type: "range",
    min: least,
    max: most,
    step,
    style: "flex:1",
  });
  range.value = value;
  range.addEventListener("input", () => changed(Number(range.value)));
  // JupyterLab keeps a slider from its own arrow keys.
  range.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (!steps) return;
    event.preventDefault();
    range.stepUp(steps);
    changed(Number(range.value));
  });
  return range;
}

function axes(svg, { left, right, top, bottom }, xlabel, ylabel) {
  element(svg, "path", { d: `M${left} ${top}V${bottom}H${right}`, fill: "none", stroke: "#000" });
  element(svg, "text", { x: (left + right) / 2, y: bottom + 34, "text-anchor": "middle" }, xlabel);
  const turned = `rotate(-90 14 ${(top + bottom) / 2})`;
  element(
    svg,
    "text",
    { x: 14, y: (top + bottom) / 2, "text-anchor": "middle", transform: turned },
    ylabel,
  );
}
