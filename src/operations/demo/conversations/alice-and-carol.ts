import { parseScript } from '../script.ts';

/** Two floors of one old house. */
export const aliceAndCarol = parseScript(
  ['alice', 'carol'],
  `
@ 204 days ago, 18:47
carol: Good evening from the third floor! Bob gave me the address of your boots.
alice: Carol! Welcome! No more notes in the letter box
carol: I liked the notes. I'll go on writing them, but now also here.
alice: Deal 📝

@ 182 days ago, 19:12
alice: Strange favour: would you water my plants for four days in three weeks?
carol: Yes
alice: I haven't said which
carol: Yes to all of them. I've been looking at that fern through your window for two years.
alice: It isn't well
carol: It's not unwell. It's misunderstood.

@ 160 days ago, 08:15
alice: Keys are under the boots. The fern gets a little every day, the cactus gets nothing, the basil gets whatever it demands.
carol: Have a lovely trip! I shall talk to them about the sea.

@ 2 days later, 17:40
carol: Report: fern has a new leaf. Basil is fine and rude. The cactus and I have an understanding.
alice: You're a wonder. The sea says hello 🌊

@ 100 days ago, 07:03
carol: Is your water cold too?
alice: I've just found out. I'm more awake than I've ever been.
carol: The radiators as well. I've put my hand on all six. It's like shaking hands with statues.
alice: I'll ring the caretaker
carol: He's on holiday. There is a machine, and the machine says that he's on holiday.

@ same day, 12:25
alice: The heating company can come "from Thursday to the following Thursday, in the morning or later".
carol: So a week of waiting for somebody at all hours. I did that once, and then I married him.
alice: 😂
carol: I have two hot-water bottles. I'll hang one on your door.

@ 2 days later, 19:30
alice: Cooked on all four rings just for the warmth. There's enough soup for the stairwell. Come down?
carol: Already in my slippers. Two minutes.

@ 94 days ago, 08:50
carol: THE ENGINEER IS HERE. He's in the cellar. He has a torch and an assistant and a very good coat.
alice: I'll come down and show him the valve

@ same day, 09:24
alice: Carol. Don't let anybody out of the front door.
carol: Why? Burglars?
alice: Cat
carol: I'm on the stairs with a broom and a smile.

@ same day, 18:05
carol: Warm! My radiator made a noise like a small train, and now it's warm.
alice: The engineer wrote it into his report. I've seen it:

  "Burner jet cleaned, pump replaced, pressure set to 1.6 bar.
  Foreign object (cat) removed by owner."
carol: Please let me have a copy of that. For the wall.

@ 23 days ago, 14:10
carol: You'll be out this evening, won't you? I'm only asking because of the gas reading.
alice: The gas reading in the evening?
carol: They are very modern now.
alice: Carol, are you up to something
carol: I'm seventy-one, dear, I'm up to everything.

@ next day, 11:32
alice: Gas reading!!!
carol: Wasn't it lovely? I danced with your father. He counts aloud.

@ 5 days ago, 20:16
alice: The fern has had a baby. There's a second one in the pot.
carol: I told you. It only wanted to be talked to.
alice: What did you SAY to it?
carol: That's between the fern and me 🌿

@ 52 minutes ago
*carol: Are you at home? There is a pigeon in the stairwell.
*carol: It's gone up to the second floor and is looking at your doormat.
*carol: Don't hurry. I've opened the window and read to it from the newspaper, but it prefers your doormat.
*carol: It has laid an egg. On the doormat. I believe you'll have to use the window from now on. 🥚
`,
);
