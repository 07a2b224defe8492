// Latents: those of a seed, truncated ones, and what lies between and around them.

// Of one seed: its stream goes on where the last sample ended.
const drawn = {seed: null, source: null, all: []};

function latents(seed, index) {
  if (drawn.seed !== seed) Object.assign(drawn, {seed, source: Randomness.latents(seed, facts.stream, latentSize), all: []});
  while (drawn.all.length <= index) drawn.all.push(drawn.source.next().value);
  return drawn.all[index];
}

// The share of standard normals below x, and its inverse: Abramowitz & Stegun 7.1.26, and bisection.
function below(x) {
  const t = 1 / (1 + 0.3275911 * Math.abs(x) / Math.SQRT2);
  const tail = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) * Math.exp(-x * x / 2);
  return x < 0 ? tail / 2 : 1 - tail / 2;
}

function truncated(x, limit) {  // the same place among normals that lie within the limit
  const share = below(-limit) + below(x) * (1 - 2 * below(-limit));
  let low = -limit, high = limit;
  for (let i = 0; i < 26; i++) {
    const middle = (low + high) / 2;
    if (below(middle) < share) low = middle; else high = middle;
  }
  return (low + high) / 2;
}

// Along the great arc: normals lie near a sphere.
function between(a, b, t) {
  let product = 0, first = 0, second = 0;
  a.forEach((x, i) => { product += x * b[i]; first += x * x; second += b[i] * b[i]; });
  const angle = Math.acos(Math.min(1, Math.max(-1, product / Math.sqrt(first * second || 1)))), sine = Math.sin(angle);
  const [of, to] = sine < 1e-4 ? [1 - t, t] : [Math.sin((1 - t) * angle) / sine, Math.sin(t * angle) / sine];
  return a.map((x, i) => of * x + to * b[i]);
}

function added(z, steps) {
  const sum = Float32Array.from(z);
  for (const [direction, by] of steps) if (by) direction.forEach((x, i) => { sum[i] += by * x; });
  return sum;
}

let planeSeed = 1;

function randomPlane() {  // two random directions of length 1, at a right angle
  const source = Randomness.latents(planeSeed, facts.stream, latentSize), first = source.next().value, second = source.next().value;
  const product = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);
  const long = (a) => { const length = Math.sqrt(product(a, a)) || 1; return a.map((x) => x / length); };
  const u = long(first), along = product(u, second);
  return [u, latentSize > 1 ? long(second.map((x, i) => x - along * u[i])) : u.map(() => 0)];
}
