// The page: a wall of samples, one of them chosen, its neighbourhood, sliders, and what lies between picked samples.
const byId = (id) => document.getElementById(id);
const facts = JSON.parse(byId("facts").textContent), words = facts.words;
const draw = Drawing(facts), points = facts.kind === "points";
const size = facts.shape.reduce((a, b) => a * b, 1), latentSize = facts.latent_size;
const CLOUD = 1500, ROWS = 6, STRIP = 10, MAP = 5, SLOW = 120, SHOWN_MOVES = 1e-9;
const REACH = Math.max(2, 0.75 * Math.sqrt(latentSize));  // a share of how far latents lie from 0

async function unpacked(id) {
  const bytes = Uint8Array.from(atob(byId(id).textContent), (sign) => sign.charCodeAt(0));
  byId(id).remove();
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
}

// ---- The generator. One call at a time: the runtime has one thread. ----

let session, Tensor, last = Promise.resolve();

async function start() {
  const address = URL.createObjectURL(new Blob([await unpacked("runtime")], {type: "text/javascript"}));
  const ort = await import(address);
  URL.revokeObjectURL(address);
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmBinary = await unpacked("wasm");
  ort.env.logLevel = "error";
  Tensor = ort.Tensor;
  session = await ort.InferenceSession.create(await unpacked("model"), {executionProviders: ["wasm"]});
}

// Samples of latents, each an array of what networks say.
function generated(inputs) {
  const work = async () => {
    const z = new Float32Array(inputs.length * latentSize), feed = {};
    inputs.forEach((input, i) => z.set(input.z, i * latentSize));
    feed.latents = new Tensor("float32", z, [inputs.length, latentSize]);
    if (facts.condition.length) {
      const asked = new Float32Array(inputs.length * inputs[0].asked.length);
      inputs.forEach((input, i) => asked.set(input.asked, i * input.asked.length));
      feed.condition = new Tensor("float32", asked, [inputs.length, inputs[0].asked.length]);
    }
    const made = (await session.run(feed)).samples.data;
    return inputs.map((_, i) => made.slice(i * size, (i + 1) * size));
  };
  last = last.then(work, work);
  return last;
}

// ---- Latents ----

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
  const moved = Float32Array.from(z);
  for (const [direction, by] of steps) if (by) direction.forEach((x, i) => { moved[i] += by * x; });
  return moved;
}

const directions = facts.directions.map((direction) => Float32Array.from(direction));
let planeSeed = 1;

function randomPlane() {  // two random directions of length 1, at a right angle
  const drawn = Randomness.latents(planeSeed, facts.stream, 2, latentSize);
  const first = drawn.slice(0, latentSize), second = drawn.slice(latentSize);
  const product = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);
  const long = (a) => { const length = Math.sqrt(product(a, a)) || 1; return a.map((x) => x / length); };
  const u = long(first), along = product(u, second);
  return [u, latentSize > 1 ? long(second.map((x, i) => x - along * u[i])) : u.map(() => 0)];
}

// ---- What is asked for ----

const fieldsets = [...document.querySelectorAll(".asked")];

// For each part, in its own terms: the place of a class (-1 is one of each), a list of labels, a number.
function asked() {
  return fieldsets.map((fieldset, k) => {
    const part = facts.condition[k];
    if (part.kind === "number") return Number(fieldset.querySelector("input").value);
    if (part.kind === "labels") return [...fieldset.querySelectorAll("input")].map((box) => box.checked);
    return Number((fieldset.querySelector("select") || fieldset.querySelector("input:checked")).value);
  });
}

const settled = (wanted, index) => wanted.map((value, k) => value === -1 ? index % facts.condition[k].names.length : value);

function vector(wanted) {
  return wanted.flatMap((value, k) => {
    const part = facts.condition[k];
    if (part.kind === "number") return [(value - part.centre) / part.spread];
    if (part.kind === "labels") return value.map(Number);
    return part.names.map((_, place) => Number(place === value));
  });
}

function inWords(wanted) {
  return wanted.map((value, k) => {
    const part = facts.condition[k];
    if (part.kind === "number") return `${part.name}=${Number(value.toPrecision(6))}`;
    const names = part.kind === "labels" ? part.names.filter((_, place) => value[place]).join("|") : part.names[value];
    return `${part.name}=${names}`;
  });
}

// ---- The wall ----

const state = {wall: [], chosen: null, moves: directions.map(() => 0), pad: [0, 0], plane: null, picks: []};
let drawing = 0;  // the number of the newest wall: what an older one still makes is not shown

function seed() {
  const given = Math.floor(Number(byId("seed").value));
  return Number.isSafeInteger(given) && given >= 0 ? given : 0;
}

function limit() {
  const value = Number(byId("truncation").value);
  return value >= 3 ? Infinity : value;
}

function inputsFrom(start, count) {
  const z = Randomness.latents(seed(), facts.stream, start + count, latentSize), wanted = asked(), most = limit();
  return Array.from({length: count}, (_, k) => {
    const index = start + k, of = z.slice(index * latentSize, (index + 1) * latentSize), said = settled(wanted, index);
    const exact = most === Infinity;
    return {z: exact ? of : of.map((x) => truncated(x, most)), said, asked: vector(said), seed: seed(), index, exact};
  });
}

// Whole rows, as wide as the screen has them.
function rows() {
  if (points) return CLOUD;
  return ROWS * getComputedStyle(byId("wall")).gridTemplateColumns.split(" ").length;
}

async function fill(start = 0) {
  const number = ++drawing, wall = byId("wall"), count = rows(), inputs = inputsFrom(start, count);
  if (start === 0) state.wall = [];
  if (points) return fillCloud(number, inputs);
  const tiles = inputs.map((input, k) => tile(wall, start + k, input));
  while (wall.children.length > start + count) wall.lastElementChild.remove();
  let each = 1;
  for (let i = 0; i < inputs.length;) {
    const part = inputs.slice(i, i + each), began = performance.now();
    const made = await generated(part);
    if (number !== drawing) return;
    made.forEach((values, k) => {
      const input = {...part[k], values};
      state.wall[start + i + k] = input;
      draw.one(tiles[i + k].firstElementChild, values);
      if (start + i + k === 0 && !state.chosen) choose(input);
    });
    i += part.length;
    if (performance.now() - began < SLOW) each = Math.min(2 * each, 16);
    await new Promise(requestAnimationFrame);  // the page stays awake
  }
  followChosen();
}

function tile(wall, place, input) {
  const button = wall.children[place] || wall.appendChild(document.createElement("button"));
  if (!button.firstElementChild) {
    button.type = "button";
    button.append(document.createElement("canvas"));
    button.addEventListener("click", () => {
      if (!state.wall[place]) return;
      choose(state.wall[place]);
      if (matchMedia("(max-width: 900px)").matches) byId("chosen").scrollIntoView({behavior: "smooth", block: "start"});
    });
  }
  button.setAttribute("aria-label", named(input));
  return button;
}

async function fillCloud(number, inputs) {
  const made = await generated(inputs);
  if (number !== drawing) return;
  state.wall = inputs.map((input, i) => ({...input, values: made[i]}));
  if (!state.chosen) choose(state.wall[0]); else followChosen();
  showCloud();
}

let place = null;

function showCloud(paths = state.paths || []) {
  state.paths = paths;
  const wall = byId("wall");
  if (!wall.firstElementChild) {
    const canvas = wall.appendChild(document.createElement("canvas"));
    canvas.addEventListener("click", (event) => {
      const box = canvas.getBoundingClientRect(), x = (event.clientX - box.left) / box.width * 640, y = (event.clientY - box.top) / box.height * 640;
      const far = (input) => { const [a, b] = place(input.values); return (a - x) ** 2 + (b - y) ** 2; };
      choose(state.wall.reduce((best, input) => far(input) < far(best) ? input : best));
    });
  }
  place = draw.cloud(wall.firstElementChild, state.wall.map((input) => input.values), state.shown && state.shown.values, paths);
}

// The chosen sample is the same one after the seed's other settings were changed.
function followChosen() {
  const chosen = state.chosen, now = chosen && chosen.index !== null && state.wall[chosen.index];
  if (now && now.seed === chosen.seed) choose(now, true);
  mark();
}

function mark() {
  if (points) return;
  [...byId("wall").children].forEach((button, i) => {
    const of = state.wall[i], chosen = state.chosen;
    button.setAttribute("aria-pressed", Boolean(of && chosen && of.index === chosen.index && of.seed === chosen.seed));
  });
}

// ---- The chosen sample ----

const named = (input) => input.index === null ? words.between : words.sample.replace("{index}", input.index).replace("{seed}", input.seed);
const moved = () => state.moves.some((by) => Math.abs(by) > SHOWN_MOVES) || state.pad.some((by) => Math.abs(by) > SHOWN_MOVES);

function choose(input, keep = false) {
  state.chosen = input;
  if (!keep) { state.moves.fill(0); state.pad = [0, 0]; }
  showMoves();
  mark();
  refresh(true);
}

function current(pad = state.pad) {
  const steps = directions.map((direction, k) => [direction, state.moves[k]]);
  const [u, v] = state.plane;
  return {...state.chosen, z: added(state.chosen.z, [...steps, [u, pad[0]], [v, pad[1]]])};
}

let busy = false, again = null;

// Draw the chosen sample where it was moved to: of several wishes while one is worked on, the newest.
async function refresh(map = false) {
  if (!state.chosen || !state.plane) return;
  again = {map: map || Boolean(again && again.map)};
  if (busy) return;
  busy = true;
  while (again) {
    const wish = again;
    again = null;
    const input = current(), [values] = await generated([input]);
    state.shown = {...input, values};
    showChosen();
    if (wish.map) await drawMap();
  }
  busy = false;
}

function showChosen() {
  const {shown, chosen} = state, large = byId("large");
  if (points) showCloud(); else draw.one(large, shown.values);
  large.hidden = points;
  const asking = facts.condition.length && chosen.said ? ` · ${inWords(chosen.said).join(", ")}` : "";
  byId("which").textContent = named(chosen) + (moved() ? ` ${words.moved}` : "") + asking + (points ? `: ${draw.table(shown.values)}` : "");
  const text = command();
  byId("command").textContent = text || words.no_command;
  byId("copy").disabled = !text;
  byId("back").disabled = !moved();
  nearest(shown.values);
}

// What a shell reads as one word.
const quoted = (text) => /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

function command() {
  const {shown, chosen} = state, exact = chosen.index !== null && chosen.exact && !moved();
  if (facts.condition.length && !chosen.said) return "";  // between two classes there is no word
  const bytes = new Uint8Array(Float32Array.from(shown.z).buffer);
  const latent = btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  const which = exact ? `--seed ${chosen.seed} --only ${chosen.index}` : `--latent=${latent}`;
  const asking = facts.condition.length ? inWords(chosen.said).map((text) => ` --condition ${quoted(text)}`).join("") : "";
  const at = facts.step === null ? "" : ` --step ${facts.step}`;
  return `wgan sample ${quoted(facts.command)} ${which}${at}${asking}`;
}

async function save() {
  const {shown, chosen} = state, [suffix, blob] = await draw.file(byId("large"), shown.values);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `${facts.name}-${chosen.index === null ? "between" : `seed${chosen.seed}-${chosen.index}`}${moved() ? "-moved" : ""}.${suffix}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

async function copy() {
  const text = command(), button = byId("copy");
  try {
    await navigator.clipboard.writeText(text);
  } catch {  // a page from the disk may not be allowed to
    const range = document.createRange();
    range.selectNodeContents(byId("command"));
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    document.execCommand("copy");
  }
  button.textContent = words.copied;
  setTimeout(() => { button.textContent = words.copy; }, 1500);
}

// ---- Its neighbourhood ----

function setPlane() {
  const chosen = byId("plane").value;
  if (chosen === "random") planeSeed += 1;
  state.plane = chosen === "random" ? randomPlane() : chosen.split(",").map((k) => directions[k] || directions[0].map(() => 0));
  state.pad = [0, 0];
  showMoves();
  refresh(true);
}

const lattice = Array.from({length: MAP * MAP}, (_, i) => [(i % MAP - 2) / 2 * REACH, (2 - Math.floor(i / MAP)) / 2 * REACH]);

async function drawMap() {
  const canvas = byId("pad").firstElementChild, of = state.chosen;
  if (points) return drawLattice();
  const [height, width] = facts.kind === "picture" ? facts.shape.slice(1) : facts.kind === "volume" ? facts.shape.slice(2) : [120, 240];
  const small = document.createElement("canvas"), pen = canvas.getContext("2d"), scale = Math.min(1, 96 / Math.max(height, width)) * (facts.kind === "signal" ? 2 : 1);
  const [wide, high] = [Math.max(8, Math.round(width * scale)), Math.max(8, Math.round(height * scale))];
  for (let row = 0; row < MAP; row++) {
    const made = await generated(lattice.slice(row * MAP, (row + 1) * MAP).map(current));
    if (state.chosen !== of) return;
    if (row === 0) { canvas.width = MAP * wide; canvas.height = MAP * high; }
    made.forEach((values, k) => { draw.one(small, values); pen.drawImage(small, k * wide, row * high, wide, high); });
    if (again && !again.map) return;  // somebody drags: the sample comes first
  }
}

async function drawLattice() {  // where a grid of the plane goes
  const steps = 25, lines = Array.from({length: 2 * MAP}, (_, k) => Array.from({length: steps}, (_, i) => {
    const fixed = (k % MAP - 2) / 2 * REACH, along = (2 * i / (steps - 1) - 1) * REACH;
    return k < MAP ? [fixed, along] : [along, fixed];
  }));
  const of = state.chosen, made = await generated(lines.flat().map(current));
  if (state.chosen === of) showCloud(lines.map((_, k) => made.slice(k * steps, (k + 1) * steps)));
}

function showMoves() {
  const [x, y] = state.pad, marker = document.querySelector(".marker"), pad = byId("pad");
  marker.style.left = `${(x / REACH + 1) * 50}%`;
  marker.style.top = `${(1 - y / REACH) * 50}%`;
  pad.setAttribute("aria-valuetext", `${x.toFixed(1)}, ${y.toFixed(1)}`);
  document.querySelectorAll("#sliders input").forEach((input, k) => {
    input.value = state.moves[k];
    input.nextElementSibling.textContent = state.moves[k].toFixed(1);
  });
}

function move(x, y) {
  state.pad = [x, y].map((by) => Math.min(REACH, Math.max(-REACH, by)));
  showMoves();
  refresh();
}

// ---- From one to the next ----

async function showPath() {
  document.querySelector(".path").hidden = !state.picks.length;
  const picks = byId("picks"), strip = byId("between");
  picks.replaceChildren(...state.picks.map((pick) => framed(pick)));
  strip.replaceChildren();
  const of = state.picks.length;
  for (let k = 1; k < state.picks.length; k++) {
    const [a, b] = [state.picks[k - 1], state.picks[k]];
    const inputs = Array.from({length: STRIP}, (_, i) => {
      const t = i / (STRIP - 1), end = [a, ...Array(STRIP - 2), b][i];
      return end || {
        z: between(a.z, b.z, t),
        asked: a.asked.map((x, j) => (1 - t) * x + t * b.asked[j]),
        said: String(a.asked) === String(b.asked) ? a.said : null,
        seed: null, index: null, exact: false,
      };
    });
    const made = await generated(inputs);
    if (of !== state.picks.length) return;
    strip.append(...inputs.map((input, i) => framed({...input, values: made[i]})));
  }
}

function framed(input) {
  const button = document.createElement("button"), canvas = button.appendChild(document.createElement("canvas"));
  button.type = "button";
  button.setAttribute("aria-label", named(input));
  if (points) button.textContent = draw.table(input.values); else draw.one(canvas, input.values);
  button.addEventListener("click", () => choose(input));
  return button;
}

// ---- Training samples that were asked to be included ----

let reals = null;

function nearest(values) {
  if (!reals) return;
  const distances = reals.map((real, k) => [Math.sqrt(real.reduce((sum, x, i) => sum + (x - values[i]) ** 2, 0) / size), k]);
  const found = distances.sort((a, b) => a[0] - b[0]).slice(0, 4);
  byId("nearest").querySelector(".row").replaceChildren(...found.map(([distance, k]) => {
    const figure = document.createElement("figure"), canvas = figure.appendChild(document.createElement("canvas"));
    const caption = figure.appendChild(document.createElement("figcaption"));
    draw.one(canvas, reals[k]);
    caption.textContent = (points ? `${draw.table(reals[k])}: ` : "") + distance.toFixed(3);
    canvas.hidden = points;
    return figure;
  }));
}

// ---- Everything that is touched ----

const listen = (id, kind, work) => { const element = byId(id); if (element) element.addEventListener(kind, work); };

function sayAsked() {
  const most = limit();
  byId("truncation-said").textContent = most === Infinity ? words.none : `±${most.toFixed(2)}`;
  if (byId("slice")) byId("slice-said").textContent = byId("slice").value;
  fieldsets.forEach((fieldset, k) => {
    const output = fieldset.querySelector("output");
    if (output) output.textContent = Number(asked()[k].toPrecision(4));
  });
}

function redraw() {
  if (points) return showCloud();
  state.wall.forEach((input, i) => { if (input) draw.one(byId("wall").children[i].firstElementChild, input.values); });
  if (state.shown) showChosen();
  drawMap();
  showPath();
}

function wire() {
  const changed = () => { sayAsked(); fill(); };
  for (const id of ["seed", "truncation"]) listen(id, "input", changed);
  fieldsets.forEach((fieldset) => fieldset.addEventListener("input", changed));
  listen("another", "click", () => { byId("seed").value = Math.floor(Math.random() * 1e6); state.chosen = null; changed(); });
  listen("more", "click", () => fill(state.wall.length));
  listen("save", "click", save);
  listen("copy", "click", copy);
  listen("pick", "click", () => { state.picks.push({...state.shown, ...(moved() ? {exact: false, index: null} : {})}); showPath(); });
  listen("forget", "click", () => { state.picks = []; showPath(); });
  listen("back", "click", () => choose(state.chosen));
  listen("plane", "change", setPlane);
  listen("slice", "input", () => { draw.look.slice = Number(byId("slice").value); sayAsked(); redraw(); });
  for (const axis of ["x", "y"]) listen(`axis-${axis}`, "change", (event) => { draw.look[axis] = Number(event.target.value); redraw(); });
  draw.dark.addEventListener("change", redraw);

  const pad = byId("pad"), to = (event) => {
    const box = pad.getBoundingClientRect();
    move(((event.clientX - box.left) / box.width * 2 - 1) * REACH, (1 - (event.clientY - box.top) / box.height * 2) * REACH);
  };
  pad.addEventListener("pointerdown", (event) => { pad.setPointerCapture(event.pointerId); to(event); });
  pad.addEventListener("pointermove", (event) => { if (pad.hasPointerCapture(event.pointerId)) to(event); });
  pad.addEventListener("keydown", (event) => {
    const by = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]}[event.key];
    if (!by) return;
    event.preventDefault();
    move(state.pad[0] + by[0] * REACH / 20, state.pad[1] + by[1] * REACH / 20);
  });
}

function build() {
  const plane = byId("plane"), option = (value, text) => plane.append(new Option(text, value));
  for (let k = 0; k + 1 < Math.min(directions.length, 6); k += 2) option(`${k},${k + 1}`, words.plane.replace("{a}", k + 1).replace("{b}", k + 2));
  option("random", words.random);
  directions.forEach((_, k) => {
    const label = document.createElement("label"), input = document.createElement("input"), output = document.createElement("output");
    label.className = "wide";
    label.append(`${k + 1} `);
    Object.assign(input, {type: "range", min: -REACH, max: REACH, step: REACH / 100, value: 0});
    input.setAttribute("aria-label", words.direction.replace("{k}", k + 1).replace("{share}", `${(100 * facts.shares[k]).toFixed(0)}%`));
    label.title = input.getAttribute("aria-label");
    input.addEventListener("input", () => { state.moves[k] = Number(input.value); showMoves(); refresh(); });
    input.addEventListener("change", () => refresh(true));
    label.append(input, output);
    byId("sliders").append(label);
  });
  byId("sliders").hidden = !directions.length;
  byId("more").hidden = points;
  document.body.classList.add(facts.kind);
  document.body.classList.toggle("crisp", facts.kind !== "signal" && Math.max(...facts.shape.slice(1)) <= 64);
}

// What PyTorch made of some latents, and what this page makes of them.
async function compare() {
  const inputs = facts.check.asked.map((asked, i) => ({z: Randomness.latents(0, facts.stream, i + 1, latentSize).slice(i * latentSize), asked}));
  const made = await generated(inputs), expected = new Float32Array((await unpacked("expected")).buffer);
  let most = 0;
  made.forEach((values, i) => draw.inUnits(values).forEach((value, j) => { most = Math.max(most, Math.abs(value - expected[i * size + j])); }));
  byId("checked").textContent = words.checked.replace("{count}", inputs.length).replace("{difference}", Number(most.toPrecision(2)));
}

try {
  const began = performance.now();
  build();
  await start();
  if (facts.neighbours) {
    const bytes = (await unpacked("reals")).buffer, all = new Float32Array(bytes);
    reals = Array.from({length: facts.neighbours}, (_, k) => all.slice(k * size, (k + 1) * size));
  }
  document.querySelector(".stage").hidden = false;
  setPlane();
  sayAsked();
  wire();
  await fill();
  await compare();
  byId("status").textContent = words.ready.replace("{seconds}", ((performance.now() - began) / 1000).toFixed(1));
  document.documentElement.dataset.state = "ready";
} catch (error) {
  document.documentElement.dataset.state = "failed";
  byId("status").textContent = `${words.failed} ${error.message}`;
}
