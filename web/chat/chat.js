// @ts-check
// The chat's page. Signs in by the cookie `bonds`, which no script can read, and opens the WebSocket with it. After a break it comes back every three seconds and
// asks for what came after the newest message it has, so nothing is lost and nothing shown twice.

/** @typedef {{ type: 'message' | 'system', id: number, text: string, username: string, timestamp: number, role: string, is_self: boolean }} Said */
/** @typedef {{ type: 'history', messages: Said[] }} History */
/** @typedef {{ type: 'users_update', users: { username: string, email: string, role: string }[] }} Users */

const base = '/ws/v1/chat/';
const again = 3000;
const shown = 1000;

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} kind
 * @returns {T}
 */
function part(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) {
    throw new Error(`The page has no ${id}.`);
  }
  return found;
}

const login = part('login', HTMLFormElement);
const fault = part('fault', HTMLElement);
const room = part('room', HTMLElement);
const people = part('people', HTMLElement);
const messages = part('messages', HTMLOListElement);
const say = part('say', HTMLFormElement);
const text = part('text', HTMLInputElement);
const state = part('state', HTMLElement);
const leave = part('leave', HTMLButtonElement);

/** @type {WebSocket | null} */
let socket = null;
let newest = -1;
let place = '';
let refused = false;

// Requests of the cinema's paths name themselves. crypto.randomUUID is there on https only.
function requestId() {
  return `chat-${Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(16).padStart(8, '0')).join('')}`;
}

/** @param {string} words */
function tell(words) {
  state.textContent = words;
}

/** @param {string} [why] */
function askToSignIn(why) {
  room.hidden = true;
  leave.hidden = true;
  login.hidden = false;
  fault.hidden = !why;
  fault.textContent = why ?? '';
  tell('');
  part('email', HTMLInputElement).focus();
}

/** @param {Said} said */
function show(said) {
  if (said.id <= newest) {
    return;
  }
  newest = said.id;
  const atEnd = messages.scrollHeight - messages.scrollTop - messages.clientHeight < 80;
  const line = document.createElement('li');
  line.className = said.type === 'system' ? 'system' : said.is_self ? 'own' : said.role === 'bot' ? 'bot' : 'other';
  if (said.type !== 'system') {
    const who = document.createElement('span');
    who.className = 'who';
    who.textContent = `${said.username}, ${new Date(said.timestamp * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })}`;
    line.append(who);
  }
  line.append(said.text);
  messages.append(line);
  while (messages.childElementCount > shown) {
    messages.firstElementChild?.remove();
  }
  if (atEnd || said.is_self) {
    messages.scrollTop = messages.scrollHeight;
  }
}

function connect() {
  const address = new URL(place, location.href);
  address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  if (newest >= 0) {
    address.searchParams.set('after', String(newest));
  }
  const mine = new WebSocket(address);
  socket = mine;
  refused = true;
  mine.onopen = () => {
    refused = false;
    mine.send(JSON.stringify({ type: 'auth' }));
    if (newest < 0) {
      mine.send(JSON.stringify({ command: 'get_history' }));
    }
    tell('Connected');
    room.hidden = false;
    leave.hidden = false;
    login.hidden = true;
    text.focus();
  };
  mine.onmessage = (event) => {
    /** @type {Said | History | Users} */
    const frame = JSON.parse(String(event.data));
    if (frame.type === 'history') {
      // What came live before the history is in it: the list begins anew from it.
      messages.replaceChildren();
      newest = -1;
      frame.messages.forEach(show);
    } else if (frame.type === 'users_update') {
      people.textContent = `Here: ${frame.users.map((user) => user.username).join(', ')}`;
    } else {
      show(frame);
    }
  };
  mine.onclose = () => {
    if (socket === mine) {
      tell('Connection lost, trying again …');
      setTimeout(() => void enter(), again);
    }
  };
}

// Where the chat is; asked before each connection, because a WebSocket does not say why it was refused.
async function enter() {
  let answer;
  try {
    answer = await fetch(`${base}join_chat`, { method: 'POST', headers: { 'X-Request-Id': requestId() }, body: new URLSearchParams() });
  } catch {
    tell('No connection, trying again …');
    setTimeout(() => void enter(), again);
    return;
  }
  if (answer.status === 401 || answer.status === 403) {
    askToSignIn();
    return;
  }
  if (!answer.ok) {
    tell('The server is busy, trying again …');
    setTimeout(() => void enter(), again);
    return;
  }
  /** @type {{ success: boolean, error?: string, redirect_url?: string, user_id?: string }} */
  const joined = await answer.json();
  if (!joined.success || !joined.redirect_url) {
    askToSignIn(joined.error);
    return;
  }
  // An address of one's own is kept while it opens: an admin may have put this person into several rooms.
  const here = location.pathname.slice(base.length).split('/');
  const wanted = !refused && here.length === 2 && here[1] === joined.user_id ? location.pathname : joined.redirect_url;
  if (wanted !== place && place !== '') {
    newest = -1;
    messages.replaceChildren();
  }
  place = wanted;
  history.replaceState(null, '', place);
  connect();
}

login.addEventListener('submit', async (event) => {
  event.preventDefault();
  const answer = await fetch('/login', { method: 'POST', body: new URLSearchParams({ username: part('email', HTMLInputElement).value, password: part('password', HTMLInputElement).value }) });
  part('password', HTMLInputElement).value = '';
  if (answer.ok) {
    await enter();
  } else {
    askToSignIn(answer.status === 429 ? 'Too many attempts. Please wait a moment.' : 'The e-mail or the password is not right.');
  }
});

say.addEventListener('submit', (event) => {
  event.preventDefault();
  const words = text.value.trim();
  if (words && socket?.readyState === WebSocket.OPEN) {
    socket.send(JSON.stringify({ text: words }));
    text.value = '';
  }
});

leave.addEventListener('click', async () => {
  const open = socket;
  socket = null;
  open?.close();
  await fetch('/logout', { method: 'POST' });
  newest = -1;
  place = '';
  messages.replaceChildren();
  history.replaceState(null, '', base);
  askToSignIn();
});

void enter();
