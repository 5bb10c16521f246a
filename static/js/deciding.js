// Keys for the staff who decide, and the end of the time to undo. Each key presses what carries it in
// aria-keyshortcuts, so that all of it works without this file.

const STORED = "vietmusic.keys"; // "off" in localStorage, for those who switched the keys off
const SECOND_CLICK = 500; // milliseconds within which a second click belongs to the first

const dialog = document.querySelector("dialog.keys");

const areOn = () => localStorage.getItem(STORED) !== "off";

function isTyping(target) {
  return target.closest("input, select, textarea, [contenteditable]") !== null;
}

function press(key) {
  const control = document.querySelector(`[aria-keyshortcuts="${CSS.escape(key)}"]`);
  if (control?.matches("summary")) {
    control.parentElement.open = true;
    control.parentElement.querySelector("select, input:not([type=hidden])").focus();
  } else {
    control?.click();
  }
  return control !== null;
}

function onKey(event) {
  const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.repeat && !event.isComposing;
  if (!isPlain || !areOn() || dialog?.open || isTyping(event.target)) {
    return;
  }
  if (event.key === "?" && dialog) {
    dialog.showModal();
    event.preventDefault();
  } else if (event.key.length === 1 && press(event.key.toLowerCase())) {
    event.preventDefault(); // the letter would land in the field that has the focus now
  }
}

function improveDialog() {
  const opener = document.querySelector("[data-keys]");
  const choice = dialog.querySelector("[data-keys-on]");
  choice.checked = areOn();
  choice.addEventListener("change", () => localStorage.setItem(STORED, choice.checked ? "on" : "off"));
  if (opener) {
    opener.hidden = false;
    opener.addEventListener("click", () => dialog.showModal());
  }
}

// A button that can no longer do anything goes. The time began with the request that decided, as did the page's own.
function endUndoing(form) {
  const left = Number(form.dataset.seconds) * 1000 - performance.now();
  setTimeout(() => form.remove(), Math.max(0, left));
}

// The next row's buttons stand where those of the last one stood: a second click isn't meant for them.
function waitForSecondClick() {
  const buttons = document.querySelectorAll(".decision button");
  buttons.forEach((button) => (button.disabled = true));
  setTimeout(() => buttons.forEach((button) => (button.disabled = false)), SECOND_CLICK);
}

document.addEventListener("keydown", onKey);
document.querySelectorAll("form.undo").forEach(endUndoing);
if (document.querySelector("form.undo")) {
  waitForSecondClick();
}
if (dialog) {
  improveDialog();
}
