// The latents of `wgan sample --seed`: NumPy's Philox and its ziggurat for float32, so that the page and the command
// make the same samples. Philox4x64-10: Salmon et al. 2011. Ziggurat: Marsaglia & Tsang 2000, 256 layers.
const Randomness = (() => {
  const MASK = (1n << 64n) - 1n;
  const MULTIPLIERS = [0xD2E7470EE14C6C93n, 0xCA5A826395121157n];
  const KEY_STEPS = [0x9E3779B97F4A7C15n, 0xBB67AE8584CAA73Bn];
  const EDGE = 3.6541528853610088, AREA = 0.00492867323399, LAYERS = 256, STEPS = 2 ** 23;

  // Where the layers end, from the top (1) down to the widest but one (255). The widest (0) has the tail beside it.
  const density = (x) => Math.exp(-0.5 * x * x), ends = new Float64Array(LAYERS);
  ends[0] = AREA / density(EDGE);
  ends[LAYERS - 1] = EDGE;
  for (let i = LAYERS - 2; i > 0; i--) ends[i] = Math.sqrt(-2 * Math.log(AREA / ends[i + 1] + density(ends[i + 1])));
  const scale = Float32Array.from(ends, (end) => end / STEPS);
  const inside = Uint32Array.from(ends, (end, i) => {
    const above = i === 0 ? EDGE : i === 1 ? 0 : ends[i - 1];
    return Math.floor(above / end * STEPS);
  });
  const height = Float32Array.from(ends, (end, i) => i ? density(end) : 1);

  function* words(seed, stream) {  // 32 bits at a time
    let counter = 0n;
    for (;;) {
      counter += 1n;
      let block = [counter, 0n, 0n, 0n], key = [BigInt(seed), BigInt(stream)];
      for (let round = 0; round < 10; round++) {
        const first = MULTIPLIERS[0] * block[0], second = MULTIPLIERS[1] * block[2];
        block = [(second >> 64n) ^ block[1] ^ key[0], second & MASK, (first >> 64n) ^ block[3] ^ key[1], first & MASK];
        key = [(key[0] + KEY_STEPS[0]) & MASK, (key[1] + KEY_STEPS[1]) & MASK];
      }
      for (const word of block) {
        yield Number(word & 0xFFFFFFFFn);
        yield Number(word >> 32n);
      }
    }
  }

  function normal(next) {
    const uniform = () => (next() >>> 8) / 16777216;
    for (;;) {
      const bits = next(), layer = bits & 0xFF, negative = (bits >>> 8) & 1, steps = bits >>> 9;
      const x = Math.fround(steps * scale[layer]) * (negative ? -1 : 1);
      if (steps < inside[layer]) return x;
      if (layer === 0) {
        for (;;) {
          const over = -Math.log1p(-uniform()) / EDGE, y = -Math.log1p(-uniform());
          if (y + y > over * over) return ((steps >>> 8) & 1) ? -(EDGE + over) : EDGE + over;
        }
      }
      if ((height[layer - 1] - height[layer]) * uniform() + height[layer] < density(x)) return x;
    }
  }

  return {
    // Samples of standard normals, one after the other, for ever: each an array of the latent size.
    * latents(seed, stream, size) {
      const source = words(seed, stream), next = () => source.next().value;
      for (;;) yield Float32Array.from({length: size}, () => normal(next));
    },
  };
})();
