// The page: its letters, the drawing on the paper, and what happens at each button.
const get = (id) => document.getElementById(id);
const data = JSON.parse(get("data").textContent);
const weights = readWeights(data.weights, data.shapes);
const WORDS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
const MOST = { letters: 10, examples: 5 };
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

// letters: a list of lists of drawings. query: the drawing to recognize. teach: the places, [letter,
// example], that the next drawings fill, and the letters from before, to return to.
// guest: whether the drawing on the paper is not the reader's own.
const state = { letters: [], query: null, answered: null, teach: null, deck: null, guest: false };
const pad = drawingPad(get("pad"), () => changed(null));

// ---- Example letters: each has eight drawings; five are examples to choose from, three are queries.
const alphabets = data.alphabets.map(({ name, letters }) => ({
  name,
  letters: letters.map((drawings) => drawings.map(fromData)),
}));

function fromData(value) {
  if (typeof value !== "string") {
    const strokes = value.map((flat) =>
      flat.flatMap((x, i) => (i % 2 ? [[flat[i - 1] / 280, x / 280]] : [])),
    );
    return { strokes, image: glyph(strokes, LEAST) };
  }
  const bytes = Array.from(atob(value), (character) => character.charCodeAt(0));
  return {
    strokes: null,
    image: Uint8Array.from({ length: 784 }, (_, i) =>
      (bytes[i >> 3] >> (7 - (i & 7))) & 1 ? 255 : 0,
    ),
  };
}

function deal() {
  const [ways, shots] = [Number(get("ways").value), Number(get("shots").value)];
  state.deck = alphabets[get("alphabet").selectedIndex].letters;
  state.letters = state.deck.slice(0, ways).map((drawings) => drawings.slice(0, shots));
  state.teach = null;
  setQuery();
  drawLetters();
}

// ---- The drawing, and the answer to it
let waiting = null;
let lastCost = 0;

function changed(picked) {
  get("paper").classList.toggle("drawn", Boolean(picked) || pad.strokes.length > 0);
  get("picked").innerHTML = picked ? inkSvg(picked).replace('"2 2 24 24"', '"0 0 28 28"') : "";
  state.query =
    picked ??
    (pad.strokes.length
      ? { strokes: structuredClone(pad.strokes), image: glyph(pad.strokes, LEAST) }
      : null);
  // As often as the device can follow; half of its time stays free for the pen.
  waiting ??= setTimeout(respond, Math.min(2 * lastCost, 400));
}

function respond() {
  waiting = null;
  const start = performance.now();
  const ready = state.query && !state.teach && state.letters.every((all) => all.length);
  state.answered = ready ? answer(weights, state.letters, state.query) : null;
  drawAnswer();
  lastCost = performance.now() - start;
}

function setQuery(picked = null) {
  stopDemo();
  state.guest = Boolean(picked);
  if (picked?.strokes) pad.show(onPaper(picked.strokes));
  else {
    pad.clear();
    changed(picked);
  }
}

// Strokes at the size and place at which a person would draw them on the paper.
const onPaper = (strokes) =>
  normalize(strokes, LEAST).strokes.map((stroke) => stroke.map(([x, y]) => [x / SIDE, y / SIDE]));

// ---- Demonstration: another drawing of one of the letters, stroke by stroke
function showOne() {
  stopDemo();
  state.guest = true;
  const letter = Math.floor(Math.random() * state.letters.length);
  const drawing = state.deck[letter][MOST.examples + Math.floor(Math.random() * 3)];
  if (calm || !drawing.strokes) return setQuery(drawing);
  const strokes = onPaper(drawing.strokes);
  const points = strokes.flat().length;
  let shown = 0;
  pad.clear();
  const step = () => {
    shown += Math.max(1, points / 40);
    let left = Math.round(shown);
    const part = strokes.flatMap((stroke) => {
      const some = stroke.slice(0, Math.max(left, 0));
      left -= stroke.length;
      return some.length ? [some] : [];
    });
    pad.show(part);
    state.demo = shown < points ? setTimeout(step, 30) : null;
  };
  step();
}

function stopDemo() {
  clearTimeout(state.demo);
  state.demo = null;
}

// ---- What is on the page
function drawAll() {
  drawLetters();
  drawAnswer();
}

function drawLetters() {
  const { letters, teach } = state;
  const plus = letters.length < MOST.letters && !teach;
  get("letters").style.setProperty(
    "--columns",
    Math.min(letters.length + plus, letters.length > 6 ? 5 : 6),
  );
  const [asked] = teach?.places[0] ?? [];
  get("letters").innerHTML =
    letters
      .map((examples, i) => {
        const what = examples.length === 1 ? "1 example" : `${examples.length} examples`;
        const more = examples.length > 1 ? `<span class="more">×${examples.length}</span>` : "";
        const face = examples.length ? inkSvg(examples[0]) : "?";
        return `<li class="letter c${i}${i === asked ? " asked" : ""}" style="${own(i)}"><button type="button" class="tile" data-letter="${i}"
      aria-label="Letter ${i + 1}: ${what}. Change it." ${teach ? "disabled" : ""}>${face}${badge(i)}${more}</button><span class="meter"><span style="width:0"></span></span></li>`;
      })
      .join("") +
    (plus
      ? `<li><button type="button" class="tile plus" data-letter="new" aria-label="Add a letter">+</button></li>`
      : "");
  for (const word of ["count", "seen"])
    get(word).textContent = word === "count" ? WORDS[letters.length] : seen();
  get("lead").innerHTML =
    `A small neural network sees <b>${state.letters.some((all) => all.length > 1) ? "a few examples" : "one example"}</b> of each, and then it reads them in your handwriting.`;
  for (const id of ["keep", "cancel"]) get(id).hidden = !teach;
  for (const id of ["share", "third"]) get(id).hidden = Boolean(teach);
  get("show").hidden = teach || !state.deck;
  get("prompt").textContent = prompt();
  get("ghost").textContent = teach ? "Any shape you like" : "Draw one of the letters above";
  get("paper").classList.toggle("ask", Boolean(teach));
}

const seen = () =>
  state.teach
    ? "Your letters"
    : state.letters.every((all) => all.length === 1)
      ? "It saw each of these once"
      : "It saw these examples";

function prompt() {
  if (!state.teach) return "Now draw one of them";
  const [letter, example] = state.teach.places[0];
  return example
    ? `Letter ${letter + 1} again: example ${example + 1}`
    : `Draw letter ${letter + 1}: invent one`;
}

let speaking = null;
function drawAnswer() {
  const { letters, query, answered, teach } = state;
  get("keep").disabled = !query;
  for (const id of ["undo", "clear"]) get(id).disabled = !query;
  get("undo").disabled ||= !pad.strokes.length;
  const filled = letters.filter((all) => all.length);
  get("answer").innerHTML = teach
    ? lesson()
    : answered
      ? verdict(answered)
      : `<p class="says">Your turn.</p><p class="small">Draw with a finger, a mouse or a pen. It need not be neat.</p>`;
  letters.forEach((_, i) => {
    const item = get("letters").children[i];
    item.classList.toggle("wins", Boolean(answered?.known && i === answered.winner));
    item.querySelector(".meter > span").style.width = answered?.known
      ? `${100 * answered.shares[i]}%`
      : 0;
  });
  document.body.dataset.answer = answered ? (answered.known ? answered.winner + 1 : "none") : "";
  if (filled.length) {
    drawMap(
      get("map"),
      filled,
      answered ? query : null,
      answered,
      (drawing) => embed(weights, drawing).prototypical,
    );
    drawPanels(get("panels"), filled, answered);
    const said = answered
      ? answered.known
        ? `Your drawing is nearest to letter ${answered.winner + 1}.`
        : "Your drawing is not near any of them."
      : "";
    get("map").setAttribute("aria-label", `Map of ${letters.length} letters. ${said}`);
  }
  clearTimeout(speaking);
  speaking = setTimeout(() => (get("spoken").textContent = answered ? spoken(answered) : ""), 500);
}

function spoken({ known, winner, second, shares, votes }) {
  if (!known && pad.drawing) return "Hmm. Not near any of these letters yet.";
  if (!known) return "I don’t know this one. It is not near any of these letters.";
  const doubt = shares[winner] < 0.75 ? `It could also be letter ${second + 1}. ` : "";
  const agree =
    votes === 4
      ? "All four networks agree."
      : votes === 1
        ? "The other networks disagree."
        : `${votes} of the four networks agree.`;
  return `${doubt ? "Probably" : "That’s"} letter ${winner + 1}. ${doubt}${agree}`;
}

function verdict(answered) {
  const { known, winner } = answered;
  const [says, ...rest] = spoken(answered).split(/(?<=[.]) /);
  const tile = known
    ? `<span class="tile" style="${own(winner)}">${inkSvg(state.letters[winner][0])}${badge(winner)}</span>`
    : "";
  const chips = state.letters
    .map(
      (examples, i) =>
        `<button type="button" data-teach="${i}" aria-label="Add it to letter ${i + 1}" ${examples.length < MOST.examples ? "" : "disabled"}>${inkSvg(examples[0])}${badge(i)}</button>`,
    )
    .join("");
  const extra =
    state.letters.length < MOST.letters
      ? `<button type="button" data-teach="${state.letters.length}">New letter</button>`
      : "";
  return `<div class="verdict">${tile}<div><p class="says">${says}</p><p class="small">${rest.join(" ")}</p></div></div>
    <p class="teach">Teach it: add this drawing as an example of</p><div class="chips">${chips}${extra}</div>`;
}

function lesson() {
  const { places, total } = state.teach;
  const left =
    places.length === total && total > 1
      ? `${total} drawings, and it is ready.`
      : `${places.length} to go.`;
  return `<p class="says">${places[0][1] ? "Once more." : "Invent a letter."}</p><p class="small">A sign, a rune, a doodle. Draw it, then keep it. ${left}</p>`;
}

// ---- Teaching: drawings become examples
function teach(places, letters) {
  state.teach = {
    places,
    total: places.length,
    before: { letters: state.letters, deck: state.deck },
  };
  state.letters = letters;
  setQuery();
  drawLetters();
}

function keep() {
  if (!state.query || !state.teach) return;
  const [letter, example] = state.teach.places.shift();
  // The first drawing of a letter takes the place of the old ones.
  state.letters[letter] = example ? [...state.letters[letter], state.query] : [state.query];
  embed(weights, state.query);
  if (!state.teach.places.length) state.teach = null;
  setQuery();
  drawLetters();
}

function addExample(letter) {
  const drawing = state.query;
  if (letter === state.letters.length) {
    state.letters.push([]);
    state.deck = null;
  }
  state.letters[letter].push(drawing);
  setQuery();
  drawLetters();
  const count = state.letters[letter].length;
  get("answer").innerHTML =
    `<p class="says">Thank you.</p><p class="small">Letter ${letter + 1} now has ${count} ${count > 1 ? "examples, and its prototype has moved" : "example"}. Draw another.</p>`;
  get("spoken").textContent = get("answer").textContent;
}

// ---- The dialogs
function openDialog(title, body) {
  get("dialogtitle").textContent = title;
  get("dialogbody").innerHTML = body;
  get("dialog").showModal();
}

function choices(title, drawings, name) {
  return `<div class="choices"><h3>${title}</h3>${drawings.map(([drawing, key], i) => `<button type="button" ${key} aria-label="${name}, drawing ${i + 1}">${inkSvg(drawing)}</button>`).join("")}</div>`;
}

function pickDrawing() {
  const all = alphabets[get("alphabet").selectedIndex].letters;
  const from = state.teach ? 0 : MOST.examples;
  const group = (drawings, letter) =>
    drawings
      .slice(from, from + 3)
      .map((drawing, i) => [drawing, `data-pick="${letter},${from + i}"`]);
  const known = state.deck && !state.teach ? state.letters.length : 0;
  const rows = all
    .slice(0, known)
    .map((drawings, i) => choices(badge(i), group(drawings, i), `Letter ${i + 1}`));
  const others = all.slice(known).flatMap((drawings, i) => group(drawings, known + i).slice(0, 2));
  if (others.length)
    rows.push(
      choices(
        known ? "None of these letters" : get("alphabet").value,
        others,
        known ? "None of these letters" : get("alphabet").value,
      ),
    );
  openDialog("Pick a drawing", rows.join(""));
}

function changeLetter(letter) {
  const examples = state.letters[letter];
  const few = examples.length < MOST.examples;
  const body = examples.map((drawing, i) => [
    drawing,
    `data-drop="${letter},${i}" ${examples.length > 1 ? "" : "disabled"}`,
  ]);
  openDialog(
    `Letter ${letter + 1}`,
    choices(
      examples.length > 1 ? "Its examples. Press one to remove it." : "Its only example",
      body,
      "Remove this example",
    ) +
      `<div class="buttons"><button type="button" class="strong" data-more="${letter}" ${few ? "" : "disabled"}>Add an example</button><button type="button" data-again="${letter}">Draw it anew</button>
    <button type="button" data-remove="${letter}" ${state.letters.length > 2 ? "" : "disabled"}>Remove this letter</button></div>`,
  );
}

const copy = () => state.letters.map((examples) => [...examples]);
const ACTIONS = {
  pick(letter, drawing) {
    setQuery(alphabets[get("alphabet").selectedIndex].letters[letter][drawing]);
    if (state.teach) keep();
  },
  drop(letter, example) {
    state.letters[letter].splice(example, 1);
    drawLetters();
    changed(pad.strokes.length ? null : state.query);
  },
  more: (letter) => teach([[letter, state.letters[letter].length]], copy()),
  again: (letter) => {
    teach([[letter, 0]], copy());
    state.deck = null;
  },
  remove(letter) {
    state.letters.splice(letter, 1);
    state.deck = null;
    setQuery();
    drawLetters();
  },
};

// ---- Buttons
get("dialogbody").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  const action = button && Object.keys(button.dataset).find((name) => name in ACTIONS);
  if (!action) return;
  get("dialog").close();
  ACTIONS[action](...button.dataset[action].split(",").map(Number));
});
get("close").addEventListener("click", () => get("dialog").close());
get("letters").addEventListener("click", (event) => {
  const letter = event.target.closest("button")?.dataset.letter;
  if (letter === "new") {
    teach([[state.letters.length, 0]], [...copy(), []]);
    state.deck = null;
    drawLetters();
  } else if (letter) changeLetter(Number(letter));
});
get("answer").addEventListener("click", (event) => {
  const letter = event.target.closest("button")?.dataset.teach;
  if (letter) addExample(Number(letter));
});
get("own").addEventListener("click", () => {
  const [ways, shots] = [Number(get("ways").value), Number(get("shots").value)];
  const places = Array.from({ length: ways * shots }, (_, i) => [Math.floor(i / shots), i % shots]);
  teach(
    places,
    Array.from({ length: ways }, () => []),
  );
  state.deck = null;
  drawLetters();
  get("step2").scrollIntoView({ block: "nearest" });
});
get("cancel").addEventListener("click", () => {
  Object.assign(state, state.teach.before, { teach: null });
  setQuery();
  drawLetters();
});
get("keep").addEventListener("click", keep);
get("undo").addEventListener("click", () => (stopDemo(), pad.undo()));
get("clear").addEventListener("click", () => setQuery());
get("show").addEventListener("click", showOne);
get("pick").addEventListener("click", pickDrawing);
get("share").addEventListener("click", () =>
  sharePicture(state.letters, state.query, state.answered),
);
for (const id of ["alphabet", "ways", "shots"]) get(id).addEventListener("change", deal);
get("pad").addEventListener(
  "pointerdown",
  (event) => {
    // A demonstration, or a picked drawing, makes room for the reader's own.
    if (state.guest) setQuery();
  },
  { capture: true },
);
document.addEventListener("keydown", (event) => {
  if (get("dialog").open || /INPUT|SELECT|TEXTAREA/.test(event.target.tagName)) return;
  if (event.key === "z" && (event.ctrlKey || event.metaKey)) pad.undo();
  if (event.key === "Enter" && state.teach && event.target === document.body) keep();
});

// ---- Light and dark
function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  get("theme").textContent = theme === "dark" ? "☀ Light" : "☾ Dark";
  get("theme").setAttribute(
    "aria-label",
    `Switch to ${theme === "dark" ? "light" : "dark"} colors`,
  );
  pad.paint();
}
const dark = matchMedia("(prefers-color-scheme: dark)");
dark.addEventListener("change", () => setTheme(dark.matches ? "dark" : "light"));
get("theme").addEventListener("click", () =>
  setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"),
);
addEventListener("resize", () => {
  pad.paint();
  drawAnswer();
});

// ---- Start
get("alphabet").innerHTML = alphabets.map(({ name }) => `<option>${name}</option>`).join("");
get("ways").innerHTML = WORDS.slice(2)
  .map((_, i) => `<option${i === 3 ? " selected" : ""}>${i + 2}</option>`)
  .join("");
get("shots").innerHTML = WORDS.slice(1, 6)
  .map((_, i) => `<option>${i + 1}</option>`)
  .join("");
setTheme(dark.matches ? "dark" : "light");
deal();
