// What is drawn on a chart besides its lines.

function colours() {
  const style = getComputedStyle(document.documentElement);
  const names = ["paper", "ink", "muted", "rule", "line", "benchmark", "up", "down", "band"];
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue("--" + name).trim()]));
}

function clipped(u, draw) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  // The last line's dashes are still set.
  ctx.setLineDash([]);
  draw(ctx, bbox, devicePixelRatio || 1);
  ctx.restore();
}

// The span of the drawdown that was chosen, behind the lines.
function drawSpan(u) {
  if (!state.span) return;
  const [peak, trough, last] = state.span.map((days) => u.valToPos(timeOf(days), "x", true));
  clipped(u, (ctx, box, pixel) => {
    ctx.fillStyle = colours().band;
    ctx.fillRect(peak, box.top, Math.max(pixel, last - peak), box.height);
    ctx.fillStyle = colours().down;
    ctx.fillRect(trough, box.top, pixel, box.height);
  });
}

// Breaks are added to the gaps that uPlot finds itself; it needs them in order.
function gaps(u, series, from, to, found) {
  for (const i of data.breaks) {
    let before = i - 1;
    while (before > 0 && partial.has(before)) before -= 1;
    if (i < from || before > to) continue;
    const edges = [u.valToPos(times[before], "x", true), u.valToPos(times[i], "x", true)];
    // A break of one day among thousands must still be seen.
    const room = Math.max(0, (6 * (devicePixelRatio || 1) - (edges[1] - edges[0])) / 2);
    found.push([edges[0] - room, edges[1] + room]);
  }
  return found.sort((a, b) => a[0] - b[0]);
}

// Where the chain of returns breaks, the two sides cannot be compared.
function drawBreaks(ctx, u, box, pixel, paint) {
  ctx.fillStyle = paint.muted;
  for (const i of chain) {
    const x = u.valToPos((times[i - 1] + times[i]) / 2, "x", true);
    for (let y = box.top; y < box.top + box.height; y += 6 * pixel) ctx.fillRect(x, y, pixel, 3 * pixel);
  }
}

function drawMarks(u) {
  const paint = colours();
  clipped(u, (ctx, box, pixel) => {
    drawBreaks(ctx, u, box, pixel, paint);
    ctx.lineWidth = 1.5 * pixel;
    ctx.strokeStyle = paint.line;
    ctx.fillStyle = paint.paper;
    hollow(ctx, u, pixel, carried, (x, y) => ctx.arc(x, y, 3.5 * pixel, 0, 7));
    hollow(ctx, u, pixel, partial, (x, y) => diamond(ctx, x, y, 4.5 * pixel));
    data.flows.forEach(([days, sign]) => drawFlow(u, ctx, paint, pixel, timeOf(days), sign));
  });
}

// Marks that would lie on each other are one mark until the reader zooms in.
function hollow(ctx, u, pixel, days, draw) {
  let before = -Infinity;
  for (const i of days.keys()) {
    const x = u.valToPos(times[i], "x", true);
    if (known[i] == null || x - before < 9 * pixel) continue;
    before = x;
    ctx.beginPath();
    draw(x, u.valToPos(known[i], "y", true));
    ctx.fill();
    ctx.stroke();
  }
}

function diamond(ctx, x, y, size) {
  ctx.moveTo(x, y - size);
  ctx.lineTo(x + size, y);
  ctx.lineTo(x, y + size);
  ctx.lineTo(x - size, y);
  ctx.closePath();
}

// Money in points up, money out points down, at the foot of the chart.
function drawFlow(u, ctx, paint, pixel, time, sign) {
  const x = u.valToPos(time, "x", true);
  const foot = u.bbox.top + u.bbox.height - 2 * pixel;
  const size = 4 * pixel;
  ctx.fillStyle = sign > 0 ? paint.up : paint.down;
  ctx.beginPath();
  ctx.moveTo(x - size, sign > 0 ? foot : foot - 2 * size);
  ctx.lineTo(x + size, sign > 0 ? foot : foot - 2 * size);
  ctx.lineTo(x, sign > 0 ? foot - 2 * size : foot);
  ctx.fill();
}
