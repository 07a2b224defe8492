// Conditions: what is asked of the generator.
const fieldsets = [...document.querySelectorAll(".asked")];

// For each part, in its own terms: the place of a class (-1 is one of each), a list of labels, a number. A number has
// the six digits that its command has, so that both make the same sample.
function asked() {
  return fieldsets.map((fieldset, k) => {
    const part = facts.condition[k];
    if (part.kind === "number") return Number(Number(fieldset.querySelector("input").value).toPrecision(6));
    if (part.kind === "labels") return [...fieldset.querySelectorAll("input")].map((box) => box.checked);
    return Number((fieldset.querySelector("select") || fieldset.querySelector("input:checked")).value);
  });
}

const settled = (wanted, index) => wanted.map((value, k) => value === -1 ? index % facts.condition[k].names.length : value);

function vector(said) {
  return said.flatMap((value, k) => {
    const part = facts.condition[k];
    if (part.kind === "number") return [(value - part.centre) / part.spread];
    if (part.kind === "labels") return value.map(Number);
    return part.names.map((_, place) => Number(place === value));
  });
}

function inWords(said) {
  return said.map((value, k) => {
    const part = facts.condition[k];
    if (part.kind === "number") return `${part.name}=${value}`;
    const names = part.kind === "labels" ? part.names.filter((_, place) => value[place]).join("|") : part.names[value];
    return `${part.name}=${names}`;
  });
}
