import { parseScript } from '../script.ts';

/** Colleagues, and then friends. */
export const aliceAndDave = parseScript(
  ['alice', 'dave'],
  `
@ 202 days ago, 09:31
dave: Moving our review talk here, as agreed: the official channel has 400 people in it and one of them is my old teacher
alice: Welcome! House rule: every complaint about code ends with something nice
dave: Your function is 200 lines long. Your handwriting is lovely.
alice: You've understood the rule

@ 2 days later, 11:02
dave: So, about my "small fix"
alice: 47 files, Dave
dave: It started as one! I pulled at a thread and the thread was holding up the building
alice: I've read it all. Three notes:

  1. The retry loop has no end. If the ferry company's server is down we will ask it politely, ten times a second, for ever.
  2. "isNotDisabled" made me lie down.
  3. The test called "works" – what does it do, apart from hoping?

  Something nice: the error messages are the best in the whole code base. I'd like to be told off by this program.
dave: 1 is fair. 2 is very fair. 3 hurts, because it does only hope.
dave: How would you bound the loop?
alice: Something like this:

  for (let attempt = 1; attempt <= 5; attempt++) {
    const answer = await ask(port);
    if (answer) return answer;
    await pause(attempt * attempt * 100);
  }
  throw new PortDidNotAnswer(port);
dave: Squares, so that it's soon patient. Nice. And then the error is honest.
alice: An honest error is half an apology

@ same day, 15:48
dave: Pushed. 12 files now. "isNotDisabled" is "isOpen". Could you look again?
alice: Looking
alice: Approved, with joy. Three fewer negations in the world ✅

@ 171 days ago, 22:36
dave: Are you near a computer? All timetables say 1 January 1970
alice: Oh dear. Everybody's ferry left fifty years ago
dave: I changed nothing today, I swear on my bicycle
alice: Seconds where there should be milliseconds? Has the port changed its feed?
dave: They did. This evening. "Minor improvement."
alice: Then compare the size: anything below a hundred thousand million must be seconds. Ugly, but it lets people go to bed. Tomorrow we'll write to them.
dave: Deployed. The ferries are back in this century. Thank you!!
alice: Sleep well. Put in a test that doesn't only hope 😴

@ next day, 09:05
dave: Test is in. It's called "ferries leave in the future".

@ 63 days ago, 16:20
alice: Have you got a moment? In person, by the window, with cake
dave: Oh no
dave: What kind of cake
alice: Apricot
dave: That's the leaving kind

@ same day, 17:55
dave: A telescope though
alice: A telescope though
dave: I'm not going to pretend I'm not sad. But you were glowing. You should hear yourself say "declination".
alice: You'll be a splendid lead. You're the only one here who deletes more than he writes.
dave: Learned it from somebody

@ 33 days ago, 18:31
dave: Your desk looks like a missing tooth
alice: Look under the keyboard
dave: ...
dave: "isNotGoodbye". You had it PRINTED. On a mug.
alice: ☕

@ 15 days ago, 20:12
dave: Unrelated question. What does Erin like? In general. As a person.
alice: Unrelated to what?
dave: To everything
alice: Figs, terrible puns, trains, being asked things directly
dave: Hm. Directly.
alice: Directly, Dave.

@ 4 days ago, 13:07
dave: Where did you put the script that wakes the night import?
alice: tools/rooster
dave: Of course it's called rooster
alice: It takes a date. If it complains, it's right.
dave: It complained. It was right. Thanks! Good luck with your comet 🌠

@ 1 day ago, 17:02
dave: Is there room on the roof for one more? I'd bring soup spoons... and possibly someone from Valencia
*alice: DAVE. Yes. Yes to both of you. Yes to the spoons!
`,
);
