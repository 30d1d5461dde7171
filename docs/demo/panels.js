// Colors that most color-blind readers can tell apart (Okabe and Ito); a number is always beside.
const COLORS = [
  "#0072B2",
  "#D55E00",
  "#009E73",
  "#CC79A7",
  "#E69F00",
  "#56B4E9",
  "var(--ink)",
  "#8C8C8C",
  "#F0E442",
  "#0072B2",
];
const color = (letter) => COLORS[letter];
const textOn = (letter) => (letter % 9 === 0 ? "#fff" : letter === 6 ? "var(--card)" : "#111");
const own = (letter) => `--own:${color(letter)};--on:${textOn(letter)}`;
const badge = (letter) => `<span class="badge" style="${own(letter)}">${letter + 1}</span>`;

const percent = (share) => `${Math.round(100 * share)}\u00a0%`;
const PANELS = {
  prototypical: {
    title: "Prototypical",
    says:
      "Averages the examples of each letter and measures the distance to each average. <b>The " +
      "shortest bar wins</b>, unless it passes the dashed line: then it is none of them.",
    bars({ distances }, { farthest }) {
      const longest = Math.max(1.6 * farthest, ...distances);
      const line = farthest / longest;
      return distances.map((each) => ({ parts: [each / longest], line, value: each.toFixed(1) }));
    },
  },
  siamese: {
    title: "Siamese",
    says:
      "Compares your drawing with one example at a time. <b>The longest bar is the most " +
      "similar.</b> Each example has its own bar.",
    bars({ distances, scores }, { labels }) {
      const similarity = (distance) => Math.max(0, 1 - distance / MARGIN);
      return scores.map((score, letter) => ({
        parts: distances.filter((_, i) => labels[i] === letter).map(similarity),
        value: percent(similarity(-score)),
      }));
    },
  },
  matching: {
    title: "Matching",
    says:
      "Spreads its attention over all examples. <b>The letter that gets most of it wins.</b> It " +
      "always adds up to 100 %, so this network cannot say “none”.",
    bars({ attention, scores }, { labels }) {
      return scores.map((score, letter) => ({
        parts: attention.filter((_, i) => labels[i] === letter),
        value: percent(Math.exp(score)),
      }));
    },
  },
  relation: {
    title: "Relation",
    says:
      "A second small network looks at your drawing and a letter side by side and rates the pair " +
      "from 0 to 1. <b>The highest rating wins.</b>",
    bars: ({ scores }) => scores.map((score) => ({ parts: [score], value: score.toFixed(2) })),
  },
};

export function drawPanels(box, letters, answered) {
  const panels = Object.entries(PANELS).map(([name, { title, says, bars }]) => {
    const head = answered?.heads[name];
    const none = { parts: [0], value: "" };
    const rows = head ? bars(head, answered) : letters.map(() => none);
    const unsure = head && name === "prototypical" && !answered.known;
    const vote = head ? (unsure ? "none of them" : `says ${badge(head.winner)}`) : "";
    const wins = (letter) => head && !unsure && letter === head.winner;
    const lines = rows.map((row, letter) => bar(row, letter, letters[letter][0], wins(letter)));
    return (
      `<section class="panel" data-network="${name}"><header><h3>${title}</h3>` +
      `<span class="votes">${vote}</span></header><p>${says}</p>${lines.join("")}</section>`
    );
  });
  box.innerHTML = panels.join("");
}

function bar({ parts, line, value }, letter, drawing, wins) {
  const width = (part) => `${(100 * Math.min(part, 1)).toFixed(1)}%`;
  const spans = parts.map((part) => `<span style="width:${width(part)}"></span>`).join("");
  const limit = line ? `<i style="left:${width(line)}"></i>` : "";
  return (
    `<div class="bar${wins ? " wins" : ""}" style="${own(letter)}">${inkSvg(drawing)}` +
    `<span class="hidden">Letter ${letter + 1}:</span><span class="track">${spans}${limit}</span>` +
    `<span class="value">${wins ? "✓ " : ""}${value}</span></div>`
  );
}
