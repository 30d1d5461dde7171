function render({ model, el }) {
  const cosines = model.get("cosines");
  const row = 34;
  const { box, svg } = canvas(
    el,
    600,
    row * cosines.length + 10,
    "The softmax of the cosines times the scale",
  );
  const said = element(box, "p", { role: "status", style: "margin:4px 0" });

  function draw() {
    svg.replaceChildren();
    const scale = model.get("scale");
    const top = Math.max(...cosines);
    const powers = cosines.map((cosine) => Math.exp(scale * (cosine - top)));
    const sum = powers.reduce((a, b) => a + b);
    powers.forEach((power, i) => {
      const share = power / sum;
      const y = 5 + row * i;
      element(svg, "text", { x: 0, y: y + 19 }, `cosine ${cosines[i].toFixed(2)}`);
      element(svg, "rect", { x: 105, y, width: 400 * share, height: row - 8, fill: COLORS[i] });
      element(svg, "text", { x: 110 + 400 * share, y: y + 19 }, share.toFixed(3));
    });
    said.textContent =
      `Scale ${scale.toFixed(1)}: the highest probability is ${(Math.max(...powers) / sum).toFixed(3)}, ` +
      `a loss of ${Math.log(sum / Math.max(...powers)).toFixed(3)} if it is the right class.`;
  }

  // A logarithmic slider: 0 is a scale of 1, and 2 a scale of 100.
  const input = slider(
    box,
    "scale, 1 to 100",
    [0, 2, 0.02],
    Math.log10(model.get("scale")),
    (value) => {
      model.set("scale", 10 ** value);
      model.save_changes();
    },
  );
  model.on("change:scale", () => {
    input.value = Math.log10(model.get("scale"));
    draw();
  });
  draw();
}

export default { render };
