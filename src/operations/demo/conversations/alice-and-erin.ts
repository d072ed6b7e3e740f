import { parseScript } from '../script.ts';

/** Recipes, in whatever language they come. */
export const aliceAndErin = parseScript(
  ['alice', 'erin'],
  `
@ 197 days ago, 13:15
erin: ¡Hola, Alice! ¿Funciona esto?
alice: ¡Sí! Te leo perfectamente. (I looked up "perfectamente", and it was what I'd hoped.)
erin: ¡Muy bien! As agreed: I write Spanish, you answer in Spanish until it hurts, and then we talk about food.
alice: Ya duele. ¿Qué cocinas hoy?
erin: Jajaja. Hoy, arroz al horno. En casa de mi abuela siempre era jueves cuando había arroz al horno, o quizá era al revés.

@ 4 days later, 19:52
alice: Necesito ayuda. Mi tortilla está... ¿rota?
erin: Rota, no: "desestructurada". En un restaurante cuesta el doble.
alice: 😂 How do I turn it without a tragedy?
erin: A plate bigger than the pan. Breathe in. Think of somebody you have forgiven. Turn.
alice: ...
alice: ¡ENTERA! ¡Está entera! 🥔🥚

@ 149 days ago, 20:25
erin: How was Trieste? What did you eat? In this order.
alice: Wonderful, and: jota. It's a soup of beans and sauerkraut and patience. The landlady gave me the recipe, I typed it off her card exactly as it is:

  JOTA
  – 300 g di fagioli borlotti (in ammollo la sera prima!)
  – 500 g di crauti
  – 2 patate, 1 foglia d'alloro, aglio
  – "qualcosa di affumicato"

  Cuocere tutto piano piano. Il giorno dopo è più buona. Il terzo giorno è perfetta, ma non ci arriva mai.
erin: "On the third day it is perfect, but it never gets that far." That's not a recipe, that's literature.
alice: E tu? Was kochst du?
erin: Three languages in five words. I'm so proud of you.

@ 118 days ago, 12:48
erin: My new class has pupils from nine countries. I asked everyone for one sentence that they say before a meal. Look:

  Guten Appetit!
  Bon appétit et large soif !
  いただきます
  Καλή όρεξη!
  Smacznego!
  בתיאבון!
  صحتين وعافية
  맛있게 드세요
  Приємного апетиту!
alice: This is the most beautiful list I've ever been sent
erin: The boy from Aleppo says that the answer is "على قلبك", "onto your heart". He taught everyone. It was very loud.
alice: على قلبك ❤️ (copied, but meant)

@ 95 days ago, 20:10
alice: No hot water, no heating, and Bob's cat has run off. Tell me something nice.
erin: In Valencia a woman in front of me bought one single fig. The man at the stall wrapped it up like a ring.
alice: That helped. Gracias.

@ next day, 13:31
alice: ¡EL GATO! ¡Hemos encontrado al gato! ¡Estaba sobre la caldera!
erin: ¡¡Menos mal!! And look at you: "hemos encontrado", without thinking.
alice: I didn't even notice 😮

@ 62 days ago, 21:18
alice: Tengo trabajo nuevo. Con un telescopio.
erin: ¡¡¡ENHORABUENA!!! 🔭✨ So now you'll look at things that are even further away than your pan.
alice: Ha. ¿Cómo se dice "clear sky"?
erin: Cielo despejado. May you have many of them.

@ 19 days ago, 18:06
erin: Home again. My suitcase smells of tiramisu. What a party!
alice: I still can't believe that you came. ¿Y qué tal... la cocina? I hear there was a lot of washing-up.
erin: There were eleven plates.
alice: Everybody keeps telling me the number of plates
erin: He dries them one by one and says something kind about each. I've never seen anything like it.

@ 3 days ago, 21:44
alice: Quick, soup for twenty, on a roof, must be good even if it's cold and dark. Any ideas?
erin: Fácil. Lentils, carrots, cumin, a lot of lemon at the very end. One kilo of lentils for ten people, so two. Do not salt them before they're soft, or they will sulk.
alice: Two kilos of lentils. I need a bigger pot.
erin: You HAVE Bob's pot.
alice: How does everyone know about the pot
erin: Es una olla famosa. 🍲
alice: Te echo de menos. ¡Hasta pronto!
erin: Más pronto de lo que crees 😉
`,
);
