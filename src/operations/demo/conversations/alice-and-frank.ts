import { parseScript } from '../script.ts';

/** A father learns to write short messages. */
export const aliceAndFrank = parseScript(
  ['alice', 'frank'],
  `
@ 186 days ago, 10:03
frank: Dear Alice,

  this is your father. The young man next door has set up the machine, and I am told that you receive this at once. I find that hard to believe, and shall therefore also post it.

  It is mild here. The gutter has been seen to. Mrs Lindqvist sends her regards and eleven jars of plum jam.

  With love,
  your father
  (Frank)
alice: Hi Dad!! 😊 It came at once!
frank: Dear Alice,

  remarkable.

  Your father
alice: You don't have to sign, it says your name above each message
frank: Dear Alice,

  so it does. But it feels rude to leave without a word.

  Your father

@ 2 days later, 09:12
frank: Dear Alice, the letter of the day before yesterday has not come here yet. Has it arrived with you? Your father
alice: Today! It has a stamp with a heron on it. It's on the fridge.
frank: Then both systems work.

@ 166 days ago, 17:20
frank: What is the small yellow face with the drop on its forehead?
alice: 😅 That one? Relief, or slight embarrassment
frank: I have sent it to the dentist.
alice: That's fine, Dad
frank: Twice.

@ 152 days ago, 11:45
alice: Back from the sea! I brought you coffee, and a bag of salt from the salt pans.
frank: Your mother and I were in Trieste in our second year. We had money for one ice cream. She said: let us buy it late, then we can look forward to it all day.
frank: I had not thought of that for a long while. Thank you for bringing it back together with the salt.
alice: Oh Dad. ❤️ What kind was it?
frank: Hazelnut. She let me have the end of the cone.

@ 62 days ago, 19:02
alice: Dad, I've got news, and I want to tell you before the stamp gets there: I'm going to work at the observatory!
frank: The one on the hill? With the dome?
alice: With the dome!
frank: When you were five you asked me who switches them on. The stars. I said I would find out. I never did.
frank: Please find out.
alice: I will. 🌟
frank: I am going to walk round the garden once now.

@ 30 days ago, 07:15
frank: Today is your first day. Eat breakfast. Good luck. F.
alice: "F."! You've become so modern
frank: Time is short in the mornings.

@ 20 days ago, 16:33
alice: Did you get home all right after the party?
frank: Yes. I enjoyed standing behind the curtain. One hears a great deal. Your friend Bob hums while he cooks, and the tall one, Dave, practised in the corridor how to say good evening to somebody.
alice: Who to?? 😄
frank: A gentleman behind a curtain does not tell.
alice: And you danced with Carol!
frank: She led.

@ 6 days ago, 18:50
alice: On the night of the comet we're on the observatory's roof with soup. I'd love it if you came. There's a lift. And chairs. And no curtain.
frank: I saw the last one with your mother in 1986, from the allotment, with my coat over both of us. One could hardly see it. We said that it was magnificent.
alice: Is that a yes?
frank: I have already brushed the coat.

@ 2 days ago, 20:31
frank: 😅
alice: Relief or embarrassment?
frank: Triumph. You did not learn that from me, but from Bob, within the hour, I expect.
alice: Within a quarter of an hour 😂 Poor Bob
`,
);
