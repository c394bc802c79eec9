"use strict";
// Plays a clip: draws what moves over what stands still, by the rules of gdviz.draw, for the entries that are shown.
(async () => {
const $ = (id) => document.getElementById(id);
async function unpacked(text) {  // browsers that cannot are of before 2023
  const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const whole = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(whole).text());
}
if (!window.DecompressionStream) { $("old").hidden = false; return; }
const data = await unpacked($("data").textContent);
const {words, run, clock, entries} = data;
const WHOLE = 0.999, NOWHERE = -32768, PART = 16, SPEEDS = [0.25, 0.5, 1, 2, 4];

// -- arrays ------------------------------------------------------------------------------------------------------

function typed({type, bytes}) {
  const raw = Uint8Array.from(atob(bytes), (sign) => sign.charCodeAt(0));
  return new {i2: Int16Array, u1: Uint8Array, u2: Uint16Array, u4: Uint32Array, f4: Float32Array}[type](raw.buffer);
}
function places(told) {
  const found = typed(told);
  return told.type === "i2" ? Float64Array.from(found, (one) => one === NOWHERE ? NaN : one / PART) : found;
}
const bit = (bits, k) => (bits[k >> 3] >> (k & 7)) & 1;
function last(sorted, value) {  // how many of them are at most the value, less one
  let low = 0, high = sorted.length;
  while (low < high) { const middle = (low + high) >> 1; if (sorted[middle] <= value) low = middle + 1; else high = middle; }
  return low - 1;
}

// -- what is told, made ready --------------------------------------------------------------------------------------

function picture(source) { const image = new Image(); image.onload = ask; image.src = source; return image; }

function prepareTrail(trail, records) {
  trail.points = places(trail.points);
  trail.inside = typed(trail.inside);
  trail.dotted = typed(trail.dotted);
  trail.across = trail.across ? places(trail.across) : trail.points.filter((_, k) => k % 2 === 0);
  const {points} = trail, breaks = new Set(trail.breaks);
  trail.lengths = new Float64Array(records);
  trail.since = new Int32Array(records);  // from which record on all are known up to this one
  trail.lifted = new Uint8Array(records);
  for (let k = 0; k < records; k++) {
    const known = !isNaN(points[2 * k]), before = k > 0 && !isNaN(points[2 * k - 2]);
    trail.since[k] = known ? (before ? trail.since[k - 1] : k) : k + 1;
    trail.lifted[k] = !known || !before || breaks.has(k);
    const step = known && before ? Math.hypot(points[2 * k] - points[2 * k - 2], points[2 * k + 1] - points[2 * k - 1]) : 0;
    trail.lengths[k] = (k ? trail.lengths[k - 1] : 0) + step;
  }
  trail.drawn = {upto: -1, path: new Path2D()};
}

function prepareParts(parts) {
  for (const part of parts) {
    if (part.picture) { part.image = picture(part.picture); continue; }
    part.path = closed(places(part.points));
  }
}

const glyphs = {regular: new Map(), bold: new Map()};
for (const cut of ["regular", "bold"])
  for (const [sign, [wide, way]] of Object.entries(data.letters[cut])) glyphs[cut].set(sign, {wide: wide / 1000, way: new Path2D(way)});

function prepare(sheet) {
  if (sheet.ready) return;
  sheet.ready = true;
  for (const figure of sheet.figures) { figure.texts = data.texts[figure.texts]; figure.xs = places(figure.xs); }
  for (const one of sheet.later) one.image = picture(one.picture);
  for (const stage of sheet.stages) {
    stage.trails.forEach((trail, number) => { trail.number = number; prepareTrail(trail, sheet.records); });
    for (const tag of stage.tags) tag.corners = typed(tag.corners);
    const {exits} = stage;
    if (exits) {
      exits.first = typed(exits.first); exits.places = places(exits.places);
      exits.turns = typed(exits.turns); exits.group = typed(exits.group);
    }
    for (const note of stage.notes) prepareParts(note.line);
    for (const shape of stage.others.shapes) prepareParts(shape.parts);
    if (stage.chart) {  // where along the axis each record is: the farthest of all curves
      stage.across = new Float64Array(sheet.records).fill(NaN);
      for (const trail of stage.trails)
        for (let k = 0; k < sheet.records; k++)
          if (!(stage.across[k] >= trail.across[k])) stage.across[k] = trail.across[k];
    }
  }
}

function closed(points) {
  const path = new Path2D();
  for (let k = 0; k < points.length; k += 2) path[k ? "lineTo" : "moveTo"](points[k], points[k + 1]);
  path.closePath();
  return path;
}

// -- the state, kept in the address --------------------------------------------------------------------------------

const state = {record: 0, moment: WHOLE, playing: false, speed: 1, loop: false, hidden: new Set(), hover: null};
const steps = run.steps, lastRecord = steps.length - 1;
const frames = [], moments = [];
typed(clock.counts).forEach((count, record) => {
  for (let n = 0; n < count; n++) {
    frames.push(record);
    moments.push(record + (clock.stands.includes(record) && count > 1 ? WHOLE * n / (count - 1) : WHOLE));
  }
});

// the records to stand still at: all, or where pictures come and go those that the film shows
const halts = steps.map((_, record) => record);
if (data.sheets.some((one) => one.pictured)) { const shown = new Set(frames); halts.splice(0, steps.length, ...halts.filter((one) => shown.has(one))); }
function nearest(record) {
  const at = Math.max(last(halts, record), 0), next = Math.min(at + 1, halts.length - 1);
  return Math.abs(halts[next] - record) < Math.abs(halts[at] - record) ? next : at;
}

function read() {
  const asked = new URLSearchParams(location.hash.slice(1));
  const step = parseInt(asked.get("step"), 10), speed = parseFloat(asked.get("speed"));
  show(isNaN(step) ? lastRecord : halts[nearest(last(steps, step))]);
  state.speed = SPEEDS.includes(speed) ? speed : 1;
  state.loop = asked.has("loop");
  state.hidden = new Set((asked.get("hidden") || "").split(",").map((one) => parseInt(one, 10) - 1)
    .filter((one) => one >= 0 && one < entries.length));
  return asked.has("play");
}
let keeping = 0;
function keep() {
  clearTimeout(keeping);
  keeping = setTimeout(() => {
    const parts = [`step=${steps[state.record]}`];
    if (state.speed !== 1) parts.push(`speed=${state.speed}`);
    if (state.hidden.size) parts.push(`hidden=${[...state.hidden].sort((a, b) => a - b).map((one) => one + 1)}`);
    if (state.loop) parts.push("loop");
    try { history.replaceState(null, "", `#${parts.join("&")}`); } catch { /* a frame without an address of its own */ }
    tell();
  }, 200);
}
function show(record, moment = record + WHOLE) { state.record = record; state.moment = moment; }
const visible = (entry) => entry === null || !state.hidden.has(entry);

// -- playing -------------------------------------------------------------------------------------------------------

let frame = 0, before = 0;
function play(on) {
  if (on === state.playing) return;
  state.playing = on;
  if (on) {
    frame = state.record >= lastRecord ? 0 : frames.findIndex((record) => record >= state.record);
    before = 0;
    state.stop = clock.stops.find((record) => record > frames[frame]);
    requestAnimationFrame(tick);
  } else keep();
  refresh();
}
function tick(now) {
  if (!state.playing) return;
  frame += before ? Math.min(now - before, 250) / 1000 * clock.fps * state.speed : 0;
  before = now;
  const end = frames.length - 1;
  if (frame >= end && state.loop) { frame = 0; state.stop = clock.stops.find((record) => record > 0); }
  const at = Math.min(Math.floor(frame), end);
  show(frames[at], moments[at]);
  if (state.stop !== undefined && state.stop < lastRecord && state.record >= state.stop) { show(state.stop); play(false); }
  else if (frame >= end) { show(lastRecord); play(false); }
  else requestAnimationFrame(tick);
  paint();
}
function seek(record) {
  play(false);
  show(halts[nearest(record)]);
  ask(); keep();
}
function go(by) { seek(halts[Math.min(Math.max(nearest(state.record) + by, 0), halts.length - 1)]); }
function toggle(entry) {
  if (!state.hidden.delete(entry)) state.hidden.add(entry);
  refresh(); ask(); keep();
}

// -- drawing -------------------------------------------------------------------------------------------------------

const canvas = $("page"), ctx = canvas.getContext("2d");
let sheet = null, scale = 1, asked = false;
function ask() { if (!asked) { asked = true; requestAnimationFrame(() => { asked = false; paint(); }); } }

function paint() {
  if (!sheet) return;
  const k = canvas.width / sheet.size[0];
  ctx.setTransform(k, 0, 0, k, 0, 0);
  ctx.clearRect(0, 0, ...sheet.size);
  const {record} = state;
  for (const one of sheet.later)
    if (record >= one.since && one.image.complete) ctx.drawImage(one.image, ...one.at);
  for (const stage of sheet.stages) if (record >= stage.since) drawStage(stage);
  drawFigures();
  const counter = words.counter[record];
  $("scrub").value = record;
  $("scrub").setAttribute("aria-valuetext", counter);
  $("now").textContent = counter;
}

function within(stage, box) {  // what of a box no panel inside this one covers
  const path = new Path2D();
  path.rect(box[0], box[1], box[2] - box[0], box[3] - box[1]);
  for (const [since, x0, y0, x1, y1] of stage.covers) if (state.record >= since) path.rect(x0, y0, x1 - x0, y1 - y0);
  return path;
}

function drawStage(stage) {
  const shown = stage.trails.filter((trail) => visible(trail.entry));
  ctx.save();
  ctx.clip(within(stage, stage.box), "evenodd");
  if (stage.chart) drawCursor(stage);
  for (const trail of shown) drawSettled(stage, trail, true);
  for (const trail of shown) drawSettled(stage, trail, false);
  for (const trail of shown) drawComet(stage, trail);
  ctx.restore();
  ctx.save();
  ctx.clip(within(stage, stage.inlaid ? stage.box : [0, 0, ...sheet.size]), "evenodd");
  drawMarks(stage, shown);
  ctx.restore();
  ctx.save();
  ctx.clip(within(stage, [0, 0, ...sheet.size]), "evenodd");
  drawTexts(stage);
  ctx.restore();
}

function drawCursor(stage) {
  const x = stage.across[state.record];
  if (!(x >= stage.box[0] && x <= stage.box[2])) return;
  ctx.globalAlpha = 0.4;
  ctx.fillStyle = sheet.colors.dim;
  ctx.fillRect(x - 0.6 * stage.line, stage.box[1], 1.2 * stage.line, stage.box[3] - stage.box[1]);
  ctx.globalAlpha = 1;
}

function stroke(path, color, width, alpha, dashes = [], offset = 0) {
  ctx.strokeStyle = color; ctx.lineWidth = width; ctx.globalAlpha = alpha;
  ctx.lineCap = ctx.lineJoin = "round";
  ctx.setLineDash(dashes); ctx.lineDashOffset = offset;
  ctx.stroke(path);
  ctx.setLineDash([]); ctx.globalAlpha = 1;
}
function fill(path, color, alpha = 1) { ctx.globalAlpha = alpha; ctx.fillStyle = color; ctx.fill(path); ctx.globalAlpha = 1; }

function wayOf(trail) {  // the path up to the record, added to while this grows
  const kept = trail.drawn;
  if (kept.upto > state.record) { kept.upto = -1; kept.path = new Path2D(); }
  const {points} = trail;
  for (let k = kept.upto + 1; k <= state.record; k++) {
    if (isNaN(points[2 * k])) continue;
    kept.path[trail.lifted[k] ? "moveTo" : "lineTo"](points[2 * k], points[2 * k + 1]);
  }
  kept.upto = state.record;
  return kept.path;
}

function drawSettled(stage, trail, halo) {
  const {colors} = sheet, way = wayOf(trail);
  if (halo) { stroke(way, stage.shine, 2 * (trail.radius + trail.rim), colors.haloAlpha); return; }
  const alpha = stage.chart ? 1 : colors.settled, {points} = trail;
  stroke(way, trail.color, 2 * trail.radius, alpha, trail.dashes);
  const dots = new Path2D(), size = 1.75 * trail.radius;
  for (let k = 0; k <= state.record; k++) {
    if (!bit(trail.dotted, k)) continue;
    dots.moveTo(points[2 * k] + size, points[2 * k + 1]);
    dots.arc(points[2 * k], points[2 * k + 1], size, 0, 2 * Math.PI);
  }
  fill(dots, trail.color, alpha);
  if (trail.kind === "steps") stroke(chevrons(stage, trail), trail.color, 2 * trail.radius, alpha);
}

function chevrons(stage, trail) {
  const path = new Path2D(), {points} = trail, {line} = stage;
  for (let k = 0; k < state.record; k++) {
    const x = points[2 * k], y = points[2 * k + 1], u = points[2 * k + 2] - x, v = points[2 * k + 3] - y;
    const far = Math.hypot(u, v);
    if (!(far >= 46 * line && far < 1e4)) continue;
    const a = u / far, b = v / far, size = 9 * line;
    const tip = [x + 0.5 * u + 5 * line * a, y + 0.5 * v + 5 * line * b];
    path.moveTo(tip[0] - size * (a - 0.62 * b), tip[1] - size * (b + 0.62 * a));
    path.lineTo(...tip);
    path.lineTo(tip[0] - size * (a + 0.62 * b), tip[1] - size * (b - 0.62 * a));
  }
  return path;
}

function drawComet(stage, trail) {  // strokes that all end at the head, each later one thicker and more opaque
  if (trail.kind === "curve") return;
  const {record} = state, {points, lengths, span} = trail, begin = Math.max(record - span, trail.since[record], 0);
  if (trail.since[record] > record || !(lengths[record] > lengths[Math.floor(begin)])) return;
  const swell = trail.kind === "path" ? 1.15 : 0.6, PARTS = 12;
  for (const rim of [true, false]) {
    let done = 0;
    for (let n = 0; n < PARTS; n++) {
      const strength = (n + 0.5) / PARTS, from = record - span * (1 - n / PARTS);
      if (record - span * (1 - (n + 1) / PARTS) <= begin) continue;
      const shine = Math.min(1.25 * strength, 1), radius = trail.radius * (1 + swell * strength ** 1.5);
      const share = Math.max((shine - done) / (1 - done || 1), 0);
      if (share <= 0 && done < 1) continue;
      const start = Math.max(from, begin), k = Math.floor(start), t = start - k, path = new Path2D();
      const next = Math.min(k + 1, record);
      path.moveTo(points[2 * k] + t * (points[2 * next] - points[2 * k]), points[2 * k + 1] + t * (points[2 * next + 1] - points[2 * k + 1]));
      for (let m = k + 1; m <= record; m++) path.lineTo(points[2 * m], points[2 * m + 1]);
      if (rim) stroke(path, stage.shine, 2 * (radius + trail.rim), sheet.colors.haloAlpha * (done >= 1 ? 1 : share));
      else stroke(path, trail.color, 2 * radius, done >= 1 ? 1 : share, trail.dashes, lengths[k] + t * (lengths[next] - lengths[k]));
      done = Math.max(done, shine);
    }
  }
}

// -- marks ---------------------------------------------------------------------------------------------------------

function grown(name, rim) {  // the outline of a marker moved outwards by so many radii, corners mitred up to 2.2 rims
  const flat = data.markers[name], count = flat.length / 2, corners = [];
  for (let k = 0; k < count; k++) corners.push([flat[2 * k], flat[2 * k + 1]]);
  if (!rim) return corners;
  const at = (k) => corners[(k + count) % count];
  let area = 0;
  corners.forEach(([x, y], k) => { area += x * at(k + 1)[1] - at(k + 1)[0] * y; });
  const turn = Math.sign(area), normal = ([x, y], [u, v]) => {
    const far = Math.hypot(u - x, v - y);
    return [turn * (v - y) / far, -turn * (u - x) / far];
  };
  return corners.map(([x, y], k) => {
    const a = normal(at(k - 1), [x, y]), b = normal([x, y], at(k + 1)), far = Math.hypot(a[0] + b[0], a[1] + b[1]);
    const middle = [(a[0] + b[0]) / far, (a[1] + b[1]) / far];
    const stretch = rim * Math.min(1 / Math.max(middle[0] * a[0] + middle[1] * a[1], 1e-9), 2.2);
    return [x + stretch * middle[0], y + stretch * middle[1]];
  });
}
function outline(path, corners, x, y, radius, turn = 0) {
  const cos = Math.cos(turn) * radius, sin = Math.sin(turn) * radius;
  corners.forEach(([u, v], k) => path[k ? "lineTo" : "moveTo"](x + u * cos - v * sin, y + u * sin + v * cos));
  path.closePath();
}
function marker(name, x, y, radius, color, rim, turn = 0) {
  for (const [grow, paint] of rim > 0 ? [[rim / radius, sheet.colors.halo], [0, color]] : [[0, color]]) {
    const path = new Path2D();
    outline(path, grown(name, grow), x, y, radius, turn);
    fill(path, paint);
  }
}
function ring(x, y, radius, width, color) {
  const path = new Path2D();
  path.arc(x, y, radius, 0, 2 * Math.PI);
  stroke(path, color, width, 1);
}
function bar(x0, y0, x1, y1, width, color) {
  ctx.strokeStyle = color; ctx.lineWidth = width; ctx.lineCap = "butt";
  ctx.beginPath(); ctx.moveTo(x0, y0); ctx.lineTo(x1, y1); ctx.stroke();
}
function drawParts(parts, stage) {
  for (const part of parts) {
    if (part.picture) { if (part.image.complete) ctx.drawImage(part.image, ...part.box); continue; }
    if (part.clip) { ctx.save(); const b = stage.box; ctx.beginPath(); ctx.rect(b[0], b[1], b[2] - b[0], b[3] - b[1]); ctx.clip(); }
    fill(part.path, part.color, part.alpha);
    if (part.clip) ctx.restore();
  }
}
function nearness(x, y, u, v, radius) {
  const t = Math.min(Math.max((1.5 - Math.hypot(x - u, y - v) / radius) / 1.2, 0), 1);
  return t * t * (3 - 2 * t);
}
function pulled(stage, x, y) {  // a point, or where the mark for it stands at the edge if it lies outside
  const [x0, y0, x1, y1] = stage.box, inset = 14 * stage.line;
  if (x >= x0 && x <= x1 && y >= y0 && y <= y1) return [x, y];
  return [Math.min(Math.max(x, x0 + inset), x1 - inset), Math.min(Math.max(y, y0 + inset), y1 - inset)];
}
const ended = (trail) => trail.stop === null || state.record < trail.stop ? "" : trail.lost ? "lost" : "done";
function endMark(how, x, y, radius, line) {
  if (how === "lost") marker("cross", x, y, 0.5 * radius, sheet.colors.ink, line);
  else if (how) marker("circle", x, y, 0.34 * radius, sheet.colors.ink, 1.2 * line);
}

function exitsOf(stage) {  // the marks of what is outside, of trails that are shown
  if (!stage.exits) return [];
  const {first, places: at, turns, group, groups} = stage.exits, found = [];
  for (let n = first[state.record]; n < first[state.record + 1]; n++) {
    const trails = groups[group[n]].map((number) => stage.trails[number]).filter((trail) => visible(trail.entry));
    if (trails.length) found.push({x: at[2 * n], y: at[2 * n + 1], turn: turns[n], trails});
  }
  return found;
}
function drawExit(stage, exit) {
  const {line} = stage, {trails, turn} = exit, {colors} = sheet, owner = trails[0], curve = owner.kind === "curve";
  const ends = new Set(trails.map(ended)), how = ends.size === 1 ? [...ends][0] : "";
  const single = new Set(trails.map((trail) => trail.entry)).size === 1;
  const color = single ? owner.color : colors.ink, outline = single ? owner.marker : "circle";
  let radius = (curve || isNaN(turn) ? 9 : 11.5) * line * (how === "lost" ? 1.25 : 1);
  if (curve) {
    const xs = trails.map((trail) => Math.min(Math.max(trail.across[state.record], stage.box[0]), stage.box[2]));
    const low = Math.min(...xs), high = Math.max(...xs);
    if (high - low >= 1) {
      const level = exit.y - (isNaN(turn) ? 0 : Math.sign(Math.sin(turn)) * 0.9 * radius);
      bar(low, level, high, level, 6.4 * line, colors.halo);
      bar(low, level, high, level, 2.4 * line, color);
    }
  }
  if (isNaN(turn)) { radius *= 0.8; marker(outline, exit.x, exit.y, radius, color, 2.2 * line); }
  else marker("arrow", exit.x, exit.y, radius, color, 2.2 * line, turn);
  endMark(how, exit.x, exit.y, 0.8 * radius, line);
}

function spotsOf(stage, shown) {  // what stands at points that it may share: heads first, stars on them
  const {record} = state, {line, box} = stage, spots = [];
  for (const trail of shown) {
    if (!bit(trail.inside, record)) continue;
    const x = trail.points[2 * record], y = trail.points[2 * record + 1];
    spots.push({x, y, radius: trail.head, head: true, draw(size, rim) {
      marker(trail.marker, x, y, trail.head * size, trail.color, rim);
      endMark(ended(trail), x, y, trail.head * size, line);
    }});
  }
  for (const [x, y, color] of stage.stars)
    spots.push({x, y, radius: 12 * line, head: false, draw(size, rim) { marker("star", x, y, 12.96 * line * size, color, rim); }});
  return spots;
}
function drawNested(stage, spots) {
  spots.forEach((spot, number) => {
    let first = 0, after = 0;
    spots.forEach((other, n) => {
      const near = n === number ? 0 : nearness(spot.x, spot.y, other.x, other.y, spot.radius);
      if (n < number) first += near; else after += near;
    });
    const crowd = first + after, grow = Math.min(0.14 * crowd, 0.6), shrink = Math.min(0.18 * crowd, 0.45);
    spot.draw(crowd > 0 ? 1 + grow - (grow + shrink) * first / crowd : 1, 2.4 * stage.line * (1 - 0.4 * Math.min(crowd, 1)));
  });
}

function drawMarks(stage, shown) {
  const {line} = stage, {colors} = sheet, {record, moment} = state;
  const exits = exitsOf(stage), spots = spotsOf(stage, shown);
  const heads = [...spots.filter((spot) => spot.head), ...exits];
  const {since, shown: sets, shapes} = stage.others;
  if (since.length)
    for (const number of sets[Math.max(last(since, moment + 1e-4), 0)])
      if (visible(shapes[number].entry)) drawParts(shapes[number].parts, stage);
  for (const mark of stage.crossings) {
    const trail = stage.trails[mark.trail], [x, y] = mark.at;
    if (record < mark.since || !visible(trail.entry)) continue;
    if (exits.some((exit) => Math.hypot(exit.x - x, exit.y - y) < 19.5 * line)) continue;
    marker("arrow", x, y, 6.5 * line, trail.color, 1.6 * line, mark.turn);
  }
  for (const [x, y] of stage.rings) {
    const [u, v] = pulled(stage, x, y), big = 12 * line, wide = 3.2 * line;
    const near = Math.max(0, ...heads.map((head) => nearness(u, v, head.x, head.y, big))), radius = big * (1 + 0.7 * near);
    ring(u, v, radius, 2.2 * wide, colors.halo);
    ring(u, v, radius, wide, colors.ink);
    if ((u !== x || v !== y) && near === 0) marker("arrow", u, v, 0.5 * big, colors.ink, 0, Math.atan2(y - v, x - u));
  }
  for (const [x, y] of stage.locals) hollow(x, y, line);
  for (const tag of stage.tags) drawLeader(stage, tag, exits);
  for (const exit of exits) drawExit(stage, exit);
  drawNested(stage, spots);
  for (const note of stage.notes) if (moment >= note.since && visible(note.entry)) drawParts(note.line, stage);
  const over = state.hover;
  if (over && over.stage === stage && visible(over.trail.entry)) {
    ring(over.x, over.y, 7 * line, 6 * line, colors.halo);
    ring(over.x, over.y, 7 * line, 2.6 * line, colors.ink);
  }
}
function hollow(x, y, line) {
  const size = 8.5 * line;
  for (const [out, into, color] of [[1.3, 2.8, sheet.colors.halo], [0, 1.5, sheet.colors.dim]]) {
    const path = new Path2D();
    for (const grow of [out, -into]) outline(path, grown("star", grow / 8.5), x, y, size);
    ctx.fillStyle = color;
    ctx.fill(path, "evenodd");
  }
}

// -- names and other texts -----------------------------------------------------------------------------------------

function corner(tag) {
  const k = 2 * state.record, x = tag.corners[k];
  return x === NOWHERE ? null : [x, tag.corners[k + 1]];
}
function drawLeader(stage, tag, exits) {
  const trail = stage.trails[tag.trail], at = corner(tag), {record} = state;
  if (!at || !visible(trail.entry)) return;
  let head = bit(trail.inside, record) ? [trail.points[2 * record], trail.points[2 * record + 1]] : null;
  if (!head) { const exit = exits.find((one) => one.trails.includes(trail)); if (!exit) return; head = [exit.x, exit.y]; }
  const [x, y] = head, [wide, high] = tag.size;
  const u = Math.min(Math.max(x, at[0]), at[0] + wide), v = Math.min(Math.max(y, at[1]), at[1] + high), far = Math.hypot(u - x, v - y);
  if (far < tag.clear + 0.5 * tag.text.s) return;
  const share = 0.8 * tag.clear / far;
  for (const [width, color] of [[4, sheet.colors.halo], [1.6, tag.text.c]])
    bar(x + (u - x) * share, y + (v - y) * share, u, v, width * stage.line, color);
}
const glyph = (sign, bold) => glyphs[bold ? "bold" : "regular"].get(sign) || {wide: 0.5, way: new Path2D()};
function wide(text, size, bold) { let sum = 0; for (const sign of text) sum += glyph(sign, bold).wide; return sum * size; }
function write(text, x = text.x, y = text.y, said = text.t) {
  const size = text.s, length = text.a === "left" ? 0 : wide(said, size, text.b);
  const begin = x - (text.a === "center" ? length / 2 : length);
  for (const rim of text.o ? [true, false] : [false]) {
    let pen = begin;
    for (const sign of said) {
      const {wide: advance, way} = glyph(sign, text.b);
      ctx.save();
      ctx.translate(pen, y);
      ctx.scale(size / 1000, size / 1000);
      if (rim) { ctx.strokeStyle = text.o; ctx.lineWidth = 2000 * text.r / size; ctx.lineJoin = "round"; ctx.stroke(way); }
      else { ctx.fillStyle = text.c; ctx.fill(way); }
      ctx.restore();
      pen += advance * size;
    }
  }
}
function drawTexts(stage) {
  const {moment} = state;
  for (const text of stage.labels) write(text);
  for (const tag of stage.tags) {
    const at = corner(tag);
    if (at && visible(stage.trails[tag.trail].entry)) write(tag.text, at[0] + tag.text.x, at[1] + tag.text.y);
  }
  for (const note of stage.notes) if (moment >= note.since && visible(note.entry)) write(note.text);
  for (const exit of exitsOf(stage)) {
    const many = exit.trails.filter((trail) => !trail.quiet).length;
    if (many < 2) continue;
    const text = `${many}×`, size = stage.count, gap = (exit.trails[0].kind === "curve" ? 19 : 25) * stage.line;
    const length = wide(text, size, false), right = exit.x + 0.6 * gap;
    const x = right + length <= stage.box[2] ? right : exit.x - 0.6 * gap - length;
    write({x, y: exit.y + 0.36 * size, s: size, c: sheet.colors.ink, a: "left", b: false, o: sheet.colors.halo, r: 0.13 * size}, x, exit.y + 0.36 * size, text);
  }
}
function drawFigures() {
  for (const figure of sheet.figures) {
    if (!visible(figure.entry)) continue;
    const at = figure.since ? last(figure.since, state.record) : state.record;
    write(figure, figure.xs[at], figure.y, figure.texts[at]);
  }
  for (const {entry, box} of sheet.rows) {
    if (visible(entry)) continue;
    ctx.globalAlpha = 0.72; ctx.fillStyle = sheet.colors.page;
    ctx.fillRect(box[0], box[1], box[2] - box[0], box[3] - box[1]);
    ctx.globalAlpha = 1;
  }
}

// -- what a pointer is told ------------------------------------------------------------------------------------------

function number(value) {
  if (value === undefined || isNaN(value)) return "–";
  if (!isFinite(value)) return value > 0 ? "∞" : "−∞";
  let [plain, power] = (value === 0 ? "0" : Math.abs(value) >= 1e-3 && Math.abs(value) < 1e4 ? value.toPrecision(4) : value.toExponential(3)).split("e");
  if (plain.includes(".")) plain = plain.replace(/\.?0+$/, "");
  if (power) plain += "·10" + [...String(parseInt(power, 10))].map((sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]).join("");
  return plain.replace("-", "−").replace(".", words.decimal);
}
const numbers = {loss: typed(run.loss), slope: typed(run.slope)};
const curves = data.values.map(typed);
const numberOf = (what, trail, record) => numbers[what][(trail.entry * (run.runs > 1 ? run.runs + 1 : 1) + (trail.start < 0 ? run.runs : trail.start)) * steps.length + record];

function found(x, y, reach) {  // the iterate nearest to a point of the page, of those that are shown
  for (const stage of [...sheet.stages].reverse()) {
    const [x0, y0, x1, y1] = stage.box;
    if (x < x0 || x > x1 || y < y0 || y > y1 || state.record < stage.since) continue;
    let best = null, least = reach;
    for (const trail of stage.trails) {
      if (!visible(trail.entry) || trail.quiet) continue;
      const end = Math.min(state.record, trail.stop === null ? state.record : trail.stop);
      for (let k = 0; k <= end; k++) {
        if (!bit(trail.inside, k)) continue;
        const far = Math.hypot(trail.points[2 * k] - x, trail.points[2 * k + 1] - y);
        if (far <= least) { least = far; best = {stage, trail, record: k, x: trail.points[2 * k], y: trail.points[2 * k + 1]}; }
      }
    }
    return best;
  }
  return null;
}
function point(event) {
  const box = canvas.getBoundingClientRect();
  return [(event.clientX - box.left) / scale, (event.clientY - box.top) / scale];
}
function hover(event) {
  const over = found(...point(event), (event.pointerType === "touch" ? 30 : 18) / scale), told = $("told");
  const same = over && state.hover && over.trail === state.hover.trail && over.record === state.hover.record;
  if (!same && (over || state.hover)) { state.hover = over; ask(); }
  told.hidden = !over;
  if (!over) return;
  if (!same) {
    const {trail, record} = over, name = document.createElement("b"), lines = [words.counter[record]];
    name.textContent = entries[trail.entry].name;
    name.style.color = entries[trail.entry].text;
    if (trail.start < 0) lines.push(words.middle);
    lines.push(`${words.loss} ${number(numberOf("loss", trail, record))}`);
    lines.push(`${words.slope} ${number(numberOf("slope", trail, record))}`);
    const own = trail.values === null ? NaN : curves[trail.values][record];
    const said = lines.map((line) => line.slice(line.lastIndexOf(" ") + 1));
    if (!isNaN(own) && !said.includes(number(own))) lines.push(`${over.stage.title} ${number(own)}`);
    told.replaceChildren(name, ...lines.map((line) => { const row = document.createElement("div"); row.textContent = line; return row; }));
  }
  const x = over.x * scale, y = over.y * scale, gap = 14, [w, h] = [told.offsetWidth, told.offsetHeight];
  const left = x + gap + w <= sheet.size[0] * scale ? x + gap : Math.max(x - gap - w, 0);
  const top = y - gap - h >= 0 ? y - gap - h : Math.min(y + gap, sheet.size[1] * scale - h);
  told.style.transform = `translate(${Math.round(left)}px, ${Math.round(Math.max(top, 0))}px)`;
}
function chartAt(x, y) {
  return sheet.stages.find(({chart, inlaid, box}) => chart && !inlaid && x >= box[0] && x <= box[2] && y >= box[1] && y <= box[3]);
}
function drag(stage, x) {  // the record whose place along the axis is nearest
  let best = 0;
  for (let k = 1; k <= lastRecord; k++) if (Math.abs(stage.across[k] - x) < Math.abs(stage.across[best] - x)) best = k;
  seek(best);
}
let dragged = null;
canvas.addEventListener("pointerdown", (event) => {
  dragged = chartAt(...point(event)) || null;
  if (dragged) { canvas.setPointerCapture(event.pointerId); drag(dragged, point(event)[0]); }
  hover(event);
});
canvas.addEventListener("pointermove", (event) => { if (dragged) drag(dragged, point(event)[0]); hover(event); });
for (const kind of ["pointerup", "pointercancel"]) canvas.addEventListener(kind, () => { dragged = null; });
canvas.addEventListener("pointerleave", () => { if (state.hover) { state.hover = null; ask(); } $("told").hidden = true; });

// -- controls --------------------------------------------------------------------------------------------------------

const ICONS = {play: "M5 3 L17 10 L5 17 Z", pause: "M4 3 H8 V17 H4 Z M12 3 H16 V17 H12 Z"};
function icon(ways) { return `<svg viewBox="0 0 20 20" aria-hidden="true"><path d="${ways}"/></svg>`; }
function sample({color, dashes, marker: name}) {
  const corners = data.markers[name].map((one, k) => (one * 5.5 + (k % 2 ? 8 : 38)).toFixed(2));
  // closer where they have to be: all are seen, and that the first comes again
  const shown = 3 * dashes.reduce((sum, one) => sum + one, 0.25 * (dashes[0] || 0));
  const dash = dashes.map((one) => (one * 3 * Math.min(26 / shown, 1)).toFixed(2)).join(" ");
  return `<svg viewBox="0 0 46 16" aria-hidden="true"><path d="M2 8H28" stroke="${color}" stroke-width="3" fill="none" stroke-linecap="round" stroke-dasharray="${dash}"/>` +
    `<polygon points="${corners.join(" ")}" fill="${color}"/></svg>`;
}
function pressed(entry, button) {
  button.type = "button";
  button.dataset.entry = entry;
  button.title = button.ariaLabel = entries[entry].said;
  button.addEventListener("click", () => toggle(entry));
  return button;
}
function refresh() {
  const button = $("play"), word = state.playing ? words.pause : words.play;
  button.innerHTML = icon(state.playing ? ICONS.pause : ICONS.play);
  button.ariaLabel = button.title = word;
  $("speed").value = state.speed;
  for (const one of document.querySelectorAll("[data-entry]")) one.setAttribute("aria-pressed", visible(+one.dataset.entry));
}
function tell() {
  const losses = entries.map(({name}, entry) => visible(entry) ? `${name} ${number(numberOf("loss", {entry, start: run.runs > 1 ? -1 : 0}, state.record))}` : "");
  $("live").textContent = [words.counter[state.record], ...losses.filter(Boolean)].join(", ");
}

function lay() {  // the sheet that suits the window, as large as it has room for
  const wideEnough = innerWidth >= 0.8 * innerHeight;
  const next = wideEnough ? data.sheets[0] : data.sheets[data.sheets.length - 1];
  if (next !== sheet) { sheet = next; prepare(sheet); $("ground").src = sheet.ground; state.hover = null; }
  const [w, h] = sheet.size, bar = $("controls"), chips = $("entries");
  const fit = (below) => Math.max(Math.min(innerWidth / w, (innerHeight - below) / h), 0.1);
  chips.hidden = true;
  scale = fit(bar.offsetHeight);
  const rows = new Map(sheet.rows.map((row) => [row.entry, row.box]));
  const reachable = entries.every((_, entry) => rows.has(entry) && (rows.get(entry)[3] - rows.get(entry)[1]) * scale >= 24);
  const buttons = entries.map((one, entry) => pressed(entry, document.createElement("button")));
  if (reachable) {
    buttons.forEach((button, entry) => {
      const [x0, y0, x1, y1] = rows.get(entry).map((one) => one * scale);
      button.style.cssText = `left:${x0}px;top:${y0}px;width:${x1 - x0}px;height:${y1 - y0}px`;
    });
    $("rows").replaceChildren(...buttons);
    chips.replaceChildren();
  } else {
    buttons.forEach((button, entry) => {
      button.innerHTML = sample(entries[entry]);
      button.append(entries[entry].name);
    });
    $("rows").replaceChildren();
    chips.replaceChildren(...buttons);
    chips.hidden = false;
    scale = fit(bar.offsetHeight + chips.offsetHeight);
  }
  const figure = $("clip"), ratio = Math.min(devicePixelRatio || 1, 3);
  figure.style.width = `${w * scale}px`;
  figure.style.height = `${h * scale}px`;
  canvas.width = Math.round(w * scale * ratio);
  canvas.height = Math.round(h * scale * ratio);
  refresh();
  paint();
}

$("scrub").max = lastRecord;
$("scrub").addEventListener("input", (event) => seek(+event.target.value));
$("play").addEventListener("click", () => play(!state.playing));
for (const speed of SPEEDS) {
  const option = document.createElement("option");
  option.value = speed;
  option.textContent = `×${String(speed).replace(".", words.decimal)}`;
  $("speed").append(option);
}
function hasten(speed) { state.speed = speed; refresh(); keep(); }
$("speed").addEventListener("change", (event) => hasten(+event.target.value));
const faster = (by) => hasten(SPEEDS[Math.min(Math.max(SPEEDS.indexOf(state.speed) + by, 0), SPEEDS.length - 1)]);
const nextStop = (way) => {
  const stops = clock.stops.length ? clock.stops : [0, lastRecord];
  const ahead = way > 0 ? stops.find((one) => one > state.record) : [...stops].reverse().find((one) => one < state.record);
  seek(ahead === undefined ? state.record : ahead);
};
const KEYS = {
  " ": () => play(!state.playing), ArrowRight: () => go(1), ArrowLeft: () => go(-1),
  Home: () => seek(0), End: () => seek(lastRecord), PageDown: () => nextStop(1), PageUp: () => nextStop(-1),
  "+": () => faster(1), "=": () => faster(1), "-": () => faster(-1),
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const {key, target} = event, tag = target.tagName;
  if (tag === "SELECT" || (tag === "BUTTON" && (key === " " || key === "Enter"))) return;
  if (/^[1-9]$/.test(key) && key <= entries.length) { toggle(key - 1); return; }
  if (KEYS[key]) { event.preventDefault(); KEYS[key](); }
});
addEventListener("hashchange", () => { play(false); read(); refresh(); ask(); });
addEventListener("resize", lay);

const wished = read();
lay();
tell();
if (wished && !matchMedia("(prefers-reduced-motion: reduce)").matches) { show(0); play(true); }
document.documentElement.dataset.ready = "";
})();
