// The 3D viewer: the model, its dimensions on demand, full screen.
import { showModel } from "/sandbox/static/model.js";
import { offerFullScreen } from "/sandbox/static/stage.js";

const UNITS = { cm: [100, 0], in: [100 / 2.54, 1] };
const viewer = document.querySelector("model-viewer");
const toggle = document.querySelector("[data-dimensions]");
const unitButton = document.querySelector("[data-unit]");
let unit = navigator.language === "en-US" ? "in" : "cm";

function places() {
  const size = viewer.getDimensions();
  const middle = viewer.getBoundingBoxCenter();
  const low = middle.y - size.y / 2;
  return [
    ["width", size.x, [middle.x, low, middle.z + size.z / 2]],
    ["height", size.y, [middle.x + size.x / 2, middle.y, middle.z + size.z / 2]],
    ["depth", size.z, [middle.x + size.x / 2, low, middle.z]],
  ];
}

function tell(metres) {
  const [factor, digits] = UNITS[unit];
  return `${(metres * factor).toLocaleString(undefined, { maximumFractionDigits: digits })} ${unit}`;
}

function draw(shown) {
  for (const old of viewer.querySelectorAll(".size")) old.remove();
  unitButton.hidden = !shown;
  unitButton.textContent = unit;
  toggle.setAttribute("aria-pressed", String(shown));
  for (const [name, metres, position] of shown ? places() : []) {
    const label = document.createElement("div");
    label.className = "size";
    label.slot = `hotspot-${name}`;
    label.dataset.position = position.map((value) => `${value}m`).join(" ");
    label.textContent = `${name[0].toUpperCase()}${name.slice(1)} ${tell(metres)}`;
    viewer.append(label);
  }
}

viewer.addEventListener("load", () => {
  toggle.hidden = false;
});
toggle.addEventListener("click", () => draw(toggle.getAttribute("aria-pressed") !== "true"));
unitButton.addEventListener("click", () => {
  unit = unit === "cm" ? "in" : "cm";
  draw(true);
});
offerFullScreen();
showModel(viewer);
