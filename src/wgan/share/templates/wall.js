// The wall: samples of a seed, as tiles or as a cloud of points.
const CLOUD = 1500, ROWS = 6, MOST = 1000;  // samples in a cloud, rows of tiles at a time, tiles in all
const SLOW = 120;  // ms: a call that takes longer is not followed by one for more samples

let drawing = 0;  // the number of the newest wall: what an older one still wants is dropped
let mapIsOld = false;  // the chosen sample has followed the wall's settings, and its map has not yet

function seed() {
  const given = Math.floor(Number(byId("seed").value));
  return Number.isSafeInteger(given) && given >= 0 ? given : 0;
}

function limit() {
  const value = Number(byId("truncation").value);
  return value >= 3 ? Infinity : value;
}

// The samples of a wall, by index, as its settings are now.
function wallSamples() {
  const of = seed(), most = limit(), exact = most === Infinity, wanted = asked();
  return (index) => {
    const z = latents(of, index), said = settled(wanted, index);
    return {z: exact ? z : z.map((x) => truncated(x, most)), said, asked: vector(said), seed: of, index, exact, moved: false};
  };
}

// As many columns as fit; where each class is shown in turn, so many that each has columns of its own.
function columns() {
  const wall = byId("wall"), classes = fieldsets.map((_, k) => asked()[k] === -1 ? facts.condition[k].names.length : 0).find(Boolean);
  wall.style.gridTemplateColumns = "";
  const fit = getComputedStyle(wall).gridTemplateColumns.split(" ").length;
  const even = [0, 1, -1, 2, -2].map((by) => fit + by).find((count) => count > 0 && (count % classes === 0 || classes % count === 0));
  if (even) wall.style.gridTemplateColumns = `repeat(${even}, minmax(0, 1fr))`;
  return even || fit;
}

// Whole rows, as wide as the screen has them; a wall that was made longer stays as long.
function end(start) {
  if (points) return CLOUD;
  const rows = ROWS * columns();
  return Math.min(MOST, start ? start + rows : Math.max(rows, byId("wall").children.length));
}

async function fill(start = 0) {
  const number = ++drawing, newest = () => number === drawing, sampleAt = wallSamples(), until = end(start), made = [];
  if (!points) {
    if (start === 0) state.wall = [];
    for (let i = start; i < until; i++) label(tile(i), {seed: seed(), index: i, moved: false, exact: limit() === Infinity});
    byId("more").hidden = until >= MOST;
  }
  let each = points ? 100 : 1;
  for (let i = start; i < until;) {
    const part = Array.from({length: Math.min(each, until - i)}, (_, k) => sampleAt(i + k)), began = performance.now();
    const values = await generated(part, newest);
    if (!values) return;
    made.push(...part.map((sample, k) => ({...sample, values: values[k]})));
    if (!points) made.slice(-part.length).forEach(hang);
    i += part.length;
    if (performance.now() - began < SLOW) each = Math.min(2 * each, points ? CLOUD : 16);
    await new Promise(requestAnimationFrame);  // the page stays awake
    if (!newest()) return;
  }
  if (points) {
    state.wall = made;
    made.forEach(follow);
    showCloud();
  }
  mark();
  if (mapIsOld) refresh(true);
  mapIsOld = false;
}

function hang(sample) {
  state.wall[sample.index] = sample;
  draw.one(tile(sample.index).firstElementChild, sample.values);
  follow(sample);
}

// The chosen sample is the same one after other settings were changed: it keeps its moves.
function follow(sample) {
  if (state.wanted === sample.index) return choose(sample);
  if (!sameOrigin(state.chosen, sample)) return;
  state.chosen = sample;
  mapIsOld = true;
  showMoved();
}

const sameOrigin = (a, b) => Boolean(a && b && a.index !== null && !a.moved && !b.moved && a.index === b.index && a.seed === b.seed);
const named = (sample) => (sample.index === null ? words.between : words.sample.replace("{index}", sample.index).replace("{seed}", sample.seed)) + (sample.moved ? ` ${words.moved}` : isTruncated(sample) ? ` ${words.truncated}` : "");
const isTruncated = (sample) => sample.index !== null && !sample.moved && !sample.exact;
const label = (button, sample) => button.setAttribute("aria-label", named(sample));

function tile(place) {
  const wall = byId("wall");
  if (wall.children[place]) return wall.children[place];
  const button = wall.appendChild(document.createElement("button"));
  button.type = "button";
  button.append(document.createElement("canvas"));
  button.addEventListener("click", () => {
    if (!state.wall[place]) return;
    choose(state.wall[place]);
    const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
    if (matchMedia("(max-width: 900px)").matches) byId("chosen").scrollIntoView({behavior, block: "start"});
  });
  return button;
}

function mark() {
  if (points) return;
  [...byId("wall").children].forEach((button, i) => button.setAttribute("aria-pressed", sameOrigin(state.chosen, state.wall[i])));
}

// ---- A cloud of points ----

let place = null, paths = [];

function showCloud() {
  place = draw.cloud(byId("cloud"), state.wall.map((sample) => sample.values), state.shown && state.shown.values, paths);
}

function chooseNear(event) {
  if (!state.wall.length) return;
  const box = byId("cloud").getBoundingClientRect();
  const x = (event.clientX - box.left) / box.width * 640, y = (event.clientY - box.top) / box.height * 640;
  const far = (sample) => { const [a, b] = place(sample.values); return (a - x) ** 2 + (b - y) ** 2; };
  choose(state.wall.reduce((best, sample) => far(sample) < far(best) ? sample : best));
}

function chooseNext(event) {
  const by = {ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1}[event.key], {chosen, wall} = state;
  if (!by || !wall.length) return;
  event.preventDefault();
  const next = chosen && chosen.index !== null && chosen.seed === wall[0].seed ? chosen.index + by : 0;
  choose(wall[(next + wall.length) % wall.length]);
}
