// Gives a <model-viewer> its model, once its decoders are known to be on this server and nowhere else.
import { ModelViewerElement } from "/sandbox/static/vendor/model-viewer.min.js";

ModelViewerElement.dracoDecoderLocation = "/sandbox/static/vendor/draco/";
ModelViewerElement.ktx2TranscoderLocation = "/sandbox/static/vendor/basis/";

export function showModel(viewer) {
  const bar = viewer.querySelector(".bar");
  viewer.addEventListener("progress", ({ detail }) => {
    bar.firstElementChild.style.width = `${100 * detail.totalProgress}%`;
    bar.classList.toggle("done", detail.totalProgress >= 1);
  });
  viewer.addEventListener("error", () => {
    bar.classList.add("done");
    document.querySelector("[data-problem]").hidden = false;
  });
  viewer.src = viewer.dataset.model;
}
