// Tokens are kept in the memory of the page and nowhere else: what is in `localStorage` can be read by
// every script that ever gets into a page of this site. The price is that a reload signs out.
let tokens = null;
// Two requests that find the access token expired share one refresh.
let refreshing = null;

const part = (id) => document.getElementById(id);
const tell = (text) => { part("notice").textContent = text; };

async function send(method, path, body, token) {
  const headers = {};
  if (body) headers["Content-Type"] = "application/json";
  if (token) headers["Authorization"] = `Bearer ${token}`;
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  return { ok: answer.ok, status: answer.status, json: text ? JSON.parse(text) : null };
}

async function refresh() {
  const body = { refresh_token: tokens.refresh_token };
  const answer = await send("POST", "/auth/refresh", body);
  tokens = answer.ok ? answer.json : null;
}

// As the user, with a new access token if the old one has expired.
async function ask(method, path) {
  let answer = await send(method, path, null, tokens.access_token);
  if (answer.status === 401) {
    refreshing ??= refresh().finally(() => { refreshing = null; });
    await refreshing;
    if (tokens) answer = await send(method, path, null, tokens.access_token);
  }
  if (!tokens || answer.status === 401) {
    tokens = null;
    show();
    tell("You were signed out.");
    return null;
  }
  return answer;
}

function show(sessions) {
  part("sign-in").hidden = Boolean(tokens);
  part("devices").hidden = !tokens;
  part("list").replaceChildren(...(sessions ?? []).map(device));
}

// Texts are set as texts: a device may call itself whatever it likes.
function device(session) {
  const item = part("device").content.cloneNode(true);
  const find = (name) => item.querySelector(`.${name}`);
  const time = (text) => new Date(text).toLocaleString();
  find("name").textContent = session.device ?? "Unknown device";
  find("current").hidden = !session.current;
  find("details").textContent = [
    session.ip_address,
    `signed in ${time(session.created_at)}`,
    `last active ${time(session.last_active)}`,
  ].filter(Boolean).join(" · ");
  find("end").hidden = session.current;
  find("end").addEventListener("click", async () => {
    if (await ask("DELETE", `/sessions/${session.id}`)) await load("It has ended.");
  });
  return item;
}

async function load(text) {
  const answer = await ask("GET", "/sessions");
  if (!answer) return;
  show(answer.json.sessions);
  tell(text);
}

part("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = new FormData(event.target, event.submitter);
  const { action, ...credentials } = Object.fromEntries(form);
  const answer = await send("POST", `/auth/${action}`, credentials);
  if (answer.ok && answer.json.access_token) {
    tokens = answer.json;
    event.target.reset();
    await load("");
  } else {
    tell(answer.json.errors?.[0]?.message ?? answer.json.detail ?? answer.json.message);
  }
});

part("end-others").addEventListener("click", async () => {
  if (await ask("POST", "/sessions/revoke-all")) await load("All others have ended.");
});

part("sign-out").addEventListener("click", async () => {
  await send("POST", "/auth/logout", { refresh_token: tokens.refresh_token });
  tokens = null;
  show();
  tell("You are signed out.");
});
