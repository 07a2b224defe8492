"use strict";

for (const film of document.querySelectorAll("[data-film]")) {
  const steps = film.dataset.steps.split(",").map(Number);
  const slider = film.querySelector("input"), shown = film.querySelector("output"), button = film.querySelector("button");
  const rows = [...film.querySelectorAll("[data-grids]")].map((row) => ({
    grids: [...row.querySelectorAll("img")],
    caption: row.querySelector("figcaption"),
  }));
  const named = (step) => "step " + Number(step).toLocaleString("en");
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
    button.textContent = "play";
  };

  slider.value = steps.length - 1; // a browser that reloads the page would keep where it was, but not the grid
  slider.addEventListener("input", () => { stop(); show(); });
  button.addEventListener("click", () => {
    if (timer) return stop();
    if (Number(slider.value) === steps.length - 1) slider.value = 0;
    button.textContent = "pause";
    timer = setInterval(() => {
      if (Number(slider.value) === steps.length - 1) return stop();
      slider.value = Number(slider.value) + 1;
      show();
    }, 120);
    show();
  });
}

// On paper nothing can be opened.
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
