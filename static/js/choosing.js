// Answers at the foot of the page in place, as the page would load anew and cost what was typed into its forms.
// Without it the buttons work as well.

document.querySelector(".site-footer").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const { name, value } = event.submitter;
  const body = new URLSearchParams(new FormData(form));
  body.append(name, value);
  const state = await answered(form.action, body);
  if (state) {
    form.closest(".cookie-state").replaceWith(state);
    state.focus();
  } else {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    form.submit(); // the plain way says what is wrong
  }
});

// The foot of the page to which the answer leads.
async function answered(url, body) {
  const response = await fetch(url, { method: "POST", body }).catch(() => null);
  if (!response?.ok) return null;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return page.querySelector(".cookie-state");
}
