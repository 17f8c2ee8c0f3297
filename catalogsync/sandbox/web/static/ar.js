// Shows what this device can do: AR Quick Look on iOS, Scene Viewer on Android, a code to scan anywhere else.
const quickLook = document.createElement("a").relList?.supports?.("ar") ?? false;
const device = quickLook ? "ios" : /android/i.test(navigator.userAgent) ? "android" : "desktop";
for (const part of document.querySelectorAll("[data-device]")) part.hidden = part.dataset.device !== device;

const viewer = document.querySelector("model-viewer");
if (viewer) {
  const { showModel } = await import("/sandbox/static/model.js");
  document.querySelector("[data-place]")?.addEventListener("click", () => viewer.activateAR());
  showModel(viewer);
}
