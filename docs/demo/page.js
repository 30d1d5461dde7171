// What the page holds, and what it shows of that.
const get = (id) => document.getElementById(id);
const data = JSON.parse(get("data").textContent);
const weights = readWeights(data.weights, data.shapes);
const WORDS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
const MOST = { letters: 10, examples: 5 };

// letters: a list of lists of drawings.
// deck: for each letter, the eight drawings of an example letter, or null for one of the reader's.
// query: the drawing to recognize; guest: whether somebody else drew it.
// answered: what `answer` says of the query.
// teach: the places, [letter, example], that the next drawings fill, and what there was before.
const state = { letters: [], deck: [], query: null, guest: false, answered: null, teach: null };
const pad = drawingPad(get("pad"), () => changed(null));

// ---- The drawing, and the answer to it
let waiting = null;
let lastCost = 0;

function changed(picked) {
  get("paper").classList.toggle("drawn", Boolean(picked) || pad.strokes.length > 0);
  get("picked").innerHTML = picked ? inkSvg(picked, "0 0 28 28") : "";
  const drawn = () => ({ strokes: structuredClone(pad.strokes), image: glyph(pad.strokes, LEAST) });
  state.query = picked ?? (pad.strokes.length ? drawn() : null);
  // As often as the device can follow; half of its time stays free for the pen.
  waiting ??= setTimeout(respond, Math.min(2 * lastCost, 400));
}

function respond() {
  clearTimeout(waiting);
  waiting = null;
  const start = performance.now();
  const ready = state.query && !state.teach;
  state.answered = ready ? answer(weights, state.letters, state.query) : null;
  drawAnswer();
  lastCost = performance.now() - start;
}

function setQuery(picked = null) {
  stopDemo();
  state.guest = Boolean(picked);
  if (picked?.strokes) return pad.show(onPaper(picked.strokes));
  pad.clear();
  changed(picked);
}

// Strokes at the size and place at which a person would draw them on the paper.
const onPaper = (strokes) =>
  normalize(strokes, LEAST).strokes.map((stroke) => stroke.map(([x, y]) => [x / SIDE, y / SIDE]));

// ---- The letters, and what the reader does next
function drawLetters() {
  const { letters, teach } = state;
  const focused = document.activeElement?.dataset.letter;
  const plus = letters.length < MOST.letters && !teach;
  const columns = letters.length + plus > 6 ? 5 : letters.length + plus;
  const add = '<li><button type="button" class="tile plus" data-letter="new"';
  get("letters").style.setProperty("--columns", columns);
  get("letters").innerHTML =
    letters.map(letterTile).join("") +
    (plus ? `${add} aria-label="Add a letter">+</button></li>` : "");
  get("letters").querySelector(`[data-letter="${focused}"]`)?.focus();
  const few = letters.some((all) => all.length > 1) ? "a few examples" : "one example";
  get("count").textContent = WORDS[letters.length];
  get("lead").innerHTML =
    `A small neural network sees <b>${few}</b> of each, ` +
    `and then it reads them in your handwriting.`;
  const seen = few === "one example" ? "It saw each of these once" : "It saw these examples";
  get("seen").textContent = teach ? "Your letters" : seen;
  get("prompt").textContent = prompt();
  get("ghost").textContent = teach ? "Any shape you like" : "Draw one of the letters above";
  get("paper").classList.toggle("ask", Boolean(teach));
  for (const id of ["keep", "cancel"]) get(id).hidden = !teach;
  for (const id of ["share", "third"]) get(id).hidden = Boolean(teach);
  get("show").hidden = Boolean(teach) || !state.deck.some(Boolean);
}

function letterTile(examples, i) {
  const count = examples.length === 1 ? "1 example" : `${examples.length} examples`;
  const more = examples.length > 1 ? `<span class="more">×${examples.length}</span>` : "";
  const face = examples.length ? inkSvg(examples[0]) : "?";
  const asked = i === state.teach?.places[0][0] ? " asked" : "";
  return (
    `<li class="letter c${i}${asked}" style="${own(i)}"><button type="button" class="tile" ` +
    `data-letter="${i}" aria-label="Letter ${i + 1}: ${count}. Change it." ` +
    `${state.teach ? "disabled" : ""}>${face}${badge(i)}${more}` +
    `</button><span class="meter"><span style="width:0"></span></span></li>`
  );
}

function prompt() {
  if (!state.teach) return "Now draw one of them";
  const [letter, example] = state.teach.places[0];
  return example
    ? `Letter ${letter + 1} again: example ${example + 1}`
    : `Draw letter ${letter + 1}: invent one`;
}

// ---- The answer, in words and pictures
const says = (large, small) => `<p class="says">${large}</p><p class="small">${small}</p>`;
let speaking = null;

function drawAnswer() {
  const { letters, query, answered, teach } = state;
  for (const id of ["keep", "clear"]) get(id).disabled = !query;
  get("undo").disabled = !pad.strokes.length;
  const turn = says("Your turn.", "Draw with a finger, a mouse or a pen. It need not be neat.");
  get("answer").innerHTML = teach ? lesson() : answered ? verdict(answered) : turn;
  letters.forEach((_, i) => {
    const item = get("letters").children[i];
    const share = answered?.known ? answered.shares[i] : 0;
    item.classList.toggle("wins", Boolean(answered?.known && i === answered.winner));
    item.querySelector(".meter > span").style.width = `${100 * share}%`;
  });
  const named = answered && (answered.known ? String(answered.winner + 1) : "none");
  document.body.dataset.answer = named ?? "";
  const filled = letters.filter((all) => all.length);
  if (filled.length) {
    const vector = (drawing) => embed(weights, drawing).prototypical;
    drawMap(get("map"), filled, answered && query, answered, vector);
    drawPanels(get("panels"), filled, answered);
  }
  const near = named === "none" ? "near none of them" : `nearest to letter ${named}`;
  const said = named ? ` Your drawing is ${near}.` : "";
  get("map").setAttribute("aria-label", `Map of ${letters.length} letters.${said}`);
  clearTimeout(speaking);
  speaking = setTimeout(
    () => (get("spoken").textContent = answered ? sentence(answered) : ""),
    500,
  );
}

function sentence({ known, winner, second, shares, votes }) {
  if (!known && pad.drawing) return "Hmm. Not near any of these letters yet.";
  if (!known) return "I don’t know this one. It is not near any of these letters.";
  const some =
    votes === 1 ? "The other networks disagree." : `${votes} of the four networks agree.`;
  const agree = votes === 4 ? "All four networks agree." : some;
  if (shares[winner] > 0.75) return `That’s letter ${winner + 1}. ${agree}`;
  return `Probably letter ${winner + 1}. It could also be letter ${second + 1}. ${agree}`;
}

function verdict(answered) {
  const { known, winner } = answered;
  const [large, ...small] = sentence(answered).split(/(?<=[.]) /);
  const face = known && `${inkSvg(state.letters[winner][0])}${badge(winner)}`;
  const tile = known ? `<span class="tile" style="${own(winner)}">${face}</span>` : "";
  const chips = state.letters.map((examples, i) => {
    if (examples.length === MOST.examples) return "";
    const name = `aria-label="Add it to letter ${i + 1}"`;
    const inner = `${inkSvg(examples[0])}${badge(i)}`;
    return `<button type="button" data-teach="${i}" ${name}>${inner}</button>`;
  });
  const count = state.letters.length;
  if (count < MOST.letters)
    chips.push(`<button type="button" data-teach="${count}">New letter</button>`);
  return (
    `<div class="verdict">${tile}<div>${says(large, small.join(" "))}</div></div>` +
    (chips.some(Boolean)
      ? '<p class="teach">Teach it: add this drawing as an example of</p>'
      : "") +
    `<div class="chips">${chips.join("")}</div>`
  );
}

function lesson() {
  const { places, total } = state.teach;
  const begins = places.length === total && total > 1;
  const left = begins ? `${total} drawings, and it is ready.` : `${places.length} to go.`;
  const title = places[0][1] ? "Once more." : "Invent a letter.";
  return says(title, `A sign, a rune, a doodle. Draw it, then keep it. ${left}`);
}
