// Improves the forms that take photos: previews, removal, progress, hobbies to pick. Without it they work as well.
// Texts come translated from the page (templates/pageant/fields/photos.html).

const PREVIEW_WIDTH = 320; // pixels
const LONGEST_MOMENT = 30; // seconds that are waited for without asking
const BETWEEN_HOBBIES = /[,;/#、，；]/;

function improve() {
  for (const form of document.querySelectorAll("form[data-upload]")) {
    const choice = form.querySelector("[data-photo-choice]");
    const findUnreadable = improvePhotos(form, choice);
    improveHobbies(form.querySelector("[data-known]"));
    improveSending(form, choice.dataset, findUnreadable);
  }
}

function make(tag, properties) {
  return Object.assign(document.createElement(tag), properties);
}

// Photos

// Returns a function that finds the photos that can't be read any more, marks them and resolves to the first one.
function improvePhotos(form, choice) {
  const input = choice.querySelector("[type=file]");
  const list = form.querySelector("[data-photos]");
  const note = form.querySelector("[data-photo-note]");
  const plain = choice.querySelector("[data-plain]");
  const texts = choice.dataset;
  const files = new Map(); // by their <li>

  // Removing a photo that is here already makes room for another one.
  const room = () => Number(texts.room) + form.querySelectorAll("[name=remove]:checked").length;

  function add(chosen, descriptions = []) {
    const fresh = [...chosen].filter((file) => ![...files.values()].some((other) => isSameFile(file, other)));
    const free = Math.max(0, room() - files.size);
    fresh.slice(0, free).forEach((file, index) => {
      const item = choice.querySelector("[data-new-photo]").content.firstElementChild.cloneNode(true);
      item.querySelector("[name=descriptions]").value = descriptions[index] ?? "";
      list.append(item);
      fill(item, file);
    });
    if (fresh.length > free) note.textContent = texts.textTooMany;
    else note.textContent = fresh.length < chosen.length ? texts.textTwice : "";
    write();
  }

  function fill(item, file) {
    files.set(item, file);
    const isTooLarge = file.size > Number(texts.mostBytes);
    item.querySelectorAll("[data-name]").forEach((place) => (place.textContent = file.name));
    item.querySelector("[data-too-large]").hidden = !isTooLarge;
    item.querySelector("[data-changed]").hidden = true;
    showPreview(item, true);
    if (isTooLarge) item.querySelector("[data-act=remove]").ariaDescription = item.querySelector("[data-too-large]").textContent;
    else draw(file, item);
  }

  // The input itself holds what is sent, so that the form stays an ordinary one. Files go in the order of the list.
  function write() {
    const transfer = new DataTransfer();
    const items = [...list.children];
    items.filter((item) => files.has(item)).forEach((item) => transfer.items.add(files.get(item)));
    input.files = transfer.files;
    items.forEach((item, index) =>
      item.querySelectorAll("[data-number]").forEach((place) => (place.textContent = index + 1)),
    );
    list.hidden = items.length === 0;
    choice.hidden = room() - files.size <= 0;
  }

  function remove(item) {
    const next = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    files.delete(item);
    note.textContent = "";
    write();
    (next?.querySelector("[data-act=remove], [name=remove]") ?? input).focus();
  }

  function move(item) {
    item.previousElementSibling.before(item);
    write();
    note.textContent = texts.textPlace.replace("{number}", [...list.children].indexOf(item) + 1);
    item.querySelector(item === list.firstElementChild ? "[data-act=turn]" : "[data-act=move]").focus();
  }

  function chooseAgain(item) {
    const again = make("input", { type: "file", accept: input.accept });
    again.addEventListener("change", () => {
      fill(item, again.files[0]);
      write();
    });
    again.click();
  }

  const acts = { turn, move, remove, again: chooseAgain };
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-act]");
    if (!button) return;
    event.preventDefault();
    acts[button.dataset.act](button.closest("li"));
  });

  // A file and its description are posted side by side now. What was typed before this script ran is kept.
  const typed = [...plain.querySelectorAll("input")].map((field) => field.value);
  plain.remove();
  add(input.files, typed);

  input.addEventListener("change", () => add(input.files));
  form.addEventListener("change", (event) => event.target.name === "remove" && write());
  choice.addEventListener("dragover", (event) => event.preventDefault());
  choice.addEventListener("drop", (event) => {
    event.preventDefault();
    add(event.dataTransfer.files);
  });

  return async () => {
    const items = await Promise.all([...files].map(async ([item, file]) => ((await isReadable(file)) ? null : item)));
    const unreadable = items.filter(Boolean);
    unreadable.forEach((item) => (item.querySelector("[data-changed]").hidden = false));
    return unreadable[0];
  };
}

function turn(item) {
  const quarters = item.querySelector("[data-quarters]");
  quarters.value = (Number(quarters.value) + 1) % 4;
  item.querySelector("[data-preview]").dataset.turned = quarters.value;
}

function isSameFile(file, other) {
  return file.name === other.name && file.size === other.size && file.lastModified === other.lastModified;
}

// A file that was changed, moved or fetched from a cloud since it was chosen can't be read, and sending it fails.
function isReadable(file) {
  return file.slice(0, 1).arrayBuffer().then(() => true, () => false);
}

// On a canvas, since the content security policy lets no page show an image from a blob: or data: address.
async function draw(file, item) {
  const canvas = item.querySelector("canvas");
  try {
    const bitmap = await createImageBitmap(file, { resizeWidth: PREVIEW_WIDTH, imageOrientation: "from-image" });
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    bitmap.close();
  } catch {
    showPreview(item, false); // what this browser can't decode, the server may
  }
}

function showPreview(item, isSeen) {
  item.querySelector("canvas").hidden = !isSeen;
  item.querySelector("[data-act=turn]").hidden = !isSeen;
  item.querySelector("[data-unseen]").hidden = isSeen;
}

// Hobbies

function isSame(hobby, other) {
  return hobby.toLocaleLowerCase() === other.toLocaleLowerCase();
}

function improveHobbies(input) {
  const known = input?.dataset.known.split(",").filter(Boolean) ?? [];
  if (known.length === 0) return;
  const group = make("div", { className: "suggestions", role: "group" });
  group.setAttribute("aria-labelledby", input.labels[0].id ||= `${input.id}-label`);
  const chosen = () => input.value.split(BETWEEN_HOBBIES).map((name) => name.trim()).filter(Boolean);
  const buttons = known.map((name) => make("button", { type: "button", className: "tag", textContent: name }));

  function show() {
    for (const button of buttons) {
      button.ariaPressed = chosen().some((name) => isSame(name, button.textContent));
    }
  }

  for (const button of buttons) {
    button.addEventListener("click", () => {
      const others = chosen().filter((name) => !isSame(name, button.textContent));
      input.value = (button.ariaPressed === "true" ? others : [...others, button.textContent]).join(", ");
      show();
    });
  }
  input.addEventListener("input", show);
  group.append(...buttons);
  input.after(group);
  show();
}

// Sending

function improveSending(form, texts, findUnreadable) {
  const url = form.action.split("#")[0];
  const button = form.querySelector("#send");
  const status = make("div", { role: "status" });
  button.before(status);
  let pressed = null; // the button, also when the form is sent again

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    pressed = event.submitter;
    if (!focusOnBad() && !button.disabled) send();
  });

  // Sending a photo that can't be taken would only cost time.
  function focusOnBad() {
    const error = form.querySelector("[data-too-large]:not([hidden]), [data-changed]:not([hidden])");
    const way = error?.matches("[data-changed]") ? "again" : "remove";
    error?.closest("li").querySelector(`[data-act=${way}]`).focus();
    return error !== null;
  }

  function send() {
    const body = new FormData(form);
    if (pressed?.name) body.append(pressed.name, pressed.value); // it may be the answer to a question
    const request = new XMLHttpRequest();
    const progress = make("progress", { className: "upload-progress", max: 1, ariaLabel: texts.textSending });
    request.open("POST", url);
    request.responseType = "document";
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      progress.value = loaded / total;
      if (loaded === total) progress.removeAttribute("value"); // all is there; the server is looking at it
    });
    request.addEventListener("load", () => receive(request));
    request.addEventListener("error", failToSend);
    request.send(body);
    button.disabled = true;
    status.replaceChildren(make("p", { textContent: texts.textSending }), progress);
    addEventListener("pagehide", rest, { once: true }); // somebody who comes back finds a form that works
  }

  function receive(request) {
    const seconds = Number(request.getResponseHeader("Retry-After"));
    if (seconds > 0 && seconds <= LONGEST_MOMENT) waitAndSend(seconds);
    else if (request.responseURL !== url) location.assign(request.responseURL);
    else if (request.response?.querySelector("form[data-upload]")) replacePage(request.response);
    else fail(request.response?.querySelector("main")?.innerText.trim() || texts.textNetwork);
  }

  function waitAndSend(seconds) {
    status.replaceChildren(make("p", { textContent: texts.textMoment }));
    setTimeout(send, seconds * 1000);
  }

  async function failToSend() {
    if (await findUnreadable()) {
      rest();
      focusOnBad();
    } else fail(texts.textNetwork);
  }

  // Nothing that was typed or chosen is lost: the form stays as it is, and can be sent again.
  function fail(text) {
    rest();
    const alert = make("p", { className: "error-summary", role: "alert", textContent: text, tabIndex: -1 });
    const again = make("button", { className: "button button--quiet", type: "button", textContent: texts.textAgain });
    again.addEventListener("click", send);
    status.replaceChildren(alert, again);
    alert.focus();
  }

  function rest() {
    button.disabled = false;
    status.replaceChildren();
  }
}

function replacePage(answer) {
  document.title = answer.title;
  document.querySelector("main").replaceWith(answer.querySelector("main"));
  improve();
  document.querySelector(".error-summary")?.focus();
}

improve();
