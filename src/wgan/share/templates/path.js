// Picked samples, and what lies between each and the next.
const STRIP = 10;

let frames = [];  // [canvas, sample] of all that is shown here

async function pick() {
  const {picks, shown} = state, before = picks.at(-1);
  picks.push(shown);
  document.querySelector(".path").hidden = false;
  byId("pick").textContent = `${words.pick} (${picks.length})`;
  byId("picks").append(framed(shown));
  if (!before) return;
  const inputs = Array.from({length: STRIP}, (_, i) => halfway(before, shown, i / (STRIP - 1)));
  const made = await generated(inputs, () => state.picks === picks);  // not if they were forgotten meanwhile
  if (made) byId("between").append(...inputs.map((input, i) => framed({...input, values: made[i]})));
}

function halfway(a, b, t) {
  if (t === 0 || t === 1) return t ? b : a;
  return {
    z: between(a.z, b.z, t),
    asked: a.asked.map((x, j) => (1 - t) * x + t * b.asked[j]),
    said: String(a.asked) === String(b.asked) ? a.said : null,
    seed: null, index: null, exact: false, moved: false,
  };
}

function forget() {
  state.picks = [];
  frames = [];
  byId("picks").replaceChildren();
  byId("between").replaceChildren();
  document.querySelector(".path").hidden = true;
  byId("pick").textContent = words.pick;
}

function framed(sample) {
  const button = document.createElement("button"), canvas = button.appendChild(document.createElement("canvas"));
  button.type = "button";
  label(button, sample);
  if (points) button.textContent = draw.table(sample.values); else draw.one(canvas, sample.values);
  frames.push([canvas, sample]);
  button.addEventListener("click", () => choose(sample));
  return button;
}
