import { parseScript } from '../script.ts';

/** Chess by post, only faster: the Blackburne Shilling trap, move by move. */
export const bobAndFrank = parseScript(
  ['bob', 'frank'],
  `
@ 44 days ago, 19:15
bob: Alice says that you play. Would you care for a game? One move whenever we feel like it.
frank: With pleasure. I am rather out of practice. You have white.
bob: 1. e4

@ next day, 08:40
frank: e5

@ same day, 21:03
bob: 2. Nf3
frank: Nc6. Forgive my slowness, I had to find the board.

@ 4 days later, 12:18
bob: 3. Bc4, the good old Italian

@ 3 days later, 18:57
frank: Nd4. I may have touched the wrong piece. Never mind. Touched is moved.
bob: You're sure? You can have it back. Your pawn on e5 is hanging.
frank: Very kind. A mistake is a mistake.

@ 2 days later, 20:30
bob: 4. Nxe5 then. Sorry!

@ 5 days later, 11:11
frank: Qg5

@ same day, 19:42
bob: 5. Nxf7! Queen and rook at once. I do feel bad, Frank.
frank: Please do not.

@ 9 days ago, 17:05
frank: Qxg2
bob: 6. Rf1, that holds everything

@ 4 days ago, 10:26
frank: Qxe4+
bob: Hm
bob: 7. Be2. Now you're out of checks, and I take your rook.

@ 2 days ago, 19:48
frank: Nf3, mate.
bob: ...
bob: Out of PRACTICE?
frank: I had to find the board, that part was true. Another? You may have white again. 🙂
`,
);
