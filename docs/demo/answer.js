// What the four networks answer, from drawings: { image } of 28 x 28 pixels, 0 or 255.
export const LEAST = 0.12; // a drawing smaller than this part of the pad is a dot

// The squared distance to the nearest prototype beyond which a drawing is none of the letters, for
// one to five examples. 95 % of the drawings of the glyphs' validation alphabets are nearer.
export const FARTHEST = [11.2, 8.6, 7.6, 7.1, 6.9];
export const MARGIN = 5; // of the contrastive loss that trained the Siamese network

const POOLED = { siamese: 4, prototypical: 4, relation: 2, matching: 4 };

// The embeddings of one drawing, computed once, by the name of the network.
export function embed(weights, drawing) {
  if (drawing.embedded) return drawing.embedded;
  const image = Float32Array.from(drawing.image, (value) => value / 255);
  drawing.embedded = Object.fromEntries(
    Object.entries(POOLED).map(([name, pooled]) => {
      const map = conv4(weights[name], image, pooled);
      return [name, name === "relation" ? map : map.values];
    }),
  );
  return drawing.embedded;
}

// letters: a list of lists of drawings. Returns each network's head, and what they say together.
export function answer(weights, letters, query) {
  const support = letters.flat();
  const labels = letters.flatMap((examples, letter) => examples.map(() => letter));
  const ask = (name, head) =>
    head(
      embed(weights, query)[name],
      support.map((each) => embed(weights, each)[name]),
      labels,
      letters.length,
    );
  const heads = {
    prototypical: ask("prototypical", prototypical),
    siamese: ask("siamese", siamese),
    matching: ask("matching", (...data) => matching(weights.matching, ...data)),
    relation: ask("relation", (...data) => relation(weights.relation, ...data)),
  };
  for (const head of Object.values(heads)) head.winner = best(head.scores);
  const { distances, scores, winner } = heads.prototypical;
  const shares = softmax(scores);
  const farthest = FARTHEST[Math.min(letters[winner].length, FARTHEST.length) - 1];
  const known = distances[winner] <= farthest;
  const votes = Object.values(heads).filter((head) => head.winner === winner).length;
  const [second] = order(scores).slice(1);
  return { heads, winner, second, shares, votes, labels, farthest, known };
}

const best = (scores) => scores.reduce((top, score, i) => (score > scores[top] ? i : top), 0);
const order = (scores) => [...scores.keys()].sort((a, b) => scores[b] - scores[a]);
