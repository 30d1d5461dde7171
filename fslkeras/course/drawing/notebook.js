// The pad in the notebook: a row per letter, with a paper for each example and each query.
function render({ model, el }) {
  const [classes, shot, places] = ["classes", "shot", "places"].map((name) => model.get(name));
  const least = 0.12; // a drawing smaller than this part of the paper is a dot
  const papers = [];

  const table = document.createElement("div");
  table.className = "fslkeras-pad";
  table.style.setProperty("--places", places);
  const title = (text, span) => {
    const head = table.appendChild(document.createElement("span"));
    head.textContent = text;
    head.style.gridColumn = `span ${span}`;
  };
  title("", 1);
  title(shot > 1 ? "Examples" : "Example", shot);
  if (places > shot) title(places - shot > 1 ? "Queries" : "Query", places - shot);
  for (let letter = 0; letter < classes; letter++) {
    title(`Letter ${letter + 1}`, 1);
    for (let place = 0; place < places; place++) papers.push(paper(letter, place));
  }
  el.append(table);
  requestAnimationFrame(() => papers.forEach(({ pad }) => pad.paint())); // once they have a size

  function paper(letter, place) {
    const name = place < shot ? `example ${place + 1}` : `query ${place - shot + 1}`;
    const box = table.appendChild(document.createElement("div"));
    if (place >= shot) box.className = "query";
    const canvas = box.appendChild(document.createElement("canvas"));
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `Letter ${letter + 1}, ${name}: a paper to draw on`);
    const clear = box.appendChild(document.createElement("button"));
    clear.type = "button";
    clear.textContent = "×";
    clear.setAttribute("aria-label", `Clear letter ${letter + 1}, ${name}`);
    const pad = drawingPad(canvas, () => {
      box.classList.toggle("drawn", pad.strokes.length > 0);
      if (!pad.drawing) send();
    });
    const own = (each) => each.letter === letter && each.place === place;
    pad.strokes = structuredClone(model.get("drawings").find(own)?.strokes ?? []);
    box.classList.toggle("drawn", pad.strokes.length > 0);
    clear.addEventListener("click", pad.clear);
    return { letter, place, pad };
  }

  function send() {
    const drawn = papers.filter(({ pad }) => pad.strokes.length);
    const drawings = drawn.map(({ letter, place, pad: { strokes } }) => {
      const pixels = Array.from(glyph(strokes, least), (value) => (value ? 1 : 0)).join("");
      return { letter, place, strokes: structuredClone(strokes), pixels };
    });
    model.set("drawings", drawings);
    model.save_changes();
  }
}

export default { render };
