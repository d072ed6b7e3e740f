const WORDS =
  `the of and to in is you that it was for on are as with his they at be this have from or one had by word but
not what all were we when your can said there use an each which she do how their if will up other about out many then
them these so some her would make like him into time has look two more write go see number no way could people my than
first water been call who oil its now find long down day did get come made may part tomorrow meeting coffee train late
thanks great lunch photo weekend question answer soon maybe call me back office review draft sent please`.split(
    /\s+/,
  );

/** No more: PostgreSQL counts characters from the start for each message that it cuts. */
const CHARACTERS = 3_000;

/** A text of ordinary words, always the same, from which messages are cut. */
export function corpus(): string {
  let text = '';
  // A linear congruential generator (Numerical Recipes' constants): the same words in every run.
  for (let state = 1; text.length < CHARACTERS; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    text += `${WORDS[(state >>> 8) % WORDS.length]} `;
  }
  return text.slice(0, CHARACTERS);
}
