import { parseScript } from '../script.ts';

/** A night train, a cat, and a change of jobs. */
export const aliceAndBob = parseScript(
  ['alice', 'bob'],
  `
@ 212 days ago, 20:14
bob: Is this thing on?
alice: It's on! Welcome to my cupboard 🎉
bob: Your cupboard?
alice: The server is the little box between the vacuum cleaner and the winter boots. Everything you write to me now lives next to my boots.
bob: I've never felt so looked after
bob: What happens if you vacuum?
alice: Nobody knows. It has never come up.

@ 2 days later, 12:31
bob: Lunch?
alice: Can't, reviewing something of Dave's that has 47 files and the title "small fix"
bob: I'll eat your half of the dumplings in your honour
alice: A true friend

@ 198 days ago, 21:02
bob: Serious question. When were we last on a holiday that wasn't somebody's wedding?
alice: Does the dentist in the next town count?
bob: It does not
alice: Then never
bob: There's a night train to Trieste. You fall asleep here and wake up with the sea in the window.
alice: Sea in the window 😍
bob: And the coffee there has its own vocabulary. You order a "nero" and get an espresso, you order a "capo" and get something small and perfect, you order "a coffee" and get pity.
alice: I'm in. I was in at "night train".

@ next day, 08:09
alice: I dreamt we missed the train because you were arguing with a vending machine
bob: That's not a dream, that's Lyon

@ 176 days ago, 19:46
alice: OK, planning. I made a list.
bob: Of course you did
alice: Trieste, draft 3:
  1. Night train there, two beds, not the seats (we are no longer 22)
  2. Three nights in the place with the green shutters
  3. One day: the cliff path, from the castle along the coast
  4. One day: absolutely nothing, at the sea
  5. One day: a cave so large that they say a cathedral would fit in

  Open: who feeds Minister, who waters my plants, who tells your mother.
bob: What happened to drafts 1 and 2?
alice: Draft 1 had a budget. It was sad.
bob: I can do the beds. Upper or lower?
alice: Upper. I want to feel like luggage.
bob: Carol for the plants? She's upstairs anyway
alice: Already asked, she said yes before I'd finished the sentence. And the cat?
bob: My neighbour's daughter. She is nine and charges by the hour. She has a receipt book.

@ 3 days later, 22:20
bob: Booked! Car 24, beds 61 and 62. It leaves at 21:17.
alice: 🚂🚂🚂
bob: Please be at the station at 20:30
alice: So you'll say 20:30 and I come at 21:00 and we both pretend
bob: I know you. 20:30 IS the pretending.

@ 161 days ago, 13:12
alice: Packing list please, the short one
bob: Passport. Toothbrush. Swimming things. A jumper, because of the bora.
alice: Who is Bora?
bob: A wind. It has its own museum, and on bad days they put ropes along the streets so that people don't blow away.
alice: Holding on to you then. You're dense.
bob: Thank you?

@ next day, 20:34
bob: I'm at the station. It is 20:34. I'm not saying anything.
alice: Tram. Two stops. Carrying a cake.
bob: Why is there a cake
alice: For the train!! It's a long night!
bob: I take back everything I wasn't saying

@ 155 days ago, 19:20
alice: I am on my sofa and it's not moving and I miss it moving
bob: I keep ordering "un capo in b". The bakery downstairs is worried about me.
alice: Best bit? Mine: breakfast in the corridor of the train, in socks, with the sea suddenly there as if somebody had pulled a cloth away. I've been thinking about it all day. I'd been telling myself for a year that I was tired because of work, and then four days of walking up hills and I wasn't tired at all. I think I'm not tired. I think I'm bored. That's a rather bigger thing to find in a suitcase than sand.
bob: Mine was you shouting "HELLO CAVE" and the cave taking its time.
bob: But yours is important. Say more when you want to. I'm good at sitting next to people who are thinking.
alice: I know. ❤️
bob: Also there IS sand, I've just emptied my shoes on the carpet

@ 121 days ago, 21:38
alice: Are you awake enough for a secret?
bob: I'm brushing the cat, so I'm at the peak of my powers
alice: There's a job at the observatory. They need someone for the software that points the telescope.
bob: THE telescope? On the hill?
alice: The very one. Half of it is older than me and the other half was written by a man called Piet, who retired and left a notebook. By hand. With drawings.
bob: You'd be so happy. You'd be unbearable.
alice: Nobody at work knows. Dave least of all, he'd be so nice about it that I'd cry.
bob: My lips are sealed. Minister's too, though he can be bought.
alice: Should I?
bob: You've just described a notebook to me the way others describe their children. You know already.

@ 3 days later, 07:52
alice: Sent it. Application's off. Don't say anything.
bob: 🤐🔭

@ 96 days ago, 06:58
bob: Minister's gone
alice: What? Since when?
bob: He was out last night as always, and always he's on the mat at six. He isn't on the mat.
bob: I've shaken the biscuit tin in three streets. In pyjamas.
alice: Stay there. I'm putting shoes on.

@ same day, 12:40
alice: Poster, tell me if it's right:

  MISSING: MINISTER
  Large grey tomcat, white chin, disappointed expression.
  Answers to his name, to "fish", and to the sound of someone sitting down with a newspaper.
  Please look into sheds, garages and cellars!
  Reward: cake.
bob: "Disappointed expression" 😭 that's him
alice: I'm printing forty. The copy shop man has a cat too, he won't take money.

@ same day, 22:11
bob: Nothing. It's raining.
alice: He is a big clever animal with a fur coat. He'll be somewhere dry, judging somebody.
bob: The flat's so quiet. Who knew that such a lazy cat makes so much noise.
alice: Want company? I can bring the bad film.
bob: Yes please

@ 94 days ago, 09:27
alice: BOB
alice: BOB PICK UP YOUR PHONE
bob: I was in the shower, what
alice: The heating engineer is in our cellar because of the boiler and there is a LARGE GREY CAT ON THE BOILER
bob: White chin??
alice: White chin, and an expression as if we were late
bob: I'm running
alice: Carol's on the stairs so that he can't get out. The engineer says he won't touch anything until "the boss" has left.

@ same day, 21:15
bob: He's eaten two tins, he's asleep on my feet, and I'm not going to move until the weekend.
alice: So our boiler was broken, and he found the last warm pipe of the house and moved in. He went through the coal hatch. It's been shut since the war, Carol says.
bob: I owe you forty posters, one cake and my life
alice: The cake will do

@ 72 days ago, 18:33
alice: Had the interview!
bob: AND
alice: They asked what I'd do with Piet's notebook. I said: read it twice before I touch anything. The old lady at the end of the table wrote something down and underlined it.
bob: Underlined!
alice: Then they let me move the telescope. Three degrees. It hums, Bob. The whole floor hums.
bob: I'm smiling at a wall

@ 64 days ago, 11:04
alice: I got it.
alice: I got it I got it I got it
bob: 🎉🎉🎉🔭🎉🎉🎉
bob: I've just shouted in an open-plan office. They think I won something. I said I did.
alice: Now I have to tell Dave
bob: Bring cake. You always say it's the only way to deliver news

@ 30 days ago, 19:58
bob: Well? First day?
alice: I have a badge, a chair, a key that's as long as my hand, and a view of the whole city. At four they make tea in a pot the size of a child. Nobody said "quick sync" even once.
bob: And Piet's notebook?
alice: Page 1: "Before anything else, check if it is cloudy."
bob: I'd follow that man into battle

@ 22 days ago, 23:49
alice: You. You liar. "Just a quick soup at my place."
bob: There was soup
alice: There were nineteen people and my FATHER behind a curtain
bob: He'd been behind that curtain for forty minutes. He asked for a chair and a crossword.
alice: Thank you. Really. Erin came all the way from Valencia! I cried into the tiramisu
bob: It made the tiramisu better. Happy birthday, old friend 🕯️

@ next day, 10:41
alice: Question. Did Dave and Erin do the washing-up for two hours?
bob: There were eleven plates
alice: Exactly
bob: 👀

@ 9 days ago, 17:26
bob: Do you still have my big pot?
alice: Define "still"
bob: Alice
alice: It's at the observatory. We're making soup on the roof when the comet comes. You're invited, so is the pot.
bob: Then I'm lending it with full awareness and consent

@ 2 days ago, 20:03
bob: Your father has mated me in seven moves. SEVEN. With a knight. My king was surrounded by his own people, like a bad party.
alice: He rang me to tell me. He never rings. He said "please don't mention it to Bob", and then described the board.
bob: I sacrificed my dignity in the centre and got nothing for it
alice: He did that to me when I was eight. I've never opened with the king's pawn again.
bob: You could have WARNED me
alice: And spoil it for him? 😇

@ 1 day ago, 18:22
alice: Cloud forecast for the comet: clear! The old lady says so, and she goes by her knee.
bob: The knee has spoken. What do I bring?
alice: Bread, a blanket, the cat if he behaves
bob: So bread and a blanket
alice: And warm socks, it's windy up there
bob: Bora?
alice: Her little sister 🌬️

@ 26 minutes ago
bob: Found the blanket. Minister was under it. Negotiations are under way.
alice: Offer him the newspaper
bob: He's taken the newspaper AND the blanket

@ 9 minutes ago
*alice: Small change of plan: the pot is too big for the observatory's cooker 🙈
*bob: Just thought: the cooker up there is tiny. Shall I bring the camping stove?
*alice: Could you bring your camping stove?
*bob: It's in the cellar, give me ten minutes
*alice: And spoons. Nobody ever thinks of the spoons. 🥄
`,
);
