import type { Scene } from '../script.ts';
import { aliceAndBob } from './alice-and-bob.ts';
import { aliceAndCarol } from './alice-and-carol.ts';
import { aliceAndDave } from './alice-and-dave.ts';
import { aliceAndErin } from './alice-and-erin.ts';
import { aliceAndFrank } from './alice-and-frank.ts';
import { bobAndCarol } from './bob-and-carol.ts';
import { bobAndFrank } from './bob-and-frank.ts';
import { daveAndErin } from './dave-and-erin.ts';

export const conversations: readonly (readonly Scene[])[] = [
  aliceAndBob,
  aliceAndCarol,
  aliceAndDave,
  aliceAndErin,
  aliceAndFrank,
  bobAndCarol,
  bobAndFrank,
  daveAndErin,
];
