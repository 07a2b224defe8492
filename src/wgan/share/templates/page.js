// What all parts of the page share. A sample is {z, asked, said, seed, index, exact, moved, values}: its latents, its
// condition as numbers and in words, where it is from (the index is null between two samples), whether the latents are
// those that the command draws for the seed, whether it was moved from there, and what the generator made of it.
const byId = (id) => document.getElementById(id);

// An error that nobody handled is shown: before the page is ready it is the end, later something else may work.
function failed(error) {
  const status = byId("status"), loading = document.documentElement.dataset.state === "loading";
  if (loading) document.documentElement.dataset.state = "failed";
  status.textContent = `${loading ? status.dataset.failed : status.dataset.error} ${error && error.message || error}`;
}

addEventListener("error", (event) => failed(event.error || event.message));
addEventListener("unhandledrejection", (event) => failed(event.reason));

const facts = JSON.parse(byId("facts").textContent), words = facts.words;
const draw = Drawing(facts), points = facts.kind === "points";
const size = facts.shape.reduce((a, b) => a * b, 1), latentSize = facts.latent_size;
const directions = facts.directions.map((direction) => Float32Array.from(direction));
const REACH = Math.max(2, 0.75 * Math.sqrt(latentSize));  // a share of how far latents lie from 0

const state = {
  wall: [],  // its samples, by index
  wanted: 0,  // the index of the wall's sample to choose when it is there
  chosen: null,  // the sample that moves start from
  shown: null,  // the sample in the panel: all that is said, saved, copied and picked is of this one
  moves: directions.map(() => 0),
  pad: [0, 0],  // on a plane of two directions at random; on a principal one, the pad moves two of the sliders
  plane: null,  // the two directions of the pad
  sliders: null,  // which sliders the pad moves, if any
  drift: null,  // where earlier planes at random have moved it
  map: null,  // what lies around the chosen sample, as far as it was made
  picks: [],
};

async function unpacked(id) {
  const bytes = Uint8Array.from(atob(byId(id).textContent), (sign) => sign.charCodeAt(0));
  byId(id).remove();
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
}
