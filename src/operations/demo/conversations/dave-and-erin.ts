import { parseScript } from '../script.ts';

/** After eleven plates. */
export const daveAndErin = parseScript(
  ['dave', 'erin'],
  `
@ 20 days ago, 13:22
dave: Hello, this is Dave, from the sink
erin: Hello, Dave from the sink! I was hoping you'd dry your hands and write.
dave: I've still got your tea towel. It has lemons on it. Shall I post it?
erin: Keep it as a hostage.

@ 3 days later, 21:40
dave: I made your lentils. I salted them too early.
erin: And?
dave: They sulked

@ 14 days ago, 20:47
dave: I've been advised to ask things directly. So: would you like to talk on the phone some evening?
erin: Directly: yes. Now?
dave: Now??
erin: You asked directly.

@ next day, 00:38
erin: Three and a half hours. I'm teaching at eight. No regrets.
dave: I've got a review at nine and I've forgotten all words but "fig"

@ 5 days ago, 18:14
erin: How long is the train from Valencia to you, if one isn't in a hurry?
dave: Nineteen hours, two changes, one of them in a station with a palm garden. I may have looked it up before.
erin: Alice mentioned a comet.
dave: There's room on the roof, I think. I'll ask. I'll bring spoons.

@ 1 day ago, 17:20
dave: I've asked! She'll say yes, I'm sure of it
*erin: Too late, I've bought the ticket. I'm bringing lemons. 🍋
*erin: And I want to see my tea towel. Alive.
`,
);
