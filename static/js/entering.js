// Improves the forms that take photos: previews, removal, progress, hobbies to pick. Without it they work as well.
// Texts come translated from the page (templates/pageant/fields/photos.html).

const PREVIEW_WIDTH = 320; // pixels

function improve() {
  for (const form of document.querySelectorAll("form[data-upload]")) {
    const choice = form.querySelector("[data-photo-choice]");
    improvePhotos(form, choice);
    improveHobbies(form.querySelector("[data-known]"));
    improveSending(form, choice.dataset);
  }
}

// Answering the notice about cookies would load the page anew, and cost what was typed.
async function answerInPlace(event) {
  event.preventDefault();
  const form = event.target;
  const body = new URLSearchParams(new FormData(form));
  body.append(event.submitter.name, event.submitter.value);
  const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => null);
  if (answer?.type === "opaqueredirect") {
    document.querySelector(".cookie-notice")?.remove();
    document.querySelector("main").focus();
  } else {
    form.append(make("input", { type: "hidden", name: event.submitter.name, value: event.submitter.value }));
    form.submit(); // the plain way says what is wrong
  }
}

function make(tag, properties) {
  return Object.assign(document.createElement(tag), properties);
}

// Photos

function improvePhotos(form, choice) {
  const input = choice.querySelector("[type=file]");
  const list = choice.querySelector("[data-new-photos]");
  const note = choice.querySelector("[data-photo-note]");
  const plain = choice.querySelector("[data-photo-descriptions]");
  const files = new Map(); // by their <li>, in the order of the list

  // Removing a photo that is here already makes room for another one.
  const room = () => Number(choice.dataset.room) + form.querySelectorAll("[name=remove]:checked").length;

  function add(chosen, descriptions = []) {
    const free = Math.max(0, room() - files.size);
    [...chosen].slice(0, free).forEach((file, index) => {
      const item = makeItem(list, file, choice.dataset);
      item.querySelector("[name=descriptions]").value = descriptions[index] ?? "";
      item.querySelector("button").addEventListener("click", () => remove(item));
      files.set(item, file);
    });
    note.textContent = chosen.length > free ? choice.dataset.textTooMany : "";
    write();
  }

  function remove(item) {
    const next = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    files.delete(item);
    note.textContent = "";
    write();
    (next?.querySelector("button") ?? input).focus();
  }

  // The input itself holds what is sent, so that the form stays an ordinary one.
  function write() {
    const transfer = new DataTransfer();
    files.forEach((file) => transfer.items.add(file));
    input.files = transfer.files;
    choice.hidden = room() === 0 && files.size === 0;
  }

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
}

function makeItem(list, file, texts) {
  const template = list.parentElement.querySelector("[data-new-photo]");
  const item = template.content.firstElementChild.cloneNode(true);
  item.querySelectorAll("[data-name]").forEach((place) => (place.textContent = file.name));
  if (file.size > Number(texts.mostBytes)) {
    const error = item.querySelector("[data-too-large]");
    error.hidden = false;
    item.querySelector("button").ariaDescription = error.textContent;
  } else {
    draw(file, item.querySelector("canvas"), item.querySelector("[data-unseen]"));
  }
  list.append(item);
  return item;
}

// On a canvas, since the content security policy lets no page show an image from a blob: or data: address.
async function draw(file, canvas, note) {
  try {
    const bitmap = await createImageBitmap(file, { resizeWidth: PREVIEW_WIDTH, imageOrientation: "from-image" });
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    bitmap.close();
  } catch {
    canvas.hidden = true; // what this browser can't decode, the server may
    note.hidden = false;
  }
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
  const chosen = () => input.value.split(",").map((name) => name.trim()).filter(Boolean);
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

function improveSending(form, texts) {
  const address = form.action.split("#")[0];
  const button = form.querySelector("[type=submit]");
  const status = make("div", { role: "status" });
  button.before(status);

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const tooLarge = form.querySelector("[data-too-large]:not([hidden])");
    if (tooLarge) tooLarge.parentElement.querySelector("button").focus(); // sending it would only cost time
    else if (!button.disabled) send();
  });

  function send() {
    const request = new XMLHttpRequest();
    const progress = make("progress", { className: "upload-progress", max: 1, ariaLabel: texts.textSending });
    request.open("POST", address);
    request.responseType = "document";
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      progress.value = loaded / total;
      if (loaded === total) progress.removeAttribute("value"); // all is there; the server is looking at it
    });
    request.addEventListener("load", () => receive(request));
    request.addEventListener("error", () => fail(texts.textNetwork));
    request.send(new FormData(form));
    button.disabled = true;
    status.replaceChildren(make("p", { textContent: texts.textSending }), progress);
    addEventListener("pagehide", rest, { once: true }); // somebody who comes back finds a form that works
  }

  function receive(request) {
    if (request.responseURL !== address) location.assign(request.responseURL);
    else if (request.response?.querySelector("form[data-upload]")) replacePage(request.response);
    else fail(request.response?.querySelector("main")?.innerText.trim() || texts.textNetwork);
  }

  // Nothing that was typed or chosen is lost: the form stays as it is.
  function fail(text) {
    rest();
    const alert = make("p", { className: "error-summary", role: "alert", textContent: text, tabIndex: -1 });
    status.replaceChildren(alert);
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
document.querySelector(".cookie-notice")?.addEventListener("submit", answerInPlace);
