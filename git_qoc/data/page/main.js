// Starts the page. The class is set last, so that what stands there without a script stays when this fails.

makeSpans();
makeSortable();
document.querySelectorAll("[hidden]").forEach((place) => {
  if (!place.dataset.panel) place.hidden = false;
});
makeCharts();
listenToKeys();
listenToButtons();
rangeChanged();
for (const { name, panel } of charts) told(name, panel, null);
document.documentElement.classList.add("scripted");
new ResizeObserver(fitCharts).observe(document.getElementById("report"));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", makeCharts);
