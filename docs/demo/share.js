// The letters, the drawing and the answer as a PNG of 1200 x 630 pixels.
export async function sharePicture(letters, query, answered) {
  const blob = await picture(letters, query, answered);
  const file = new File([blob], "five-letters.png", { type: "image/png" });
  if (navigator.canShare?.({ files: [file] })) {
    await navigator.share({ files: [file], title: document.title }).catch(() => {});
    return;
  }
  const link = Object.assign(document.createElement("a"), {
    href: URL.createObjectURL(blob),
    download: file.name,
  });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function picture(letters, query, answered) {
  const style = getComputedStyle(document.documentElement);
  const theme = (name) => style.getPropertyValue(name).trim();
  const real = (value) => (value.startsWith("var(") ? theme(value.slice(4, -1)) : value);
  const canvas = Object.assign(document.createElement("canvas"), { width: 1200, height: 630 });
  const pen = canvas.getContext("2d");
  const text = (words, x, y, font, fill = theme("--ink")) => {
    Object.assign(pen, { font: `${font} system-ui, sans-serif`, fillStyle: fill });
    pen.fillText(words, x, y);
  };
  const tile = (drawing, x, y, side, edge, number) => {
    Object.assign(pen, { fillStyle: theme("--paper"), strokeStyle: edge, lineWidth: side / 22 });
    pen.beginPath();
    pen.roundRect(x, y, side, side, side / 7);
    pen.fill();
    pen.stroke();
    const { d, pen: width } = inkPath(drawing);
    pen.save();
    pen.translate(x, y);
    pen.scale(side / 28, side / 28);
    Object.assign(pen, {
      lineCap: "round",
      lineJoin: "round",
      lineWidth: width || 0.08,
      strokeStyle: theme("--ink"),
      fillStyle: theme("--ink"),
    });
    const path = new Path2D(d);
    if (!width) pen.fill(path);
    pen.stroke(path);
    pen.restore();
    if (number) text(number, x + 8, y - 10, "600 26px", theme("--soft"));
  };
  pen.fillStyle = theme("--back");
  pen.fillRect(0, 0, canvas.width, canvas.height);
  text(
    letters.every((all) => all.length < 2)
      ? "It saw each of these letters once."
      : "It saw these letters a few times.",
    60,
    92,
    "700 46px",
  );
  const side = Math.min(180, 1080 / letters.length - 20);
  letters.forEach((examples, i) =>
    tile(examples[0], 60 + i * (side + 20), 150, side, real(color(i)), `${i + 1}`),
  );
  if (query && answered) {
    const edge = answered.known ? real(color(answered.winner)) : theme("--soft");
    tile(query, 60, 375, 180, edge);
    text("Then I drew this.", 280, 455, "400 36px", theme("--soft"));
    text(
      answered.known ? `It said: letter ${answered.winner + 1}.` : "It said: none of them.",
      280,
      510,
      "700 46px",
    );
  }
  text("Draw five letters · few-shot learning with Keras", 60, 605, "400 22px", theme("--soft"));
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}
