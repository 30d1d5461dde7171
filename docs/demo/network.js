// The four networks of the course, from an image to scores, as in fslkeras/networks.py.
// An image is 28 x 28 numbers in 0..1; a map is { side, channels, values }, values (y, x, channel).
// Each network's weights are a list of arrays in Keras' order, the encoder's 20 first.

// ---- The encoder, `encoders.conv4`: four blocks of convolution, normalization, ReLU and pooling.
export function conv4(weights, image, pooledBlocks = 4) {
  let map = { side: 28, channels: 1, values: image };
  for (let block = 0; block < 4; block++) {
    const [kernel, ...statistics] = weights.slice(5 * block, 5 * block + 5);
    map = relu(batchNormalize(convolve(map, kernel), ...statistics));
    if (block < pooledBlocks) map = pool(map);
  }
  return map;
}

function convolve({ side, channels, values }, kernel) { // 3 x 3, padded with zeros
  const filters = kernel.length / 9 / channels;
  const sums = new Float32Array(side * side * filters);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++)
      for (let ky = Math.max(0, 1 - y); ky < Math.min(3, side + 1 - y); ky++)
        for (let kx = Math.max(0, 1 - x); kx < Math.min(3, side + 1 - x); kx++)
          for (let c = 0; c < channels; c++) {
            const value = values[((y + ky - 1) * side + x + kx - 1) * channels + c];
            if (value === 0) continue; // after a ReLU, that is often
            const [to, from] = [(y * side + x) * filters, ((ky * 3 + kx) * channels + c) * filters];
            for (let f = 0; f < filters; f++) sums[to + f] += value * kernel[from + f];
          }
  return { side, channels: filters, values: sums };
}

function batchNormalize(map, gamma, beta, mean, variance) {
  const scale = gamma.map((g, c) => g / Math.sqrt(variance[c] + 1e-5));
  const values = map.values.map((value, i) => {
    const c = i % map.channels;
    return (value - mean[c]) * scale[c] + beta[c];
  });
  return { ...map, values };
}

const relu = (map) => ({ ...map, values: map.values.map((value) => Math.max(value, 0)) });
function pool({ side, channels, values }) { // the largest of each 2 x 2
  const half = side >> 1;
  const most = new Float32Array(half * half * channels).fill(-Infinity);
  for (let y = 0; y < 2 * half; y++)
    for (let x = 0; x < 2 * half; x++)
      for (let c = 0; c < channels; c++) {
        const to = ((y >> 1) * half + (x >> 1)) * channels + c;
        most[to] = Math.max(most[to], values[(y * side + x) * channels + c]);
      }
  return { side: half, channels, values: most };
}

// ---- The heads. `support` is a list of embeddings, `labels` the class of each, 0 to ways - 1.
export const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
export const squaredDistance = (a, b) => a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0);
const add = (a, b) => a.map((value, i) => value + b[i]);
const sigmoid = (x) => 1 / (1 + Math.exp(-x));
export function softmax(logits) {
  const most = Math.max(...logits);
  const powers = Array.from(logits, (logit) => Math.exp(logit - most));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

export function classMeans(vectors, labels, ways) {
  return Array.from({ length: ways }, (_, way) => {
    const own = vectors.filter((_, i) => labels[i] === way);
    return own.reduce(add).map((sum) => sum / own.length);
  });
}

export function siamese(query, support, labels, ways) {
  const distances = support.map((example) => Math.sqrt(squaredDistance(query, example)));
  const means = classMeans(distances.map((distance) => [-distance]), labels, ways);
  return { distances, scores: means.flat() };
}

export function prototypical(query, support, labels, ways) {
  const prototypes = classMeans(support, labels, ways);
  const distances = prototypes.map((prototype) => squaredDistance(query, prototype));
  return { prototypes, distances, scores: distances.map((distance) => -distance) };
}

// The relation module sees the mean of a class's maps; their sum would suit one example alone.
export function relation(weights, query, support, labels, ways) {
  const [onQuery, onClass] = weights.slice(20, 22);
  const [first, second] = [weights.slice(22, 26), weights.slice(26, 30)]; // batch normalization
  const [kernel, dense, bias, last, lastBias] = weights.slice(30);
  const queryPart = convolve(query, onQuery).values;
  const maps = classMeans(support.map((map) => map.values), labels, ways);
  return { scores: maps.map((map) => {
    const classPart = convolve({ ...query, values: map }, onClass).values;
    const pair = { ...query, values: add(queryPart, classPart) };
    const once = pool(relu(batchNormalize(pair, ...first)));
    const { values } = pool(relu(batchNormalize(convolve(once, kernel), ...second)));
    const hidden = add(product(values, dense), bias).map((value) => Math.max(value, 0));
    return sigmoid(dot(hidden, last) + lastBias[0]);
  }) };
}

export function matching(weights, query, support, labels, ways) {
  const there = readSequence(support, ...weights.slice(20, 23));
  const back = readSequence([...support].reverse(), ...weights.slice(23, 26)).reverse();
  const context = support.map((example, i) => add(add(there[i], back[i]), example));
  const looked = attend(query, context, ...weights.slice(26));
  const unit = context.map((g) => g.map((value) => value / Math.sqrt(dot(g, g) || 1)));
  const attention = softmax(unit.map((g) => dot(looked, g)));
  const scores = Array.from({ length: ways }, (_, way) =>
    Math.log(attention.reduce((sum, share, i) => sum + (labels[i] === way ? share : 0), 1e-37)));
  return { attention, scores };
}

function product(vector, matrix) { // (rows) times (rows, columns)
  const sums = new Float32Array(matrix.length / vector.length);
  vector.forEach((value, row) => {
    for (let column = 0; column < sums.length; column++)
      sums[column] += value * matrix[row * sums.length + column];
  });
  return sums;
}

function lstmStep(gates, c, forgetBias) { // Keras' order: write, keep, new, read
  const size = c.length;
  const gate = (number, i) => gates[number * size + i];
  const cell = c.map((old, i) =>
    sigmoid(gate(1, i) + forgetBias) * old + sigmoid(gate(0, i)) * Math.tanh(gate(2, i)));
  return [cell.map((value, i) => sigmoid(gate(3, i)) * Math.tanh(value)), cell];
}

function readSequence(inputs, kernel, recurrent, bias) {
  let [h, c] = [new Float32Array(inputs[0].length), new Float32Array(inputs[0].length)];
  return inputs.map((x) => {
    [h, c] = lstmStep(add(add(product(x, kernel), product(h, recurrent)), bias), c, 0);
    return h;
  });
}

function attend(query, context, kernel, recurrent, bias) { // `layers.QueryContext` with 5 steps
  let [h, c] = [new Float32Array(query.length), new Float32Array(query.length)];
  const fromQuery = add(product(query, kernel), bias);
  for (let step = 0; step < 5; step++) {
    const shares = softmax(context.map((g) => dot(h, g)));
    const r = h.map((_, d) => context.reduce((sum, g, i) => sum + shares[i] * g[d], 0));
    [h, c] = lstmStep(add(fromQuery, product(Float32Array.of(...h, ...r), recurrent)), c, 1);
    h = add(h, query);
  }
  return h;
}
