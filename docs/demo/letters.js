// Where letters come from: the examples of the page, and the reader.

// ---- Example letters: of their eight drawings, five are examples and three are queries.
const alphabets = data.alphabets.map(({ name, letters }) => ({
  name,
  letters: letters.map((drawings) => drawings.map(fromData)),
}));
const alphabet = () => alphabets[get("alphabet").selectedIndex];

function fromData(value) {
  if (typeof value !== "string") {
    const pair = (flat) => (x, i) => (i % 2 ? [[flat[i - 1] / 280, x / 280]] : []);
    const strokes = value.map((flat) => flat.flatMap(pair(flat)));
    return { strokes, image: glyph(strokes, LEAST) };
  }
  const bytes = Array.from(atob(value), (character) => character.charCodeAt(0));
  const pixel = (_, i) => ((bytes[i >> 3] >> (7 - (i & 7))) & 1 ? 255 : 0);
  return { strokes: null, image: Uint8Array.from({ length: SIDE * SIDE }, pixel) };
}

const wanted = () => [Number(get("ways").value), Number(get("shots").value)];

function deal() {
  const [ways, shots] = wanted();
  state.deck = alphabet().letters.slice(0, ways);
  state.letters = state.deck.map((drawings) => drawings.slice(0, shots));
  state.teach = null;
  setQuery();
  drawLetters();
}

// ---- Demonstration: another drawing of one of the letters, stroke by stroke
function showOne() {
  stopDemo();
  state.guest = true;
  const dealt = [...state.deck.keys()].filter((letter) => state.deck[letter]);
  const letter = dealt[Math.floor(Math.random() * dealt.length)];
  const drawing = state.deck[letter][MOST.examples + Math.floor(Math.random() * 3)];
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
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

// ---- Teaching: drawings become examples
function teach(places, letters, deck) {
  const before = { letters: state.letters, deck: state.deck };
  Object.assign(state, { letters, deck, teach: { places, total: places.length, before } });
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
    state.deck.push(null);
  }
  state.letters[letter].push(drawing);
  setQuery();
  drawLetters();
  respond();
  const count = state.letters[letter].length;
  const now = count > 1 ? `${count} examples, and its prototype has moved` : "an example";
  get("answer").innerHTML = says(
    "Thank you.",
    `Letter ${letter + 1} now has ${now}. Draw another.`,
  );
  get("spoken").textContent = get("answer").textContent;
}

// ---- The dialogs
function openDialog(title, body) {
  get("dialogtitle").textContent = title;
  get("dialogbody").innerHTML = body;
  get("dialog").showModal();
}

function choices(title, drawings, name) {
  const buttons = drawings.map(([drawing, action], i) => {
    const label = `aria-label="${name}, drawing ${i + 1}"`;
    return `<button type="button" ${action} ${label}>${inkSvg(drawing)}</button>`;
  });
  return `<div class="choices"><h3>${title}</h3>${buttons.join("")}</div>`;
}

function pickDrawing() {
  const all = alphabet().letters;
  const from = state.teach ? 0 : MOST.examples;
  const pick = (letter, i) => [all[letter][i], `data-pick="${letter},${i}"`];
  const known = state.teach ? [] : state.deck.map((drawings) => all.indexOf(drawings));
  const rows = known.flatMap((letter, i) => {
    const drawings = [0, 1, 2].map((k) => letter >= 0 && pick(letter, from + k));
    return letter >= 0 ? [choices(badge(i), drawings, `Letter ${i + 1}`)] : [];
  });
  const others = all.flatMap((_, letter) =>
    known.includes(letter) ? [] : [pick(letter, from), pick(letter, from + 1)],
  );
  const title = rows.length ? "None of these letters" : alphabet().name;
  if (others.length) rows.push(choices(title, others, title));
  openDialog("Pick a drawing", rows.join(""));
}

function changeLetter(letter) {
  const examples = state.letters[letter];
  const off = (condition) => (condition ? "" : "disabled");
  const several = examples.length > 1;
  const body = examples.map((each, i) => [each, `data-drop="${letter},${i}" ${off(several)}`]);
  const title = several ? "Its examples. Press one to remove it." : "Its only example";
  const button = (action, condition, text, look = "") =>
    `<button type="button" class="${look}" data-${action}="${letter}" ` +
    `${off(condition)}>${text}</button>`;
  openDialog(
    `Letter ${letter + 1}`,
    `${choices(title, body, "Remove this example")}<div class="buttons">` +
      button("more", examples.length < MOST.examples, "Add an example", "strong") +
      button("again", true, "Draw it anew") +
      `${button("remove", state.letters.length > 2, "Remove this letter")}</div>`,
  );
}

const copy = () => state.letters.map((examples) => [...examples]);
const ACTIONS = {
  pick(letter, drawing) {
    setQuery(alphabet().letters[letter][drawing]);
    if (state.teach) keep();
  },
  drop(letter, example) {
    state.letters[letter].splice(example, 1);
    drawLetters();
    respond();
  },
  more: (letter) => teach([[letter, state.letters[letter].length]], copy(), [...state.deck]),
  again: (letter) => teach([[letter, 0]], copy(), state.deck.with(letter, null)),
  remove(letter) {
    state.letters.splice(letter, 1);
    state.deck.splice(letter, 1);
    setQuery();
    drawLetters();
  },
};
