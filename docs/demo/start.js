// What each button does, and how the page starts.

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
    teach([[state.letters.length, 0]], [...copy(), []], [...state.deck, null]);
  } else if (letter) changeLetter(Number(letter));
});
get("answer").addEventListener("click", (event) => {
  const letter = event.target.closest("button")?.dataset.teach;
  if (letter) addExample(Number(letter));
});
get("own").addEventListener("click", () => {
  const [ways, shots] = wanted();
  const places = Array.from({ length: ways * shots }, (_, i) => [Math.floor(i / shots), i % shots]);
  teach(
    places,
    Array.from({ length: ways }, () => []),
    Array(ways).fill(null),
  );
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
  () => {
    // A demonstration, or a picked drawing, makes room for the reader's own.
    if (state.guest) setQuery();
  },
  { capture: true },
);
document.addEventListener("keydown", (event) => {
  if (event.key === "z" && (event.ctrlKey || event.metaKey) && !get("dialog").open) pad.undo();
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
