// How samples are drawn, and what is kept of them in files: the units and the type of the data.
const Drawing = (facts) => {
  const {kind, shape} = facts, size = shape.reduce((a, b) => a * b, 1);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const look = {slice: kind === "volume" ? shape[1] >> 1 : 0, x: 0, y: 1};

  // The nearest stored value of what a network says, as `SampleSpec.to_stored` has it.
  const limits = {uint8: [0, 255], uint16: [0, 65535], int16: [-32768, 32767]}[facts.dtype];
  function stored(value, column) {
    if (facts.centre.length) return value * facts.spread[column] + facts.centre[column];
    if (facts.low === null) return value;
    const scaled = Math.fround((value + 1) * ((facts.high - facts.low) / 2)) + facts.low;
    if (!limits) return Math.min(Math.max(scaled, facts.low), facts.high);
    const floor = Math.floor(scaled), rest = scaled - floor;  // halves go to the even number, as in torch
    const nearest = rest > 0.5 || (rest === 0.5 && floor % 2) ? floor + 1 : floor;
    return Math.min(Math.max(nearest, facts.low, limits[0]), facts.high, limits[1]);
  }

  function inUnits(values) {
    const places = kind === "points" ? 1 : size / shape[0];
    return Float64Array.from(values, (value, i) => stored(value, Math.floor(i / places)));
  }

  const byte = (value) => Math.round((value + 1) * 127.5);  // the array clamps

  // Which channels are red, green, blue, as `SampleSpec.to_pixels` chooses them.
  function colours(count) {
    if (count === 1) return [0, 0, 0];
    if (count === 2) return [0, 1, -1];
    return count <= 4 && (count === 3 || facts.opacity) ? [0, 1, 2] : [0, count >> 1, count - 1];
  }

  function pixels(canvas, values) {
    const [channels, height, width] = kind === "volume" ? [shape[0], shape[2], shape[3]] : shape;
    const places = size / channels, from = kind === "volume" ? look.slice * height * width : 0;
    const chosen = colours(channels), pen = canvas.getContext("2d");
    canvas.width = width;
    canvas.height = height;
    const image = pen.createImageData(width, height);
    for (let i = 0; i < height * width; i++) {
      for (let k = 0; k < 3; k++) image.data[4 * i + k] = chosen[k] < 0 ? 0 : byte(values[chosen[k] * places + from + i]);
      image.data[4 * i + 3] = facts.opacity ? byte(values[3 * places + i]) : 255;
    }
    pen.putImageData(image, 0, 0);
  }

  // A canvas as sharp as the screen, to draw on in CSS pixels.
  function sharp(canvas, width, height) {
    const ratio = window.devicePixelRatio || 1, pen = canvas.getContext("2d");
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    pen.scale(ratio, ratio);
    return pen;
  }

  function lines(canvas, values) {
    const [channels, length] = shape, [width, height] = canvas.id === "large" ? [360, 180] : [240, 120];
    const pen = sharp(canvas, width, height);
    pen.strokeStyle = colour("line");
    pen.strokeRect(0.5, 0.5, width - 1, height - 1);
    pen.beginPath();
    pen.moveTo(0, height / 2);
    pen.lineTo(width, height / 2);
    pen.stroke();
    for (let channel = 0; channel < channels; channel++) {
      pen.beginPath();
      pen.strokeStyle = colour(`c${channel % 6}`);
      pen.lineWidth = 1.5;
      for (let i = 0; i < length; i++) {
        const x = 4 + i / Math.max(1, length - 1) * (width - 8);
        pen.lineTo(x, height / 2 - values[channel * length + i] * (height / 2 - 6));
      }
      pen.stroke();
    }
    if (canvas.id !== "large" || facts.low === null) return;
    note(pen, facts.high, 5, 14);
    note(pen, facts.low, 5, height - 6);
    note(pen, length - 1, width - 5, height - 6, "right");
  }

  const short = (value) => Number(value.toPrecision(3)).toString();

  function note(pen, value, x, y, align = "left") {
    pen.fillStyle = colour("soft");
    pen.font = "10px system-ui, sans-serif";
    pen.textAlign = align;
    pen.fillText(short(value), x, y);
  }

  // All samples as a cloud, with one of them marked, and the path that it was moved along.
  function cloud(canvas, all, marked, paths) {
    const width = 640, height = 640, pen = sharp(canvas, width, height), dimensions = shape[0];
    const column = (k) => all.map((values) => values[k]);
    const y = dimensions > 1 ? look.y : 0;
    const range = (values) => {
      const sorted = Float64Array.from(values).sort(), low = sorted[Math.floor(sorted.length * 0.002)];
      const high = sorted[Math.ceil((sorted.length - 1) * 0.998)], margin = 0.08 * (high - low || 1);
      return [low - margin, high + margin];
    };
    const [left, right] = range(column(look.x)), [low, high] = dimensions > 1 ? range(column(y)) : [-1, 1];
    const at = (values) => [
      (values[look.x] - left) / (right - left) * width,
      height - ((dimensions > 1 ? values[y] : 0) - low) / (high - low) * height,
    ];
    pen.strokeStyle = colour("line");
    pen.strokeRect(0.5, 0.5, width - 1, height - 1);
    note(pen, stored(left, look.x), 6, height - 8);
    note(pen, stored(right, look.x), width - 6, height - 8, "right");
    if (dimensions > 1) {
      note(pen, stored(low, y), 6, height - 24);
      note(pen, stored(high, y), 6, 16);
    }
    pen.fillStyle = colour("c0");
    pen.globalAlpha = 0.55;
    for (const values of all) {
      const [x, y] = at(values);
      pen.beginPath();
      pen.arc(x, y, 2.2, 0, 7);
      pen.fill();
    }
    pen.globalAlpha = 1;
    pen.strokeStyle = colour("soft");
    pen.lineWidth = 1;
    for (const path of paths) {
      pen.beginPath();
      for (const values of path) pen.lineTo(...at(values));
      pen.stroke();
    }
    if (marked) {
      pen.fillStyle = colour("c1");
      pen.beginPath();
      pen.arc(...at(marked), 7, 0, 7);
      pen.fill();
    }
    return at;
  }

  function table(values) {
    const units = inUnits(values), names = facts.names, shown = (value) => Number(value.toPrecision(6)).toString();
    return Array.from(units, (value, i) => `${names[i] || `column ${i}`} ${shown(value)}`).join(", ");
  }

  // NumPy's format, version 1.0.
  function npy(values) {
    const types = {uint8: ["|u1", Uint8Array], uint16: ["<u2", Uint16Array], int16: ["<i2", Int16Array], float32: ["<f4", Float32Array]};
    const [name, Kind] = types[facts.dtype], kept = shape[0] === 1 && kind !== "points" ? shape.slice(1) : shape;
    let head = `{'descr': '${name}', 'fortran_order': False, 'shape': (${kept.join(", ")}${kept.length === 1 ? "," : ""}), }`;
    head = head.padEnd(Math.ceil((head.length + 11) / 64) * 64 - 11) + "\n";
    const start = Uint8Array.from([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, head.length & 255, head.length >> 8]);
    return new Blob([start, head, Kind.from(inUnits(values))], {type: "application/octet-stream"});
  }

  function csv(values) {
    const units = inUnits(values), [columns, rows] = kind === "points" ? [shape[0], 1] : shape;
    const named = Array.from({length: columns}, (_, i) => facts.names[i] || (kind === "points" ? `column_${i}` : `channel_${i}`));
    const quoted = (text) => /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    const lines = Array.from({length: rows}, (_, row) => named.map((_, column) => units[column * rows + row]).join(","));
    return new Blob([[named.map(quoted).join(","), ...lines, ""].join("\n")], {type: "text/csv"});
  }

  return {
    look,
    dark,
    inUnits,
    table,
    cloud,
    one: {picture: pixels, volume: pixels, signal: lines, points: () => {}}[kind],
    // What a sample is saved as, [suffix, blob].
    async file(canvas, values) {
      if (kind === "signal" || kind === "points") return ["csv", csv(values)];
      if (kind === "volume" || facts.dtype !== "uint8" || ![1, 3, 4].includes(shape[0])) return ["npy", npy(values)];
      return ["png", await new Promise((done) => canvas.toBlob(done, "image/png"))];
    },
  };
};
