// What the viewer pages share: the full screen button.
export function offerFullScreen() {
  const button = document.querySelector("[data-full]");
  if (!button || !document.fullscreenEnabled) return;
  button.hidden = false;
  button.addEventListener("click", () =>
    document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen(),
  );
}
