"use strict";

const named = (step) => document.querySelector("main").dataset.stepText.replace("{}", Number(step).toLocaleString("en"));

for (const section of document.querySelectorAll("[data-slider]")) {
  const steps = section.dataset.steps.split(",").map(Number);
  const slider = section.querySelector("input"), shown = section.querySelector("output"), button = section.querySelector("button");
  const rows = [...section.querySelectorAll("[data-grids]")].map((row) => ({
    grids: [...row.querySelectorAll("img")],
    caption: row.querySelector("figcaption"),
  }));
  let timer = null;

  const show = () => {
    const step = steps[slider.value];
    for (const { grids, caption } of rows) {
      const grid = grids.findLast((one) => Number(one.dataset.step) <= step) ?? grids[0];
      for (const one of grids) one.hidden = one !== grid;
      caption.textContent = named(grid.dataset.step);
    }
    shown.value = named(step);
    slider.setAttribute("aria-valuetext", named(step));
  };
  const stop = () => {
    clearInterval(timer);
    timer = null;
    button.textContent = button.dataset.play;
  };

  slider.value = steps.length - 1; // a reloaded page keeps the place of the slider, but not the grid
  slider.addEventListener("input", () => { stop(); show(); });
  button.addEventListener("click", () => {
    if (timer) return stop();
    if (Number(slider.value) === steps.length - 1) slider.value = 0;
    button.textContent = button.dataset.pause;
    timer = setInterval(() => {
      if (Number(slider.value) === steps.length - 1) return stop();
      slider.value = Number(slider.value) + 1;
      show();
    }, 120);
    show();
  });
}

// Pointing at one drawing shows the values of that step in the legends of all.
const charts = [...document.querySelectorAll("svg[data-across]")].map((svg) => {
  const scale = (text) => {
    const [low, high, start, end, logarithmic] = text.split(" ").map(Number);
    const [from, to] = logarithmic ? [Math.log10(low), Math.log10(high)] : [low, high];
    return (place) => {
      const value = from + ((place - start) / (end - start)) * (to - from);
      return logarithmic ? 10 ** value : value;
    };
  };
  const across = scale(svg.dataset.across), up = scale(svg.dataset.up);
  const shown = [...svg.closest("figure").querySelectorAll(".legend b")];
  const cursor = document.createElementNS(svg.namespaceURI, "line");
  const label = document.createElementNS(svg.namespaceURI, "text");
  for (const one of [cursor, label]) {
    one.setAttribute("class", "cursor");
    svg.append(one);
  }
  const lines = [...svg.querySelectorAll("polyline")].map((line) => ({
    number: shown[line.dataset.line],
    points: line.getAttribute("points").split(" ").map((pair) => pair.split(",").map(Number)),
  }));
  return { svg, across, up, cursor, label, lines, shown, newest: shown.map((one) => one.textContent) };
});
const short = (value) =>
  value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6)
    ? value.toExponential(2)
    : value.toLocaleString("en", { maximumSignificantDigits: 3 });
const nearest = (points, x) => points.reduce((a, b) => (Math.abs(b[0] - x) < Math.abs(a[0] - x) ? b : a));

const readAt = (step) => {
  for (const { svg, up, cursor, label, lines } of charts) {
    const [low, high, start, end] = svg.dataset.across.split(" ").map(Number);
    const [, , bottom, top] = svg.dataset.up.split(" ").map(Number);
    const x = start + ((Math.min(Math.max(step, low), high) - low) / (high - low)) * (end - start);
    for (const [name, value] of [["x1", x], ["x2", x], ["y1", top], ["y2", bottom]]) cursor.setAttribute(name, value);
    const after = x < (start + end) / 2;
    label.setAttribute("x", after ? x + 5 : x - 5);
    label.setAttribute("y", top + 8);
    label.setAttribute("text-anchor", after ? "start" : "end");
    label.textContent = named(Math.round(Math.min(Math.max(step, low), high)));
    svg.dataset.reading = "";
    for (const { number, points } of lines) number.textContent = short(up(nearest(points, x)[1]));
  }
};
const readNewest = () => {
  for (const { svg, shown, newest } of charts) {
    delete svg.dataset.reading;
    shown.forEach((one, i) => { one.textContent = newest[i]; });
  }
};
for (const { svg, across } of charts) {
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    readAt(across(((event.clientX - box.left) / box.width) * svg.viewBox.baseVal.width));
  });
  svg.addEventListener("pointerleave", readNewest);
}

// Details cannot be opened on paper.
addEventListener("beforeprint", () => {
  for (const one of document.querySelectorAll("details:not([open])")) {
    one.open = true;
    one.dataset.closed = "";
  }
});
addEventListener("afterprint", () => {
  for (const one of document.querySelectorAll("details[data-closed]")) {
    one.open = false;
    delete one.dataset.closed;
  }
});
