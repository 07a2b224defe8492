// The neighbourhood of the chosen sample: a map of a plane through it, on which it is moved.
const MAP = 5, GRID_STEPS = 25;  // samples along a side of the map; along a line of the grid that points have instead

const share = (k, steps) => (2 * k / (steps - 1) - 1) * REACH;
const squares = Array.from({length: MAP}, (_, row) => Array.from({length: MAP}, (_, k) => [share(k, MAP), -share(row, MAP)]));
const grid = Array.from({length: 2 * MAP}, (_, k) => Array.from({length: GRID_STEPS}, (_, i) => {
  const fixed = share(k % MAP, MAP), along = share(i, GRID_STEPS);
  return k < MAP ? [fixed, along] : [along, fixed];
}));
const mapRows = points ? [grid.flat()] : squares;

// A new map takes the place of one that is not yet complete.
function newMap() {
  state.map = {at: mover(), rows: []};
}

const mapIsDue = () => state.map.rows.length < mapRows.length;

async function makeRow() {
  const map = state.map, row = map.rows.length;
  const made = await generated(mapRows[row].map(map.at), () => state.map === map);
  if (!made) return;
  map.rows.push(made);
  if (!points) return paintRow(row);
  paths = grid.map((_, k) => made.slice(k * GRID_STEPS, (k + 1) * GRID_STEPS));
  showCloud();
}

function paintRow(row) {
  const canvas = byId("pad").firstElementChild, small = document.createElement("canvas"), pen = canvas.getContext("2d");
  const [height, width] = facts.kind === "picture" ? facts.shape.slice(1) : facts.kind === "volume" ? facts.shape.slice(2) : [120, 240];
  const scale = Math.min(1, 96 / Math.max(height, width)) * (facts.kind === "signal" ? 2 : 1);
  const [wide, high] = [Math.max(8, Math.round(width * scale)), Math.max(8, Math.round(height * scale))];
  if (row === 0) { canvas.width = MAP * wide; canvas.height = MAP * high; }
  state.map.rows[row].forEach((values, k) => { draw.one(small, values); pen.drawImage(small, k * wide, row * high, wide, high); });
}

function setPlane() {
  const plane = byId("plane").value;
  if (plane === "random") planeSeed += 1;
  if (state.plane && !state.sliders) {  // the sample stays where it was moved to
    state.drift = added(state.drift || new Float32Array(latentSize), state.plane.map((direction, k) => [direction, state.pad[k]]));
  }
  state.sliders = plane === "random" ? null : plane.split(",").map(Number);
  state.plane = state.sliders ? state.sliders.map((k) => directions[k]) : randomPlane();
  state.pad = [0, 0];
  showMoves();
  refresh(true);
}

function showMoves() {
  const [x, y] = padAt(), marker = document.querySelector(".marker");
  marker.style.left = `${(x / REACH + 1) * 50}%`;
  marker.style.top = `${(1 - y / REACH) * 50}%`;
  byId("pad-at").textContent = `${x.toFixed(1)}, ${y.toFixed(1)}`;
  document.querySelectorAll("#sliders input").forEach((input, k) => {
    input.value = state.moves[k];
    input.nextElementSibling.textContent = state.moves[k].toFixed(1);
  });
  byId("back").disabled = !moved();
}

function move(x, y) {
  const to = [x, y].map((by) => Math.min(REACH, Math.max(-REACH, by)));
  if (state.sliders) state.sliders.forEach((k, i) => { state.moves[k] = to[i]; });
  else state.pad = to;
  showMoves();
  refresh();
}
