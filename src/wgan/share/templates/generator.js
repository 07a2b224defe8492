// The generator. One call at a time: the runtime has one thread.
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

// What the generator makes of samples, each an array of what networks say. Null if nobody wants them any more: calls
// that wait for their turn when a slider has moved on are not made.
function generated(inputs, wanted = () => true) {
  const work = async () => {
    if (!wanted()) return null;
    const z = new Float32Array(inputs.length * latentSize), feed = {};
    inputs.forEach((input, i) => z.set(input.z, i * latentSize));
    feed.latents = new Tensor("float32", z, [inputs.length, latentSize]);
    if (facts.condition.length) {
      const asked = new Float32Array(inputs.length * inputs[0].asked.length);
      inputs.forEach((input, i) => asked.set(input.asked, i * input.asked.length));
      feed.condition = new Tensor("float32", asked, [inputs.length, inputs[0].asked.length]);
    }
    const made = (await session.run(feed)).samples.data;
    return wanted() ? inputs.map((_, i) => made.slice(i * size, (i + 1) * size)) : null;
  };
  last = last.then(work, work);
  return last;
}
