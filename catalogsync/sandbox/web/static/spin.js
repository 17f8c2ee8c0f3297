// The 360° spin: frames on a canvas, turned by dragging, wheel and keys; turns by itself until somebody takes it.
import { offerFullScreen } from "/sandbox/static/stage.js";

const FRAME_MS = 90;
const spin = document.querySelector(".spin");
const canvas = spin.querySelector("canvas");
const bar = document.querySelector(".bar");
const play = document.querySelector("[data-play]");
const frames = JSON.parse(spin.dataset.frames).map((source) => {
  const image = new Image();
  image.src = source;
  return image;
});
const calm = matchMedia("(prefers-reduced-motion: reduce)");
let position = 0;
let timer = 0;
let grip = null;

function show(next) {
  position = ((next % frames.length) + frames.length) % frames.length;
  const image = frames[Math.floor(position)];
  if (!image.naturalWidth) return;
  if (canvas.width !== image.naturalWidth) [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  const pen = canvas.getContext("2d");
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(image, 0, 0);
  spin.setAttribute("aria-valuenow", String(Math.round((360 * Math.floor(position)) / frames.length)));
}

function run(on) {
  clearInterval(timer);
  timer = on ? setInterval(() => show(position + 1), FRAME_MS) : 0;
  play.textContent = on ? "Pause" : "Play";
  play.setAttribute("aria-pressed", String(on));
}

function take() {
  run(false);
  document.querySelector(".hint").classList.add("done");
}

spin.addEventListener("pointerdown", (event) => {
  take();
  grip = { x: event.clientX, position };
  spin.setPointerCapture(event.pointerId);
});
spin.addEventListener("pointermove", (event) => {
  if (grip) show(grip.position - ((event.clientX - grip.x) / spin.clientWidth) * frames.length);
});
for (const end of ["pointerup", "pointercancel"]) spin.addEventListener(end, () => (grip = null));
spin.addEventListener(
  "wheel",
  (event) => {
    event.preventDefault();
    take();
    show(position + (event.deltaX + event.deltaY) / 40);
  },
  { passive: false },
);
spin.addEventListener("keydown", (event) => {
  const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -9, PageUp: 9, Home: -position };
  if (!(event.key in steps)) return;
  event.preventDefault();
  take();
  show(position + steps[event.key]);
});
play.addEventListener("click", () => {
  const on = !timer;
  take();
  run(on);
});

let loaded = 0;
const waits = frames.map((image, index) =>
  image.decode().then(() => {
    loaded += 1;
    bar.firstElementChild.style.width = `${(100 * loaded) / frames.length}%`;
    if (index === 0) show(0);
  }),
);
await Promise.allSettled(waits);
bar.classList.add("done");
play.hidden = false;
offerFullScreen();
if (!calm.matches && !grip) run(true);
