// Says what a new password lacks while somebody types. It stays in the page until the form is sent,
// and the server decides: it has more rules than these.
"use strict";

const password = document.getElementById("new-password");
const advice = document.getElementById("advice");
const address = document.getElementById("address").value.toLowerCase();
const least = Number(password.dataset.least);
const most = Number(password.dataset.most);
const products = ["fastauth", password.dataset.product.normalize("NFC").toLowerCase()];

// Who has the page read out hears of it when the typing pauses, and not at each letter.
const PAUSE = 500;
// Shorter parts of an address are in too many words.
const SHORTEST_PART = 4;

// As the server counts: characters of Unicode in NFC.
const lengthOf = (text) => [...text.normalize("NFC")].length;

const count = (characters) => (characters === 1 ? "1 character" : `${characters} characters`);

// A text without digits, symbols and blanks.
const letters = (text) => text.replace(/\P{Alphabetic}+/gu, "");

const local = address.slice(0, address.lastIndexOf("@"));
const parts = address.split(/[^\p{Alphabetic}]+/u).filter((part) => lengthOf(part) >= SHORTEST_PART);

// The server refuses these, and leaves it at advice where the address is only a part.
const isMadeOf = (text, word) =>
  text === word || (letters(text) !== "" && letters(text) === letters(word));
const isAddress = (text) => text === address || isMadeOf(text, local);
const isProduct = (text) => products.some((name) => isMadeOf(text, name));

function adviceOn(typed) {
  const text = typed.normalize("NFC");
  const length = lengthOf(text);
  if (length === 0) return "";
  if (length < least) return `${count(least - length)} more.`;
  if (length > most) return `${count(length - most)} too many.`;
  const lower = text.toLowerCase();
  if (isAddress(lower)) return "This is made of your address: choose another.";
  if (isProduct(lower)) return "This is made of this product’s name: choose another.";
  const part = parts.find((it) => lower.includes(it));
  if (part !== undefined) return `This contains “${part}” from your address, which makes it easier to guess.`;
  return "Long enough.";
}

let pause;
password.addEventListener("input", () => {
  clearTimeout(pause);
  pause = setTimeout(() => {
    advice.textContent = adviceOn(password.value);
  }, PAUSE);
});
