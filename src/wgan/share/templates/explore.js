// The page: a wall of samples, one of them chosen, its neighbourhood, sliders, and what lies between picked samples.

const listen = (id, kind, work) => { const element = byId(id); if (element) element.addEventListener(kind, work); };

function sayAsked() {
  const most = limit();
  byId("truncation-said").textContent = most === Infinity ? words.none : `±${most.toFixed(2)}`;
  if (byId("slice")) byId("slice-said").textContent = byId("slice").value;
  fieldsets.forEach((fieldset, k) => {
    const output = fieldset.querySelector("output");
    if (output) output.textContent = asked()[k];
  });
}

let repainting = false;

// What was made already, in other colours or another slice: once a frame, however often it is asked for.
function repaint() {
  if (repainting) return;
  repainting = true;
  requestAnimationFrame(() => {
    repainting = false;
    if (state.shown) show(state.shown);
    if (points) return;
    state.wall.forEach((sample, i) => draw.one(tile(i).firstElementChild, sample.values));
    state.map?.rows.forEach((_, row) => paintRow(row));
    frames.forEach(([canvas, sample]) => draw.one(canvas, sample.values));
  });
}

function wire() {
  const changed = () => {
    if (!byId("seed").checkValidity()) return;  // it is marked, and the wall stays
    sayAsked();
    fill();
  };
  for (const id of ["seed", "truncation"]) listen(id, "input", changed);
  fieldsets.forEach((fieldset) => fieldset.addEventListener("input", changed));
  listen("another", "click", () => { byId("seed").value = Math.floor(Math.random() * 1e6); state.wanted = 0; changed(); });
  listen("more", "click", () => fill(state.wall.length));
  listen("save", "click", save);
  listen("copy", "click", copy);
  listen("pick", "click", pick);
  listen("forget", "click", forget);
  listen("cloud", "click", chooseNear);
  listen("cloud", "keydown", chooseNext);
  listen("back", "click", () => choose(state.chosen));
  listen("plane", "change", setPlane);
  listen("slice", "input", () => { draw.look.slice = Number(byId("slice").value); sayAsked(); repaint(); });
  for (const axis of ["x", "y"]) listen(`axis-${axis}`, "change", (event) => { draw.look[axis] = Number(event.target.value); repaint(); });
  draw.dark.addEventListener("change", repaint);

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
    const [x, y] = padAt();
    move(x + by[0] * REACH / 20, y + by[1] * REACH / 20);
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
  byId("more").hidden = byId("large").hidden = points;
  document.body.classList.add(facts.kind);
  document.body.classList.toggle("crisp", facts.kind !== "signal" && Math.max(...facts.shape.slice(1)) <= 64);
}

// What PyTorch made of some latents, and what this page makes of them.
async function compare() {
  const inputs = facts.check.asked.map((asked, i) => ({z: latents(0, i), asked}));
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
  failed(error);
}
