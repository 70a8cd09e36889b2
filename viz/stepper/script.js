"use strict";

const byId = (id) => document.getElementById(id);
const levels = [...document.querySelectorAll(".level")].map(readLevel);
let level = levels[0];
let at = 0;

function readLevel(element) {
  const steps = [...element.querySelectorAll(".step")];
  const places = new Map(steps.map((step, i) => [step.dataset.step, i]));
  const ranks = new Map(); // of each part of the picture: the first step that it belongs to
  steps.forEach((step, i) => marksOf(step).forEach((mark) => ranks.has(mark) || ranks.set(mark, i)));
  const parts = [...element.querySelectorAll("svg [data-id]")].filter((part) => ranks.has(part.dataset.id));
  const links = [...element.querySelectorAll(".outline a")];
  return { element, steps, places, ranks, parts, links, picture: element.querySelector(".picture") };
}

function marksOf(step) {
  return step.dataset.marks.split(" "); // the vertex of the step comes first
}

function show(newLevel, newAt) {
  level = newLevel;
  at = Math.max(0, Math.min(newAt, level.steps.length - 1));
  showLevel();
  showStep();
  lightUp();
  bringIntoView();
  followOutline();
  history.replaceState(null, "", `#${level.element.id}/${level.steps[at].dataset.step}`);
}

function showLevel() {
  for (const other of levels) {
    other.element.classList.toggle("now", other === level);
    if (other !== level) moveNumbers(other, level);
  }
  const chosen = document.querySelector(`#detail input[value="${level.element.id}"]`);
  if (chosen) chosen.checked = true;
}

function moveNumbers(from, to) {
  for (const step of from.steps) {
    const numbers = step.querySelector(".numbers");
    if (numbers && to.places.has(step.dataset.step)) to.steps[to.places.get(step.dataset.step)].append(numbers);
  }
}

function showStep() {
  const last = level.steps.length - 1;
  level.steps.forEach((step, i) => step.classList.toggle("now", i === at));
  level.links.forEach((link, i) => {
    if (i === at) link.setAttribute("aria-current", "step");
    else link.removeAttribute("aria-current");
  });
  const said = `step ${at + 1} of ${last + 1}, ${level.steps[at].dataset.said}`;
  byId("said").textContent = said;
  byId("slider").max = last + 1;
  byId("slider").value = at + 1;
  byId("slider").setAttribute("aria-valuetext", said);
  byId("first").disabled = byId("back").disabled = at === 0;
  byId("next").disabled = byId("last").disabled = at === last;
}

function lightUp() {
  const now = new Set(marksOf(level.steps[at]));
  for (const part of level.parts) {
    part.classList.toggle("later", level.ranks.get(part.dataset.id) > at);
    part.classList.toggle("now", now.has(part.dataset.id));
  }
}

function bringIntoView() {
  const box = level.element.querySelector(`svg [data-id="${marksOf(level.steps[at])[0]}"]`);
  if (!box) return;
  const frame = level.picture.getBoundingClientRect();
  const place = box.getBoundingClientRect();
  level.picture.scrollTo({
    left: level.picture.scrollLeft + place.x - frame.x + (place.width - frame.width) / 2,
    top: level.picture.scrollTop + place.y - frame.y + (place.height - frame.height) / 2,
  });
}

function followOutline() {
  const link = level.links[at];
  const list = link.closest("ol");
  list.scrollTop = link.offsetTop - list.offsetTop - list.clientHeight / 2;
}

function switchLevel(id) {
  const other = levels.find((one) => one.element.id === id);
  const upcoming = level.steps.slice(at).map((step) => step.dataset.step);
  show(other, other.places.get(upcoming.find((step) => other.places.has(step))));
}

function showFragment() {
  const [name, step] = location.hash.slice(1).split("/");
  const found = levels.find((one) => one.element.id === name && one.places.has(step));
  if (found) show(found, found.places.get(step));
  else show(level, at);
}

function followLink(event) {
  const link = event.target.closest("a[href^='#']");
  if (!link) return;
  event.preventDefault();
  show(level, level.steps.indexOf(document.querySelector(link.getAttribute("href"))));
}

function search(input) {
  const wanted = input.value.trim().toLowerCase();
  let found = 0;
  for (const link of input.closest(".level").querySelectorAll(".outline a")) {
    const hit = link.dataset.words.toLowerCase().includes(wanted);
    link.parentElement.hidden = !hit;
    found += hit;
  }
  input.closest(".outline").querySelector(".none").hidden = found > 0;
}

function firstFound() {
  return level.links.findIndex((link) => !link.parentElement.hidden);
}

function onKey(event) {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.target.type === "search") {
    if (event.key === "Enter" && firstFound() >= 0) show(level, firstFound());
    return;
  }
  if (event.target.matches("input[type=range], input[type=radio]")) return; // arrows mean something there
  const moves = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: level.steps.length - 1 };
  if (event.key in moves) show(level, moves[event.key]);
  else if (event.key === "/") level.element.querySelector("[type=search]").focus();
  else return;
  event.preventDefault();
}

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function switchTheme() {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  byId("theme").setAttribute("aria-pressed", isDark());
}

function start() {
  document.body.classList.add("stepping");
  byId("theme").setAttribute("aria-pressed", isDark());
  byId("first").addEventListener("click", () => show(level, 0));
  byId("back").addEventListener("click", () => show(level, at - 1));
  byId("next").addEventListener("click", () => show(level, at + 1));
  byId("last").addEventListener("click", () => show(level, Infinity));
  byId("slider").addEventListener("input", (event) => show(level, event.target.value - 1));
  byId("detail").addEventListener("change", (event) => switchLevel(event.target.value));
  byId("theme").addEventListener("click", switchTheme);
  byId("whole").addEventListener("change", (event) => {
    for (const one of levels) one.picture.classList.toggle("whole", event.target.checked);
    bringIntoView();
  });
  for (const one of levels) {
    for (const part of one.parts) {
      part.addEventListener("click", () => show(one, one.ranks.get(part.dataset.id)));
    }
    one.element.querySelector("[type=search]").addEventListener("input", (event) => search(event.target));
  }
  addEventListener("keydown", onKey);
  addEventListener("click", followLink);
  addEventListener("hashchange", showFragment);
  addEventListener("resize", bringIntoView);
  showFragment();
}

start();
