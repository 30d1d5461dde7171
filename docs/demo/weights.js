// The weights of the networks: half floats in one base64 string, and the shapes of each network's
// arrays, in order.
export function readWeights(base64, shapes) {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const halves = new Uint16Array(bytes.buffer);
  let start = 0;
  const read = (shape) => {
    const size = shape.reduce((product, axis) => product * axis, 1);
    return Float32Array.from(halves.subarray(start, (start += size)), fromHalf);
  };
  return Object.fromEntries(Object.entries(shapes).map(([name, all]) => [name, all.map(read)]));
}

function fromHalf(half) {
  const [sign, exponent, fraction] = [half >> 15 ? -1 : 1, (half >> 10) & 31, (half & 1023) / 1024];
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction) : 2 ** -14 * fraction);
}
