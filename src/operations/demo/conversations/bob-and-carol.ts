import { parseScript } from '../script.ts';

/** What became of the cat. */
export const bobAndCarol = parseScript(
  ['bob', 'carol'],
  `
@ 93 days ago, 10:20
bob: Dear Carol, the reward said cake. What kind would you like?
carol: For standing on the stairs with a broom? Nonsense. Walnut.
bob: Walnut it is
carol: How is the gentleman?
bob: He's been asleep for thirteen hours, and when he wakes he looks at me as though I had been lost.

@ 2 days later, 16:37
carol: The cake is excellent. I gave a slice to the engineer, and he has bled my radiators again for nothing.
bob: An economy built on walnuts

@ 79 days ago, 09:44
carol: Are you missing anything?
bob: No? Oh no. Grey?
carol: Grey, on my sofa, on the good cushion. He came in through the coal hatch and up three floors, and he knocked.
bob: He KNOCKED?
carol: He leaned on the door until it was answered. I call that knocking.
bob: I'm on my way
carol: There's no hurry. We're watching the cycling.

@ 24 days ago, 12:02
bob: Operation Soup: you keep Alice in the house until seven, I hide nineteen people
carol: I shall say something about the gas.
bob: She'll never believe it
carol: They never do, but they stay to hear the rest.

@ 8 days ago, 15:26
carol: He has caught his first mouse. It was made of felt. I'm still very proud.
bob: I'll put it in his papers 🐭
*bob: By the way: walnut again on your birthday, or shall I be daring?
`,
);
