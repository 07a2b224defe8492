// The chosen sample, and where it was moved to.
const SHOWN_MOVES = 1e-9;  // smaller ones are rounding

// Where the mark of the pad is.
const padAt = () => state.sliders ? state.sliders.map((k) => state.moves[k] ?? 0) : state.pad;

// Where a place of the pad is, with the chosen sample, the sliders and the plane as they are now.
function mover() {
  const {chosen, plane, sliders, drift} = state, moves = [...state.moves];
  return (pad) => {
    const at = [...moves], steps = drift ? [[drift, 1]] : [];
    if (sliders) sliders.forEach((slider, k) => { at[slider] = pad[k]; });
    else steps.push([plane[0], pad[0]], [plane[1], pad[1]]);
    steps.push(...directions.map((direction, k) => [direction, at[k]]));
    if (!steps.some(([, by]) => Math.abs(by) > SHOWN_MOVES)) return chosen;
    return {...chosen, z: added(chosen.z, steps), exact: false, moved: true};
  };
}

const moved = () => state.plane !== null && mover()(padAt()) !== state.chosen;

function choose(sample) {
  state.chosen = sample;
  state.wanted = null;
  state.moves.fill(0);
  state.pad = [0, 0];
  state.drift = null;
  showMoves();
  showMoved();
  mark();
  refresh(true);
}

let wished = false, busy = false;

// Show the chosen sample where it was moved to: at once where it lies unmoved, for its values are known.
function showMoved() {
  if (moved()) return refresh();
  wished = false;
  show(state.chosen);
}

// Make the chosen sample where it was moved to, and then its map. Of several wishes while one is worked on, the newest.
// The sample comes first: of the map, the next row is made when nobody waits for the sample.
async function refresh(map = false) {
  if (!state.chosen) return;
  if (map) newMap();
  wished ||= moved() || state.shown !== state.chosen;
  if (busy) return;
  busy = true;
  try {
    while (wished || mapIsDue()) await (wished ? makeMoved() : makeRow());
  } finally {  // an error ends this round only: what is still due is made in the next
    busy = false;
  }
}

async function makeMoved() {
  wished = false;
  if (!moved()) return show(state.chosen);
  const of = state.chosen, sample = mover()(padAt()), made = await generated([sample], () => state.chosen === of && moved());
  if (made) show({...sample, values: made[0]});
}

function show(sample) {
  const large = byId("large"), text = command(sample);
  state.shown = sample;
  if (points) showCloud(); else draw.one(large, sample.values);
  const asking = facts.condition.length && sample.said ? ` · ${inWords(sample.said).join(", ")}` : "";
  byId("which").textContent = named(sample) + asking + (points ? `: ${draw.table(sample.values)}` : "");
  byId("command").textContent = text || words.no_command;
  byId("copy").disabled = !text;
  nearest(sample.values);
}

// What a shell reads as one word.
const quoted = (text) => /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

function command(sample) {
  if (facts.condition.length && !sample.said) return "";  // between two classes there is no word
  const bytes = new Uint8Array(Float32Array.from(sample.z).buffer);
  const latent = btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  const which = sample.exact ? `--seed ${sample.seed} --only ${sample.index}` : `--latent=${latent}`;
  const asking = facts.condition.length ? inWords(sample.said).map((text) => ` --condition ${quoted(text)}`).join("") : "";
  const at = facts.step === null ? "" : ` --step ${facts.step}`;
  return `wgan sample ${facts.command.map(quoted).join(" ")} ${which}${at}${asking}`;
}

async function save() {
  const {shown} = state, [suffix, blob] = await draw.file(byId("large"), shown.values), link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `${facts.name}-${shown.index === null ? "between" : `seed${shown.seed}-${shown.index}`}${shown.moved ? "-moved" : isTruncated(shown) ? "-truncated" : ""}.${suffix}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

async function copy() {
  const text = command(state.shown), button = byId("copy");
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
